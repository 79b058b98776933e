package apply

import (
	"context"
	"errors"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/directive"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/session"
	"fastmigrate/core/runner"
)

// part is a migration that can be in one transaction with others: a script, or
// what a Runner runs.
type part struct {
	m    naming.Migration
	s    *plan.Script
	text []byte
	run  runner.Runner

	single error // why a Runner can have no backfill; nil: it can
}

// part reads a migration.
func (r *Run) part(ctx context.Context, m naming.Migration, from int) (p part, err error) {
	p.m = m
	switch run := r.O.Runners[m.Kind()]; {
	case KindsOf(r.O.Runners).Way(m.Kind()) == naming.SQL:
		if p.s, err = r.script(ctx, m); err != nil {
			return p, err
		}
		p.text = p.s.Text
		return p, p.s.CheckAtomic()
	case run != nil:
		p.run = run
		switch {
		case r.O.Atomic:
			p.single = fault.Of(fault.ErrApart, "it is many transactions, and cannot be in one with other migrations")
		case r.O.NoHistory:
			p.single = fault.Of(fault.ErrUnrecorded, "without a history it cannot be told how far it is")
		}
		if p.text, err = r.text(ctx, m); err != nil {
			return p, err
		}
		p.s = &plan.Script{Name: m.Name, Unchecked: directive.Read(m.Kind(), p.text).Unchecked}
		return p, nil
	case m.Kind() == "star":
		return p, fault.New(m.Name, fault.Of(fault.ErrRefused, "this program cannot run migrations in Starlark"))
	case KindsOf(r.O.Runners).Way(m.Kind()) == naming.Runner:
		return p, fault.New(m.Name, fault.Of(fault.ErrRefused, "its Runner is nil"))
	}
	return p, fault.New(m.Name, fault.Of(fault.ErrApart, "a program cannot be in one transaction with other migrations"))
}

// do does the work of the part in the open transaction, and gives the number of
// rows that it changed.
func (p part) do(ctx context.Context, x *session.Session) (rows int64, err error) {
	if err := x.Next(p.s); err != nil {
		return 0, err
	}
	if p.run != nil {
		return runner.Run(ctx, x, p.m, p.text, p.run, p.single)
	}
	for _, u := range p.s.Steps {
		if err := x.Unit(u); err != nil {
			return 0, err
		}
	}
	return x.Rows(), nil
}

// amongOthers is do for a part of several in one transaction.
func (p part) amongOthers(ctx context.Context, x *session.Session) (rows int64, err error) {
	was, err := x.Settings(p.s)
	if err != nil {
		return 0, err
	}
	do := func() (err error) {
		rows, err = p.do(ctx, x)
		return err
	}
	if p.s.Unchecked && !x.O.NoForeignKeyCheck {
		err = x.Foreign.Excused(do)
	} else {
		err = do()
	}
	if err != nil {
		return 0, err
	}
	return rows, x.SetBack(p.s, was)
}

// applyTogether applies migrations in one transaction: all of them or none.
func (r *Run) applyTogether(ctx context.Context, list []naming.Migration, from int) ([]Done, error) {
	var parts []part
	for _, m := range list {
		p, err := r.part(ctx, m, from)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	c, err := r.OpenWrite(ctx)
	if err != nil {
		return nil, fault.New("", err)
	}
	defer c.Close()
	if err := r.await(c, from); err != nil {
		return nil, err
	}
	var applied []Done
	x := session.New(r.DB, r.O.Config, c, nil, r.knowing)
	defer x.Close()
	by, do := forRunner, part.do
	if r.O.Atomic {
		by, do = forAtomic, part.amongOthers
	}
	x.Foreign.Late = r.O.Atomic
	for _, p := range parts {
		x.Edit.Expected = x.Edit.Expected || p.s.WritesSchema
		x.Foreign.Knowing = x.Foreign.Knowing || r.O.Atomic && p.s.Unchecked
	}
	err = x.Transact(func() error {
		version := from
		left, resumes, err := r.claim(c, by, from, list...)
		if err != nil {
			return err
		}
		for _, p := range parts {
			rec := history.New(p.m.Version, p.m.Name, p.text, version)
			rows, err := do(p, ctx, x)
			if err != nil {
				return err
			}
			if resumes { // and now it asks for no backfill
				return editedBackfill(left, p.m)
			}
			rec.Rows = rows
			if err := r.settle(r.DB, c, &rec, version); err != nil {
				return err
			}
			a := Done{Applied{Migration: p.m, Duration: rec.Took, Rows: rows, Statements: x.Statements}, x.Seen}
			if a.Seen != nil { // once all are committed, it cannot be told any more
				if err := a.Seen.End(); err != nil {
					return err
				}
			}
			version = max(version, p.m.Version)
			applied = append(applied, a)
		}
		return x.AtEnd()
	})
	if f := (*runner.Asked)(nil); errors.As(err, &f) { // nothing has been written yet
		a, err := r.applyBackfill(x, parts[0], f, from)
		if err != nil {
			return nil, err
		}
		return []Done{a}, nil
	}
	if err != nil {
		return nil, err
	}
	return applied, nil
}

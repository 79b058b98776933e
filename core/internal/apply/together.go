// How several migrations run in one transaction, and a single one that is no script but has
// a Runner. The invariant: all of them happen, or none.

package apply

import (
	"cmp"
	"context"
	"errors"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/backfill"
	"fastmigrate/core/internal/directive"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/session"
	"fastmigrate/core/runner"
)

// part is a migration that can be in one transaction with others.
type part struct {
	migration naming.Migration
	script    *plan.Script
	text      []byte
	runner    runner.Runner

	noBackfill error // why the Runner can have no backfill; nil if it can
}

// readPart reads a migration, and refuses one that cannot be in the transaction.
func (r *Run) readPart(ctx context.Context, m naming.Migration, from int) (p part, err error) {
	p.migration = m
	switch run := r.Opts.Runners[m.Kind()]; {
	case Kinds(r.Opts.Runners).Way(m.Kind()) == naming.SQL:
		if p.script, err = r.readScript(ctx, m); err != nil {
			return p, err
		}
		p.text = p.script.Text
		return p, p.script.CheckAtomic()
	case run != nil:
		p.runner = run
		switch {
		case r.Opts.Atomic:
			p.noBackfill = fault.Of(fault.ErrApart, "it is many transactions, so it cannot be in one with other migrations")
		case r.Opts.NoHistory:
			p.noBackfill = fault.Of(fault.ErrUnrecorded, "without a history its progress cannot be recorded")
		}
		if p.text, err = r.readText(ctx, m); err != nil {
			return p, err
		}
		p.script = &plan.Script{Name: m.Name, Says: directive.Read(m.Kind(), p.text)}
		return p, nil
	case m.Kind() == "star":
		return p, fault.New(m.Name, fault.Of(fault.ErrRefused, "this program cannot run migrations in Starlark"))
	case Kinds(r.Opts.Runners).Way(m.Kind()) == naming.Runner:
		return p, fault.New(m.Name, fault.Of(fault.ErrRefused, "its Runner is nil"))
	}
	return p, fault.New(m.Name, fault.Of(fault.ErrApart, "a program cannot be in one transaction with other migrations"))
}

// apply applies the part in the open transaction, and gives the number of rows that it
// changed.
func (p part) apply(ctx context.Context, x *session.Session) (rows int64, err error) {
	if err := x.LoadNext(p.script); err != nil {
		return 0, err
	}
	if p.runner != nil {
		return runner.Run(ctx, x, p.migration, p.text, p.runner, p.noBackfill)
	}
	for _, step := range p.script.Steps {
		if err := x.RunInside(step); err != nil {
			return 0, err
		}
	}
	return x.Rows(), nil
}

// applyAmongOthers is apply for a part of several: it leaves the connection as it was, and
// charges violations of foreign keys to the part that adds them.
func (p part) applyAmongOthers(ctx context.Context, x *session.Session) (rows int64, err error) {
	was, err := x.ReadSettings(p.script)
	if err != nil {
		return 0, err
	}
	do := func() (err error) {
		rows, err = p.apply(ctx, x)
		return err
	}
	if p.script.Says.Unchecked && !x.Opts.NoForeignKeyCheck {
		err = x.Foreign.Excuse(do)
	} else {
		err = do()
	}
	if err != nil {
		return 0, err
	}
	return rows, x.RestoreSettings(p.script, was)
}

// applyTogether applies migrations in one transaction: all of them or none.
func (r *Run) applyTogether(ctx context.Context, list []naming.Migration, from int) ([]Done, error) {
	var parts []part
	for _, m := range list {
		p, err := r.readPart(ctx, m, from)
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
	if err := r.awaitOthers(c, from); err != nil {
		return nil, err
	}
	x := session.New(r.DB, r.Opts.Config, c, nil, r.excuseExisting)
	defer x.Close()
	x.KeysAtEnd = r.Opts.Atomic
	for _, p := range parts {
		x.SchemaEdit.Expected = x.SchemaEdit.Expected || p.script.WritesSchema
		x.Foreign.ExcuseExisting = x.Foreign.ExcuseExisting || r.Opts.Atomic && p.script.Says.Unchecked
	}
	var applied []Done
	err = x.Transact(func() error {
		applied, err = r.applyParts(ctx, x, parts, from)
		return err
	})
	if job := (*backfill.Job)(nil); errors.As(err, &job) { // nothing has been written yet
		a, err := r.applyBackfill(x, parts[0], job, from)
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

// applyParts claims the migrations and applies them, in the open transaction.
func (r *Run) applyParts(ctx context.Context, x *session.Session, parts []part, from int) (applied []Done, err error) {
	by, do := forRunner, part.apply
	if r.Opts.Atomic {
		by, do = forAtomic, part.applyAmongOthers
	}
	var list []naming.Migration
	for _, p := range parts {
		list = append(list, p.migration)
	}
	left, resumes, err := r.claim(x.Conn, by, from, list...)
	if err != nil {
		return nil, err
	}
	version, whole := from, false // whether what commitKnown must know is known
	for i, p := range parts {
		rec := history.New(p.migration.Version, p.migration.Name, p.text, version)
		rows, err := do(p, ctx, x)
		if err != nil {
			return nil, err
		}
		if resumes { // and now it asks for no backfill
			return nil, editedBackfill(left, p.migration)
		}
		rec.Rows = rows
		whole = whole && x.Plain() && p.runner == nil
		commit := r.commitVersion
		if whole && p.migration.Version > version {
			commit = r.commitKnown
		}
		if err := commit(r.DB, x.Conn, &rec, version); err != nil {
			return nil, err
		}
		if i == 0 && len(parts) > 1 {
			if whole, err = history.Whole(x.Conn); err != nil {
				return nil, r.Diagnose(err)
			}
		}
		a := Done{Applied{Migration: p.migration, Duration: rec.Took, Rows: rows, Statements: x.Statements}, x.Witness, p.script.Says, p.text}
		if a.Witness != nil && i < len(parts)-1 {
			if err := cmp.Or(x.ReportBroken(), a.Witness.End()); err != nil {
				return nil, err
			}
		}
		version = max(version, p.migration.Version)
		applied = append(applied, a)
	}
	return applied, cmp.Or(x.ReportBroken(), x.CheckAtEnd())
}

// What is wrong with a copy before and after the migrations. The pages and indexes of a large
// database take long to check. What no migration touched is as it was, so that is not checked;
// and as only a table that is made again, or its indexes, can be mended, only that is checked
// before.

package rehearse

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fastmigrate/core"
	"fastmigrate/core/check"
	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/loss"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/regex"
)

// existing has the known problems before the migrations.
type existing struct {
	others  []string        // of all parts but the integrity
	damage  []string        // of the integrity, in what was checked
	checked map[string]bool // tables whose integrity was checked, by their names in lower case
	whole   bool            // the integrity of all was checked

	touched map[string]bool // tables, by their names in lower case
	unknown bool            // which tables were touched
}

// integrity begins a problem of that part.
const integrity = string(fault.Integrity) + ":"

// others are the parts that are quick to check.
var others = []fault.Part{fault.Journal, fault.ForeignKeys, fault.FullText, fault.Version, fault.History}

// findProblems returns the problems that a check of some parts finds in a private file; of all
// parts, if there are none.
func findProblems(ctx context.Context, path string, opts core.Options, parts ...fault.Part) ([]string, error) {
	opts.Trial, opts.Observer = &file.Trial{}, nil
	found, err := check.Within(ctx, path, opts, check.Scope{Parts: parts})
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return []string{err.Error()}, nil
	}
	list := []string{}
	for _, p := range found.Problems { // a migration that mends one of two leaves the same problem
		list = append(list, p.Kind())
	}
	return list, nil
}

// checkBefore checks what is quick to check, before the first migration.
func (t *twin) checkBefore(ctx context.Context, opts file.Config) (err error) {
	t.existing = existing{checked: map[string]bool{}, touched: map[string]bool{}}
	t.existing.others, err = findProblems(ctx, t.path, core.Options{LockTimeout: opts.LockTimeout, Logger: opts.Logger}, others...)
	return err
}

// mending matches statements that change pages and indexes of tables without any hook
// being called.
var mending = regex.New(`(?i)\b(VACUUM|REINDEX)\b`)

// checkEarlier checks the integrity of the tables that the migration may have mended, as they
// were before it, and keeps which it touched. Of a program, those are all.
func (t *twin) checkEarlier(ctx context.Context, opts file.Config, before *content, seen *loss.Trace, text []byte) error {
	e := &t.existing
	touched, known := seen.Touched()
	known = known && !mending.MatchString(string(text))
	for _, name := range touched {
		e.touched[name] = true
	}
	e.unknown = e.unknown || !known
	if e.whole || t.earlier.why != "" {
		return nil
	}
	if !known {
		e.whole = true
		damage, err := findProblems(ctx, t.earlier.path, core.Options{LockTimeout: opts.LockTimeout, Logger: opts.Logger}, fault.Integrity)
		e.damage = append(e.damage, damage...)
		return err
	}
	dropped, _ := seen.Dropped()
	dropped = slices.DeleteFunc(dropped, func(name string) bool { return e.checked[name] || before.Tables[name] == nil })
	damage, err := damageOf(ctx, t.earlierDB(opts), dropped)
	for _, name := range dropped {
		e.checked[name] = true
	}
	e.damage = append(e.damage, damage...)
	return err
}

// damageOf checks the integrity of some tables of a private database.
func damageOf(ctx context.Context, d *file.DB, tables []string) (problems []string, err error) {
	if len(tables) == 0 {
		return nil, nil
	}
	c, err := d.OpenRecover(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	for _, name := range tables {
		damage, err := file.IntegrityOf(c, sqlite.Quote(name))
		if e := (*sqlite.Error)(nil); errors.As(err, &e) && e.Primary() == sqlite.Corrupt {
			damage, err = append(damage, "table "+name+": "+e.Msg), nil
		}
		if counted(err) != nil {
			return problems, d.Diagnose(err)
		}
		for _, line := range damage {
			problems = append(problems, integrity+" "+line)
		}
	}
	return problems, nil
}

// check returns the problems that there were before the migrations, and those after all. If
// more than migrations may have changed the copy, all of it is checked.
func (t *twin) check(ctx context.Context, opts core.Options, besides bool) (existing, problems []string, err error) {
	e := t.existing
	if t.first == nil || besides || e.unknown {
		if problems, err = findProblems(ctx, t.path, opts); err != nil || t.first == nil {
			return []string{}, problems, err
		}
	} else {
		touched, err := damageOf(ctx, t.copyDB(opts.Config().File()), slices.Sorted(maps.Keys(e.touched)))
		if err != nil {
			return nil, nil, err
		}
		if problems, err = findProblems(ctx, t.path, opts, others...); err != nil {
			return nil, nil, err
		}
		if touched == nil {
			return withDamage(e.others, e.damage), problems, nil
		}
		if problems, err = findProblems(ctx, t.path, opts); err != nil { // the two are the same to the letter then
			return nil, nil, err
		}
	}
	if !slices.ContainsFunc(problems, func(p string) bool { return strings.HasPrefix(p, integrity) }) {
		return withDamage(e.others, e.damage), problems, nil
	}
	existing, err = t.checkOriginal(ctx, opts)
	return existing, problems, err
}

// withDamage adds what was found of the integrity to the problems of the other parts, in the
// order of a check. It never returns nil.
func withDamage(others, damage []string) []string {
	at := slices.IndexFunc(others, func(p string) bool { return !strings.HasPrefix(p, string(fault.Journal)+":") })
	if at < 0 {
		at = len(others)
	}
	return append([]string{}, slices.Concat(others[:at], damage, others[at:])...)
}

// checkOriginal checks all of the database as it was before the migrations: in the kept copy, or
// if that is of a later moment, in another one.
func (t *twin) checkOriginal(ctx context.Context, opts core.Options) ([]string, error) {
	if t.earlier.path != "" && t.earlier.why == "" && !t.earlier.again {
		return findProblems(ctx, t.earlier.path, opts)
	}
	dir, err := os.MkdirTemp(filepath.Dir(filepath.Dir(t.path)), "before-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, filepath.Base(t.path))
	original := &file.DB{Name: t.name, Shown: t.shown, Path: t.original, Config: opts.Config().File()}
	if err := copyAside(ctx, original, path); err != nil {
		return nil, err
	}
	return findProblems(ctx, path, opts)
}

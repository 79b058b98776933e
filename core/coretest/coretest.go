// Package coretest checks migrations that have no tests of their own. In the tests of a
// program that embeds its migrations:
//
//	func TestMigrations(t *testing.T) {
//		coretest.Check(t, migrations, coretest.Options{})
//	}
//
// Each migration is applied to a database without rows, and to one whose tables got rows at every
// version that created, changed or wrote to them: rows that the schema permits, but that the author
// of the migration may not have expected. The check finds a migration that fails on one of them;
// rows, indexes and triggers that a rebuild forgets; values that it changes; views and triggers
// that it breaks; rows without their parent; a schema that depends on the rows; and changes that
// remain if the migration is stopped at any of its statements.
//
// The text of a migration shows which changes are intended: it may delete rows if it has a
// DELETE FROM that table, drop an index or a trigger if it has a DROP, and change a type if
// it has a CAST or assigns the column. An index may also disappear with a column that it was
// on, or be replaced by another on the same columns.
package coretest

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"fastmigrate/core"
	"fastmigrate/core/input"
	"fastmigrate/core/internal/directive"
	"fastmigrate/core/temp"
)

// Options changes what is checked. The zero value checks everything.
type Options struct {
	// Core is passed to package core: Runners for migrations in Starlark, Python,
	// Shell, NoForeignKeyCheck, ScriptTimeout, the Originals of Trial. To, Backup,
	// OnApplied and Observer have no effect.
	Core core.Options

	// From is the first version at which tables are given rows. Earlier migrations are
	// applied but not checked; use it to skip migrations that are deployed everywhere. Zero:
	// the first.
	From int

	// Rows is how many rows a table is given at each version. Zero: 8.
	Rows int

	// NoPrograms ends the checks before the first migration that may do something outside of
	// the database: a .py or .sh, or a .sql with ATTACH. The ones after it cannot be checked
	// without it. If false, such a migration runs to its end, once without rows and once
	// with them, and is never stopped.
	NoPrograms bool

	// OnChecked is called after each migration. If nil, no one is notified.
	OnChecked func(Checked)
}

// Checked is the result of checking one migration. Its lists are never nil.
type Checked struct {
	core.Migration
	Duration time.Duration `json:"nanoseconds"`
	Stops    int           `json:"stops"` // statements at which it was stopped and run again
	Problems []Problem     `json:"problems"`
	Notes    []string      `json:"notes"`   // parts that could not be checked
	Skipped  bool          `json:"skipped"` // it was not checked

	says directive.Directives // what its comments ask for
}

// Problem is a problem in a migration, with its place.
type Problem struct {
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`   // from 1; 0 if unknown
	Column  int    `json:"column,omitempty"` // in characters from 1
	Source  string `json:"source,omitempty"` // the text of Line
	Message string `json:"message"`
	Output  string `json:"output,omitempty"` // the last lines that a program printed
	Err     error  `json:"-"`                // the cause; nil if the migration did not fail
}

// Error returns "0003-phone.sql:7:12: rows lost: ...".
func (p Problem) Error() string {
	if p.Line == 0 {
		return p.File + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
}

// Unwrap returns the cause.
func (p Problem) Unwrap() error { return p.Err }

// T is the part of a *testing.T that [Check] needs.
type T interface {
	Helper()
	Context() context.Context
	Errorf(format string, args ...any)
	Logf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Check fails the test for each problem that [Run] finds, and logs the notes.
func Check(t T, fsys fs.FS, opts Options) {
	t.Helper()
	list, err := Run(t.Context(), fsys, opts)
	if err != nil {
		t.Fatalf("%v", err)
	}
	for _, m := range list {
		for _, p := range m.Problems {
			t.Errorf("%v", p)
		}
		for _, n := range m.Notes {
			t.Logf("%s: %s", m.Name, n)
		}
	}
}

// Run checks the migrations of fsys, in its own databases in a temporary directory, and
// returns the result for each, in order. Problems of migrations are not errors. Errors:
// those of [core.Migrations] and [core.NoMigrations], of the temporary directory, and the
// cause of ctx; the results before an error are returned too.
func Run(ctx context.Context, fsys fs.FS, opts Options) ([]Checked, error) {
	list, misnamed, err := opts.Core.Migrations(fsys)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, core.NoMigrations(misnamed)
	}
	var beside []string
	trial := core.Trial{}
	if opts.Core.Trial != nil {
		trial.Originals = opts.Core.Trial.Originals
	}
	for _, path := range trial.Originals {
		beside = append(beside, filepath.Dir(path))
	}
	dir, err := temp.Scratch(temp.Plain, beside...)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	if opts.Rows == 0 {
		opts.Rows = 8
	}
	c := &checker{Options: opts, fsys: fsys, empty: filepath.Join(dir, "empty.db"), full: filepath.Join(dir, "rows.db"), copy: filepath.Join(dir, "copy.db"), noted: map[string]bool{}, list: list}
	defer c.onEmpty.Close()
	defer c.onFull.Close()
	if c.others, err = fs.ReadDir(fsys, "."); err != nil {
		return nil, err
	}
	c.others = slices.DeleteFunc(c.others, func(e fs.DirEntry) bool {
		return slices.ContainsFunc(list, func(m core.Migration) bool { return m.Name == e.Name() })
	})
	c.Core.Trial, c.Core.Observer, c.Core.Backup, c.Core.OnApplied = &trial, nil, false, nil
	for _, path := range []string{c.empty, c.full} {
		if _, _, err := core.CreateDB(ctx, path, c.Core); err != nil {
			return nil, err
		}
	}
	var checked []Checked
	for _, m := range list {
		start := time.Now()
		one := Checked{Migration: m, Problems: []Problem{}, Notes: []string{}}
		text, err := input.FS(ctx, fsys, m.Name, input.MaxMigration)
		if c.over = c.over || err == nil && opts.NoPrograms && actsOutside(m, text); c.over {
			one.Skipped = true
		} else if err == nil {
			err = c.check(ctx, &one, text)
		}
		if err != nil {
			return checked, err
		}
		if ctx.Err() != nil {
			return checked, context.Cause(ctx)
		}
		one.Duration = time.Since(start)
		checked = append(checked, one)
		if opts.OnChecked != nil {
			opts.OnChecked(one)
		}
	}
	return checked, nil
}

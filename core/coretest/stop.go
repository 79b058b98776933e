package coretest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"fastmigrate/core/internal/abort"
	"fastmigrate/core/internal/sqlite"
)

// errStopped ends a migration as a kill would.
var errStopped = errors.New("it was stopped")

// maxStops is at how many of its statements a migration is stopped; of more, the
// first, the last and others in between are taken, so that about maxRun statements
// run and maxRead bytes are read.
const (
	maxStops = 100
	maxRun   = 100_000
	maxRead  = 1 << 30
)

// countStatements counts the statements of a migration.
func countStatements(ctx context.Context, n *int) context.Context {
	return abort.With(ctx, func() error { *n++; return nil })
}

// stopEverywhere ends the migration before each of its statements, in a copy of what the
// database was, and runs it again: it must be as before, and come to what it is
// after the migration. A migration in steps keeps the steps that are done.
func (c *checker) stopEverywhere(ctx context.Context, one *Checked, was []byte, after *state, statements int, steps bool) error {
	same := false // the copy is as before
	stops := max(2, min(maxStops, maxRead/(len(was)+1), maxRun/(statements+1)))
	by := (statements + stops - 1) / stops
	for k := 1; k <= statements; k = min(k+by, max(k+1, statements)) {
		if !same {
			if err := writeFile(c.copy, was); err != nil {
				return err
			}
		}
		n := 0
		_, err := c.migrate(abort.With(ctx, func() error {
			if n++; n == k {
				return errStopped
			}
			return nil
		}), c.copy, one.Migration)
		if ctx.Err() != nil {
			return nil
		}
		one.Stops++
		when := fmt.Sprintf("stopped before statement %d of %d", k, statements)
		if err == nil {
			one.problem("%s, it counts as applied", when)
			return nil
		}
		now, err := c.readFile(ctx, c.copy)
		if err != nil {
			return err
		}
		if same = bytes.Equal(now, was); same && k < statements {
			continue
		}
		if !same && !steps {
			if err := c.differs(ctx, one, when, was); err != nil {
				return err
			}
		}
		if _, err := c.migrate(ctx, c.copy, one.Migration); err != nil {
			one.fail(when+" and run again: ", err)
			return nil
		}
		again, err := readState(ctx, c.copy, c.Core)
		if err != nil {
			return err
		}
		if !again.same(after) {
			one.problem("%s and run again, it does something else than at once", when)
			return nil
		}
		same = false
	}
	return nil
}

// differs reports that the copy holds something else than it did: the bytes of a
// database may change without that.
func (c *checker) differs(ctx context.Context, one *Checked, when string, was []byte) error {
	now, err := allRows(ctx, c.copy)
	if err != nil {
		return err
	}
	old := c.copy + ".was"
	if err := writeFile(old, was); err != nil {
		return err
	}
	before, err := allRows(ctx, old)
	if err == nil && !slices.Equal(now, before) {
		one.problem("%s, the database is not as before", when)
	}
	return err
}

// allRows is every row of the database, as SQL.
func allRows(ctx context.Context, path string) (rows []string, err error) {
	c, err := sqlite.Open(ctx, path, sqlite.ReadWrite, 0)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var names []string
	err = c.Query(func(s *sqlite.Stmt) error {
		names = append(names, s.Text(0))
		rows = append(rows, s.Text(1))
		return nil
	}, "SELECT name, sql FROM main.sqlite_master WHERE type = 'table' ORDER BY name")
	for _, name := range names {
		if err != nil {
			break
		}
		err = c.Query(func(s *sqlite.Stmt) error {
			row := name
			for i := range s.Columns() {
				row += fmt.Sprintf("|%T %[1]v", s.Value(i))
			}
			rows = append(rows, row)
			return nil
		}, "SELECT * FROM main."+sqlite.Quote(name))
	}
	return rows, err
}

// readFile is the database file, into which what a -wal holds was written.
func (c *checker) readFile(ctx context.Context, path string) ([]byte, error) {
	if _, err := os.Stat(path + "-wal"); err == nil {
		conn, err := sqlite.Open(ctx, path, sqlite.ReadWrite, 0)
		if err != nil {
			return nil, err
		}
		err = conn.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
		if err := errors.Join(err, conn.Close()); err != nil {
			return nil, err
		}
	}
	return os.ReadFile(path)
}

// writeFile makes data the content of a database that nobody has open.
func writeFile(path string, data []byte) error {
	for _, suffix := range []string{"-journal", "-wal", "-shm"} {
		os.Remove(path + suffix)
	}
	return os.WriteFile(path, data, 0o600)
}

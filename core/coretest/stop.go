package coretest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"fastmigrate/core"
	"fastmigrate/core/internal/abort"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/internal/upgrade"
)

// errStopped ends a migration as a kill would.
var errStopped = errors.New("it was stopped")

// maxStops is at how many of its statements a migration is stopped. Of more, the first, the
// last and some in between are taken, so that about maxRun statements run and maxRead bytes
// are read.
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
// database was, and runs it again: the database must be as before, and then get to the state
// after the migration. A migration in steps keeps the steps that are done.
func (c *checker) stopEverywhere(ctx context.Context, one *Checked, from int, did change) error {
	same := !besides(c.copy) // the copy is as before
	stops := max(2, min(maxStops, maxRead/(len(did.was)+1), maxRun/(did.statements+1)))
	by := (did.statements + stops - 1) / stops
	for k := 1; k <= did.statements; k = min(k+by, max(k+1, did.statements)) {
		if !same {
			if err := writeFile(c.copy, did.was); err != nil {
				return err
			}
		}
		err := c.stopBefore(ctx, k, from, one.Migration)
		if ctx.Err() != nil {
			return nil
		}
		one.Stops++
		when := fmt.Sprintf("stopped before statement %d of %d", k, did.statements)
		if err == nil {
			one.problem("%s, it counts as applied", when)
			return nil
		}
		now, err := c.readFile(ctx, c.copy)
		if err != nil {
			return err
		}
		if same = bytes.Equal(now, did.was) && !besides(c.copy); same { // to run it again is to run it for the first time
			continue
		}
		if !did.steps {
			if err := c.differs(ctx, one, when, did.was); err != nil {
				return err
			}
		}
		if _, err := c.migrate(ctx, c.copy, one.Migration, nil); err != nil {
			one.fail(when+" and run again: ", err)
			return nil
		}
		again, err := readState(ctx, c.copy)
		if err != nil {
			return err
		}
		if !again.same(did.after) {
			one.problem("%s and run again, its result differs from that of one run", when)
			return nil
		}
		same = false
	}
	return nil
}

// stopBefore applies a migration to the copy, at version from, and ends it before its k-th statement.
func (c *checker) stopBefore(ctx context.Context, k, from int, m core.Migration) error {
	n := 0
	var s upgrade.Series
	defer s.Close()
	_, err := c.migrateNext(abort.With(ctx, func() error {
		if n++; n == k {
			return errStopped
		}
		return nil
	}), &s, c.copy, from, m, nil)
	return err
}

// besides reports whether a file of SQLite is beside a database.
func besides(path string) bool {
	return slices.ContainsFunc([]string{"-journal", "-wal", "-shm"}, func(suffix string) bool {
		_, err := os.Lstat(path + suffix)
		return err == nil
	})
}

// differs adds a problem if the copy holds other rows than before: the bytes of a database
// may change while its rows do not.
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
		one.problem("%s, the database is not as it was before", when)
	}
	return err
}

// allRows returns the schema and every row of the database, as text.
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

// readFile returns the content of the database file, after that of a -wal was moved into it.
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

// writeFile makes data the content of a database that no one has open.
func writeFile(path string, data []byte) error {
	for _, suffix := range []string{"-journal", "-wal", "-shm"} {
		os.Remove(path + suffix)
	}
	return os.WriteFile(path, data, 0o600)
}

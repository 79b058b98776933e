// Package data reads and writes rows for a caller, by the rules of migrations: a query
// cannot write, all writes are one transaction, and the version table stays unchanged.
// Most programs need one call:
//
//	rows, err := data.Query(ctx, "app.db", "SELECT name FROM people WHERE id = ?", []any{7}, 0, core.Options{})
package data

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/internal/session"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/internal/upgrade"
	"fastmigrate/core/runner"
)

// Query runs one SELECT, or another statement that only reads, with args for its parameters
// (?), in their order: nil, int, int64, float64, string or []byte; or one [Named]. It cannot
// write, whatever the statement. More than limit rows are an error; zero: no limit. It uses
// the LockTimeout, Logger and Trial of opts.
//
// Errors: a [core.Error] with the place in sql; those of [core.Version] but
// [core.ErrUnversioned]; [core.ErrRefused] for a statement that would write.
func Query(ctx context.Context, path, sql string, args []any, limit int, opts core.Options) (rows Rows, err error) {
	defer core.Wrap(&err, fault.OpQuery, path)
	d, err := upgrade.New(ctx, path, opts.Config())
	if err != nil {
		return rows, err
	}
	if err := session.CheckValues(args); err != nil {
		return rows, err
	}
	if err := session.CheckSingle(sql); err != nil {
		return rows, err
	}
	c, err := d.OpenRead(ctx)
	if err != nil {
		return rows, err
	}
	defer c.Close()
	c.SetAuthorizer(session.AuthorizeReads)
	s, err := c.Prepare(sql)
	var e *sqlite.Error
	if errors.As(err, &e) && e.Primary() == sqlite.Auth {
		if err := session.ConnectVirtual(d.DB, c); err != nil {
			return rows, err
		}
		c.SetAuthorizer(session.AuthorizeReads)
		s, err = c.Prepare(sql)
	}
	if err != nil {
		return rows, session.ErrorIn(d.DB, sql, err)
	}
	defer s.Close()
	if args, err = session.Arguments(s, args); err != nil {
		return rows, err
	}
	if err := s.Bind(args...); err != nil {
		return rows, d.Diagnose(err)
	}
	for i := range s.Columns() {
		rows.Columns = append(rows.Columns, s.Column(i))
	}
	return rows, rows.read(limit, func() ([]any, error) {
		more, err := s.Step()
		if err != nil {
			return nil, session.ErrorIn(d.DB, sql, err)
		}
		if !more {
			return nil, nil
		}
		row := make([]any, s.Columns())
		for i := range row {
			row[i] = s.Value(i)
		}
		return row, nil
	})
}

// QueryIn is [Query] in an open transaction, whose changes it sees. Errors: those of
// [runner.Tx.Query].
func QueryIn(tx *runner.Tx, sql string, args []any, limit int) (rows Rows, err error) {
	c, err := tx.Query(sql, args...)
	if err != nil {
		return rows, err
	}
	defer c.Close()
	rows.Columns = c.Columns
	return rows, rows.read(limit, c.Next)
}

// Named holds the values of a statement's parameters by name, in place of values in their
// order; a [Map] is the usual one.
type Named = runner.Named

// Map is the values of parameters by name: "id" is that of :id, @id and $id.
type Map = runner.Map

// QuoteName returns the name of a table or a column for a statement, in double quotes. Errors:
// a name that SQLite cannot have.
func QuoteName(name string) (string, error) {
	if strings.Contains(name, "\x00") || !utf8.ValidString(name) {
		return "", fmt.Errorf("no table or column can have this name: %q", name)
	}
	return sqlite.Quote(name), nil
}

// Rows is the result of [Query]. The values are as SQLite stores them: nil, int64, float64,
// string or []byte. A date is the text or number that is stored.
type Rows struct {
	Columns []string `json:"columns"`
	Values  [][]any  `json:"rows"`
}

// read adds the rows that next returns, up to nil, and no more than limit; zero: all.
func (r *Rows) read(limit int, next func() ([]any, error)) error {
	for r.Values = [][]any{}; ; {
		row, err := next()
		if err != nil || row == nil {
			return err
		}
		if limit > 0 && len(r.Values) == limit {
			return fmt.Errorf("there are more than %d rows", limit)
		}
		r.Values = append(r.Values, row)
	}
}

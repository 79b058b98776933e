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

	"fastmigrate/core"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/session"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/internal/upgrade"
)

// Query runs one SELECT, or another statement that only reads, with args for its parameters
// (?), in their order: nil, int, int64, float64, string or []byte. It cannot write,
// whatever the statement. More than limit rows are an error; zero: no limit. It uses the
// LockTimeout, Logger and Trial of opts.
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
	if err := session.CheckParameters(s, args); err != nil {
		return rows, err
	}
	if err := s.Bind(args...); err != nil {
		return rows, d.Diagnose(err)
	}
	for i := range s.Columns() {
		rows.Columns = append(rows.Columns, s.Column(i))
	}
	rows.Values = [][]any{}
	for {
		more, err := s.Step()
		if err != nil {
			return rows, session.ErrorIn(d.DB, sql, err)
		}
		if !more {
			return rows, nil
		}
		if limit > 0 && len(rows.Values) == limit {
			return rows, fmt.Errorf("there are more than %d rows", limit)
		}
		row := make([]any, s.Columns())
		for i := range row {
			row[i] = s.Value(i)
		}
		rows.Values = append(rows.Values, row)
	}
}

// Rows is the result of [Query]. The values are as SQLite stores them: nil, int64, float64,
// string or []byte. A date is the text or number that is stored.
type Rows struct {
	Columns []string `json:"columns"`
	Values  [][]any  `json:"rows"`
}

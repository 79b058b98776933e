// The verbs that are SQL of a caller.

package data

import (
	"context"
	"errors"
	"fmt"

	"fastmigrate/core"

	"fastmigrate/core/internal/session"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/internal/upgrade"
)

// Query runs one SELECT, or another statement that only reads, with args for its
// parameters (?), in their order. It cannot write, whatever the statement, and
// gives an error for more than limit rows; zero: any number. Errors: an *fault.Error
// with the place in sql; the causes of Version but ErrUnversioned; ErrRefused.
func Query(ctx context.Context, path, sql string, args []any, limit int, opts core.Options) (rows Rows, err error) {
	defer core.Wrap(&err, "query", path)
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

// Rows is what a query gives: the values as SQLite holds them, nil, int64,
// float64, string or []byte. Dates are the text or number that is stored.
type Rows struct {
	Columns []string `json:"columns"`
	Values  [][]any  `json:"rows"`
}

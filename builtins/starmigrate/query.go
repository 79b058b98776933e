package starmigrate

import (
	"fmt"

	"fastmigrate/builtins/internal/row"
	"fastmigrate/core/data"
	"fastmigrate/core/runner"
	host "fastmigrate/starlark"

	"go.starlark.net/starlark"
)

// query is the rows of db.query, which are read as a loop asks for them.
type query struct {
	m       *migration
	call    *row.Call
	sql     string
	args    []any
	columns []string
	ready   *runner.Cursor // that the next reader takes; nil: it begins anew
}

func (q *query) String() string        { return fmt.Sprintf("Query(%q)", q.sql) }
func (q *query) Type() string          { return "Query" }
func (q *query) Freeze()               {}
func (q *query) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable type: Query") }

// Truth is whether there are any rows.
func (q *query) Truth() starlark.Bool {
	it := q.Iterate()
	defer it.Done()
	var row starlark.Value
	return starlark.Bool(it.Next(&row))
}

// Attr returns what rows have: .columns, .one and .scalar.
func (q *query) Attr(name string) (starlark.Value, error) {
	if name != "one" && name != "scalar" {
		return (&row.Rows{Rows: data.Rows{Columns: q.columns}}).Attr(name)
	}
	c, err := q.cursor()
	if err != nil {
		return nil, err
	}
	defer c.Close()
	first := data.Rows{Columns: q.columns}
	for len(first.Values) < 2 {
		values, err := c.Next()
		if err != nil {
			return nil, err
		}
		if values == nil {
			return (&row.Rows{Rows: first}).Attr(name)
		}
		first.Values = append(first.Values, values)
	}
	return nil, &host.Error{Kind: "usage", Message: fmt.Sprintf(".%s: the query returns more than one row", name)}
}

func (q *query) AttrNames() []string { return (*row.Rows)(nil).AttrNames() }

// fail ends the migration: an iterator cannot return an error.
func (q *query) fail(err error) { q.call.Session.Fail(q.call.Thread, q.call.Failure(err)) }

func (q *query) cursor() (c *runner.Cursor, err error) {
	if c, q.ready = q.ready, nil; c == nil {
		c, err = q.m.tx.Query(q.sql, q.args...)
	}
	return c, err
}

// Iterate reads the rows.
func (q *query) Iterate() starlark.Iterator {
	c, err := q.cursor()
	if err != nil {
		q.fail(err)
	}
	return &reader{q, c}
}

type reader struct {
	q *query
	c *runner.Cursor // nil if it could not be opened
}

// Next cannot return an error: it ends the migration instead.
func (r *reader) Next(p *starlark.Value) bool {
	if r.c == nil {
		return false
	}
	values, err := r.c.Next()
	if err != nil {
		r.q.fail(err)
	}
	if err != nil || values == nil {
		return false
	}
	r.q.m.last = &row.Row{Columns: r.q.columns, Values: values}
	*p = r.q.m.last
	return true
}

func (r *reader) Done() {
	if r.c != nil {
		r.c.Close()
	}
}

package coretest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/loss"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/schema"
)

// goneWithColumn reports whether an index is gone because a column that it was on is gone. A
// column whose values are in a new column was only renamed.
func (c *checker) goneWithColumn(ctx context.Context, o schema.Object) (bool, error) {
	if o.Type != "index" {
		return false, nil
	}
	was, err := columnsOf(ctx, c.copy, o.Table)
	if err != nil {
		return false, err
	}
	now, err := columnsOf(ctx, c.full, o.Table)
	if err != nil {
		return false, err
	}
	missing := func(from []string) func(string) bool {
		return func(name string) bool {
			return !slices.ContainsFunc(from, func(n string) bool { return strings.EqualFold(n, name) })
		}
	}
	gone, text := false, loss.Unnamed(o)
	for _, old := range slices.Clone(was) {
		if !missing(now)(old) || !word(text, old) {
			continue
		}
		gone = true
		values, err := valuesOf(ctx, c.copy, o.Table, old)
		if err != nil {
			return false, err
		}
		for _, name := range now {
			if !missing(was)(name) {
				continue
			}
			other, err := valuesOf(ctx, c.full, o.Table, name)
			if err != nil || slices.Equal(values, other) {
				return false, err
			}
		}
	}
	return gone, nil
}

// columnsOf returns the names of the columns of a table.
func columnsOf(ctx context.Context, path, table string) (names []string, err error) {
	c, err := sqlite.Open(ctx, path, sqlite.ReadWrite, 0)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	columns, err := catalog.Columns(c, table)
	return catalog.Ordinary(columns), err
}

// valuesOf returns the values of a column as SQL, sorted.
func valuesOf(ctx context.Context, path, table, column string) ([]string, error) {
	return texts(ctx, path, fmt.Sprintf("SELECT quote(%s) FROM main.%s ORDER BY 1", sqlite.Quote(column), sqlite.Quote(table)))
}

// texts returns the first column of a query.
func texts(ctx context.Context, path, sql string, args ...any) (list []string, err error) {
	c, err := sqlite.Open(ctx, path, sqlite.ReadWrite, 0)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	err = c.Query(func(s *sqlite.Stmt) error { list = append(list, s.Text(0)); return nil }, sql, args...)
	return list, err
}

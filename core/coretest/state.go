package coretest

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"fastmigrate/core"
	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/loss"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/schema"
)

// state is what a migration must not change by accident.
type state struct {
	schema []schema.Object
	counts map[string]*counts // by the name of the table in lower case
	broken map[string]string  // views, and tables that cannot be written to: why
}

// counts is how many rows a table has.
type counts struct {
	name, sql string
	rows      int64
}

// look reads the state of a database.
func look(ctx context.Context, path string, o core.Options) (*state, error) {
	list, err := core.Schema(ctx, path, o)
	if err != nil {
		return nil, err
	}
	c, err := sqlite.Open(ctx, path, sqlite.ReadWrite, 0)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	st := &state{list, map[string]*counts{}, map[string]string{}}
	triggered := map[string]bool{}
	for _, o := range list {
		switch {
		case o.Type == "table" && !o.Virtual():
			n, err := c.Int("SELECT count(*) FROM main." + sqlite.Quote(o.Name))
			if err != nil {
				return nil, err
			}
			st.counts[strings.ToLower(o.Name)] = &counts{o.Name, o.SQL, n}
		case o.Type == "view":
			if s, err := c.Prepare("SELECT * FROM main." + sqlite.Quote(o.Name)); err != nil {
				st.broken["view "+o.Name] = err.Error()
			} else {
				s.Close()
			}
		case o.Type == "trigger" && !triggered[o.Table]:
			triggered[o.Table] = true
			if why := unwritable(c, o.Table); why != "" {
				st.broken["a trigger of "+o.Table] = why
			}
		}
	}
	return st, nil
}

// unwritable says why the triggers of a table or a view cannot be compiled.
func unwritable(c *sqlite.Conn, table string) string {
	var sets []string
	columns, _ := catalog.Columns(c, table)
	for _, name := range catalog.Ordinary(columns) {
		sets = append(sets, sqlite.Quote(name)+" = "+sqlite.Quote(name))
	}
	for _, sql := range []string{"INSERT INTO main.%s DEFAULT VALUES", "UPDATE main.%s SET " + strings.ReplaceAll(strings.Join(sets, ", "), "%", "%%"), "DELETE FROM main.%s"} {
		s, err := c.Prepare(fmt.Sprintf("EXPLAIN "+sql, sqlite.Quote(table)))
		if err == nil {
			s.Close()
		} else if !strings.Contains(err.Error(), "because it is a view") {
			return err.Error()
		}
	}
	return ""
}

// typed counts the values of each column of a table by their types. Columns are
// named in lower case.
func typed(ctx context.Context, path, table string) (map[string]loss.Types, error) {
	c, err := sqlite.Open(ctx, path, sqlite.ReadWrite, 0)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	all, err := catalog.Columns(c, table)
	if err != nil {
		return nil, err
	}
	names := catalog.Ordinary(all)
	_, types, err := loss.Count(c, table, names)
	columns := map[string]loss.Types{}
	for i, of := range types {
		columns[strings.ToLower(names[i])] = of
	}
	return columns, err
}

// like reports whether a second run came to the same.
func (st *state) like(other *state) bool {
	if schema.Compare(st.schema, other.schema) != nil {
		return false
	}
	for name, t := range st.counts {
		if other.counts[name].rows != t.rows {
			return false
		}
	}
	return true
}

// comments are those of SQL, which say nothing of what is done.
var comments = regexp.MustCompile(`(?s)--[^\n]*|/\*.*?\*/`)

// compare finds what the migration changed and its text does not say. The copy
// holds what the database was.
func (c *checker) compare(ctx context.Context, one *Checked, before, after *state, text string) error {
	if one.Kind() == "sql" {
		text = comments.ReplaceAllString(text, " ")
	}
	says := func(format, name string) bool {
		return regexp.MustCompile(`(?i)` + fmt.Sprintf(format, regexp.QuoteMeta(name)+`(\W|$)`)).MatchString(text)
	}
	for _, name := range slices.Sorted(maps.Keys(before.counts)) {
		b, a := before.counts[name], after.counts[name]
		if a == nil {
			continue
		}
		if a.rows < b.rows && !says(`\bdelete\s+from\s+\W?(main\W{1,3})?%s`, name) {
			one.problem("rows lost: %s had %d rows and has %d, and no DELETE FROM %[1]s says so", b.name, b.rows, a.rows)
		}
		if a.rows != b.rows || a.sql == b.sql {
			continue
		}
		was, err := typed(ctx, c.copy, b.name)
		if err != nil {
			return err
		}
		now, err := typed(ctx, c.full, b.name)
		if err != nil {
			return err
		}
		for _, column := range slices.Sorted(maps.Keys(was)) {
			is, ok := now[column]
			if !ok || says(`\bcast\s*\([^()]*\b%s`, column) || says(`\b%s\s*=`, column) {
				continue
			}
			one.retyped(b.name+"."+column, was[column], is, b.rows)
		}
	}
	for _, o := range before.schema {
		still := func(p schema.Object) bool {
			return p.Type == o.Type && (strings.EqualFold(p.Name, o.Name) || o.Type == "index" && strings.EqualFold(p.Table, o.Table) && schema.SameSQL(indexed(p), indexed(o)))
		}
		if o.Type != "index" && o.Type != "trigger" || after.counts[strings.ToLower(o.Table)] == nil || slices.ContainsFunc(after.schema, still) {
			continue
		}
		if says(`\bdrop\s+`+o.Type+`\s+(if\s+exists\s+)?\W?(main\W{1,3})?%s`, o.Name) {
			continue
		}
		if gone, err := c.goneWith(ctx, o); err != nil {
			return err
		} else if !gone {
			one.problem("%s lost: %s of %s is gone, and no DROP %s says so", o.Type, o.Name, o.Table, strings.ToUpper(o.Type))
		}
	}
	for _, what := range slices.Sorted(maps.Keys(after.broken)) {
		if before.broken[what] == "" {
			one.problem("%s is broken: %s", what, after.broken[what])
		}
	}
	return nil
}

// retyped finds values of a column that a rebuild made something else of.
func (one *Checked) retyped(column string, was, is loss.Types, rows int64) {
	if was.Values() > 0 && is.Values() == 0 {
		one.problem("values lost: %s had %d values, and now all are NULL", column, was.Values())
		return
	}
	for from := range was {
		for to := range is {
			if from != to && is[from] < was[from] && is[to] > was[to] {
				one.problem("type changed: values of %s that were %s are %s now, and no CAST says so (%d of %d)", column, loss.Names[from], loss.Names[to], is[to]-was[to], rows)
			}
		}
	}
}

package coretest

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"fastmigrate/core/finding"
	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/loss"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/regex"
	"fastmigrate/core/schema"
)

// state is the part of a database that a migration must not change by accident.
type state struct {
	loss.Content
	broken map[string]string // views, and tables that cannot be written to: why
}

// What is done for each table that a migration touched: a test counts it.
var (
	countRows = (*loss.Table).CountRows
	fillTable = (*table).fill
)

// readState reads the state of the database at a path.
func readState(ctx context.Context, path string) (*state, error) {
	c, err := sqlite.Open(ctx, path, sqlite.ReadWrite, 0)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return stateOf(c, nil, nil)
}

// stateOf reads the state of a database. What the migration, which was seen, has not touched is
// as before; if before or seen is nil, all is read.
func stateOf(c *sqlite.Conn, before *state, seen *loss.Trace) (*state, error) {
	list, err := file.Objects(c)
	if err != nil {
		return nil, err
	}
	held, err := loss.Of(c, list)
	if err != nil {
		return nil, err
	}
	st := &state{held, nil}
	for _, t := range held.Tables {
		if before != nil && t.CountedBefore(before.Content, seen) || (schema.Object{SQL: t.SQL}).Virtual() {
			continue
		}
		if err := countRows(t, c); err != nil {
			return nil, err
		}
	}
	if before != nil && slices.Equal(before.Schema, st.Schema) {
		st.broken = before.broken
	} else {
		st.broken = brokenIn(c, list)
	}
	return st, nil
}

// brokenIn lists what of a schema does not compile, with the reason.
func brokenIn(c *sqlite.Conn, list []schema.Object) map[string]string {
	broken, triggered := map[string]string{}, map[string]bool{}
	for _, o := range list {
		switch {
		case o.Type == "view":
			if s, err := c.Prepare("SELECT * FROM main." + sqlite.Quote(o.Name)); err != nil {
				broken["view "+o.Name] = err.Error()
			} else {
				s.Close()
			}
		case o.Type == "trigger" && !triggered[o.Table]:
			triggered[o.Table] = true
			if why := triggerError(c, o.Table); why != "" {
				broken["a trigger of "+o.Table] = why
			}
		}
	}
	return broken
}

// triggerError says why the triggers of a table or a view cannot be compiled.
func triggerError(c *sqlite.Conn, table string) string {
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

// countValues counts the values of the tables that have as many rows as before, but another
// definition. The copy holds the database as it was.
func (c *checker) countValues(ctx context.Context, before, after loss.Content) error {
	for _, p := range loss.Pairs(before, after, nil) {
		if !p.Redefined() || p.Renamed() || p.Before.Rows < 0 || p.Before.Rows != p.After.Rows {
			continue
		}
		if err := countTable(ctx, c.copy, p.Before); err != nil {
			return err
		}
		if err := countTable(ctx, c.full, p.After); err != nil {
			return err
		}
	}
	return nil
}

// countTable counts those of one table, in the order of the names of its columns.
func countTable(ctx context.Context, path string, t *loss.Table) error {
	c, err := sqlite.Open(ctx, path, sqlite.ReadWrite, 0)
	if err != nil {
		return err
	}
	defer c.Close()
	err = t.CountValues(c)
	slices.SortFunc(t.Columns, func(a, b loss.Column) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return err
}

// same reports whether a second run led to the same state.
func (st *state) same(other *state) bool {
	if schema.Compare(st.Schema, other.Schema) != nil {
		return false
	}
	for name, t := range st.Tables {
		if other.Tables[name].Rows != t.Rows {
			return false
		}
	}
	return true
}

// comments matches those of SQL, which do nothing.
var comments = regex.New(`(?s)--[^\n]*|/\*.*?\*/`)

// findLosses adds changes that the text of the migration does not show. The copy holds the
// database as it was.
func (c *checker) findLosses(ctx context.Context, one *Checked, did change, text string) error {
	if one.Kind() == "sql" {
		text = comments.ReplaceAllString(text, " ")
	}
	says := func(format, name string) bool {
		return regexp.MustCompile(`(?i)` + fmt.Sprintf(format, regexp.QuoteMeta(name)+`(\W|$)`)).MatchString(text)
	}
	before, after := loss.Changed(did.before.Content, did.after.Content)
	if err := c.countValues(ctx, before, after); err != nil {
		return err
	}
	for _, f := range loss.Compare(before, after, nil) {
		if !strings.EqualFold(f.Table, f.Now) || f.RowsAfter < 0 { // it is dropped, renamed, or virtual now
			continue
		}
		column := strings.ToLower(f.Column)
		switch f.Kind {
		case loss.RowsLost:
			if !says(`\bdelete\s+from\s+\W?(main\W{1,3})?%s`, strings.ToLower(f.Table)) {
				one.lost(finding.Destructive, "rows lost: %s had %d rows and has %d, without a DELETE FROM %[1]s", f.Table, f.Rows, f.RowsAfter)
			}
		case loss.ValuesLost, loss.TypeChanged:
			if !says(`\bcast\s*\([^()]*\b%s`, column) && !says(`\b%s\s*=`, column) {
				one.lostValues(f)
			}
		case loss.IndexLost, loss.TriggerLost:
			o := f.Object
			if f.Instead != "" || says(`\bdrop\s+`+o.Type+`\s+(if\s+exists\s+)?\W?(main\W{1,3})?%s`, o.Name) {
				continue
			}
			if gone, err := c.goneWithColumn(ctx, o); err != nil {
				return err
			} else if !gone {
				one.lost(finding.Destructive, "%s lost: %s of %s is gone, without a DROP %s", o.Type, o.Name, o.Table, strings.ToUpper(o.Type))
			}
		}
	}
	if err := c.findReplaced(ctx, one, before, after, says); err != nil {
		return err
	}
	for _, what := range slices.Sorted(maps.Keys(did.after.broken)) {
		if did.before.broken[what] == "" {
			one.problem("%s is broken: %s", what, did.after.broken[what])
		}
	}
	return nil
}

// findReplaced adds the columns in which most values changed, and the lost constraints. A
// rebuild that leaves a column out, writes one value, the column's own name or another
// column is a problem, unless the text assigns the column; all else is a note. To delete
// rows and insert them again, from a copy, is a rebuild too.
func (c *checker) findReplaced(ctx context.Context, one *Checked, before, after loss.Content, says func(format, name string) bool) error {
	again := map[string]bool{} // tables that were created again
	for _, p := range loss.Pairs(before, after, nil) {
		if p.Before != nil && p.After != nil && (p.Before.Root != p.After.Root || says(`\bdrop\s+table\s+(if\s+exists\s+)?\W?(main\W{1,3})?%s`, p.Before.Name)) { // it may be in the place of the old one
			again[p.After.Name] = true
		}
	}
	putBack := func(table string) bool {
		return says(`\bdelete\s+from\s+\W?(main\W{1,3})?%s`, table) && says(`\binsert\s+(or\s+\w+\s+)?into\s+\W?(main\W{1,3})?%s`, table)
	}
	found, _, err := loss.CompareValues(ctx, c.copy, c.full, before, after, nil, loss.Limits{})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		one.Notes = append(one.Notes, "values were not compared: "+err.Error())
	}
	for _, f := range found {
		assigned := says(`\b%s\s*=`, strings.ToLower(f.Column))
		one.Notes = slices.DeleteFunc(one.Notes, func(n string) bool { return n == f.Replaced() }) // told here
		switch {
		case !strings.EqualFold(f.Table, f.Now), f.By == loss.ByOthers && assigned:
		case !again[f.Now] && !putBack(f.Now), f.By == loss.ByOthers, assigned:
			one.Notes = append(one.Notes, f.Replaced())
		case f.By == loss.ByNull && f.Lost == f.Values && again[f.Now]: // told as values lost
		default:
			one.lost(finding.Values, "values replaced: %s", f.Replaced())
		}
	}
	for _, f := range loss.CompareConstraints(before, after, nil) {
		if f.Kind == loss.ConstraintLost {
			one.Notes = append(one.Notes, fmt.Sprintf("table %s: no longer: %s", f.Now, strings.Join(f.Constraints, ", ")))
		}
	}
	return nil
}

// lostValues adds a problem about values of a column that a rebuild changed.
func (one *Checked) lostValues(f loss.Finding) {
	column := f.Table + "." + strings.ToLower(f.Column)
	switch {
	case f.Kind == loss.TypeChanged:
		for _, t := range f.Was.Turns(f.Is) {
			one.lost(finding.Values, "type changed: values of %s that were %s are now %s, without a CAST (%d of %d)", column, t.From, t.To, t.Values, f.Rows)
		}
	case f.Is.Values() == 0:
		one.lost(finding.Values, "values lost: %s had %d values, now all are NULL", column, f.Lost)
	default: // of some rows, as an expression may mean it
		one.Notes = append(one.Notes, fmt.Sprintf("column %s: %d of %d values became NULL", column, f.Lost, f.Was.Values()))
	}
}

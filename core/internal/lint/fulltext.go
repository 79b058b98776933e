// Full-text tables that index the rows of another table, and that the migration left unlike
// them. Those that a statement breaks by changing the schema are found by who runs it, but for
// programs.

package lint

import (
	"context"
	"errors"
	"slices"
	"strings"

	"fastmigrate/core/finding"
	"fastmigrate/core/internal/fulltext"
	"fastmigrate/core/internal/loss"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// misfit is a full-text table that does not fit its content, or is broken.
type misfit struct {
	fulltext.Table
	from []string // the tables and views that its content gets its rows from, including the content
	why  error    // as of [fulltext.Table.Check]
}

// misfitting finds the full-text tables that do not fit their content, and did before. Only
// those are checked whose rows or content the migration wrote to. The error is the cause of
// ctx.
func (m *Migration) misfitting(ctx context.Context) (list []finding.Finding, err error) {
	now := m.misfits(ctx, m.Path, m.After.Indexed(), m.writes)
	if len(now) == 0 {
		return nil, context.Cause(ctx)
	}
	same := func(f misfit) bool {
		return slices.ContainsFunc(now, func(n misfit) bool { return strings.EqualFold(n.Name, f.Name) })
	}
	was := m.misfits(ctx, m.PathBefore, m.Before.Indexed(), same)
	for _, n := range now {
		known := slices.ContainsFunc(was, func(w misfit) bool { return strings.EqualFold(n.Name, w.Name) })
		told := slices.ContainsFunc(m.Found, func(f finding.Finding) bool {
			return f.Code == finding.FTS && strings.Contains(f.Message, "the full-text table "+n.Name+" ")
		})
		if !known && !told {
			list = append(list, m.misfit(n))
		}
	}
	return list, context.Cause(ctx)
}

// misfits returns those of the database at path for which which returns true; some says that
// it has such tables.
func (m *Migration) misfits(ctx context.Context, path string, some bool, which func(misfit) bool) (list []misfit) {
	if !some || path == "" {
		return nil
	}
	c, err := sqlite.Open(ctx, path, sqlite.ReadWrite, 0)
	if err != nil {
		return nil
	}
	defer c.Close()
	tables, err := fulltext.Tables(c)
	if err != nil || c.Exec("SAVEPOINT lint") != nil {
		return nil
	}
	defer c.Exec("ROLLBACK TO lint") // to SQLite a check writes
	for _, t := range tables {
		f := misfit{Table: t, from: sources(c, t.Content, nil)}
		if !which(f) {
			continue
		}
		f.why = f.Check(c)
		if f.why == fulltext.ErrStale || m.Seen == nil && errors.As(f.why, new(*fulltext.Broken)) {
			list = append(list, f)
		}
	}
	return list
}

// written are the codes of statements that write rows, the likeliest cause first.
var written = []int{sqlite.ActUpdate, sqlite.ActDelete, sqlite.ActInsert}

// writes reports whether the migration may have written to a full-text table or its content.
func (m *Migration) writes(f misfit) bool {
	if m.Seen == nil || m.Seen.Blind {
		return true
	}
	return m.did(f.Name, sqlite.ActCreateVTable) || slices.ContainsFunc(append(slices.Clip(f.from), f.Name), func(table string) bool { return m.did(table, written...) })
}

// did reports whether a statement, even one in no file, did something to a table.
func (m *Migration) did(table string, codes ...int) bool {
	return slices.ContainsFunc(m.Seen.Places(table), func(p loss.Place) bool { return slices.Contains(codes, p.Code) })
}

// writers are the statements that wrote to the content of a full-text table, or if none did,
// to itself.
func (m *Migration) writers(f misfit) (list []loss.Place) {
	for _, table := range f.from {
		list = append(list, m.statements(table, "", written...)...)
	}
	if len(list) == 0 {
		list = m.statements(f.Name, "", written...)
	}
	return list
}

// sources adds to known the names of a table or view, and of those of which it gets its rows.
func sources(c *sqlite.Conn, name string, known []string) []string {
	known = append(known, name)
	view, err := c.Text("SELECT coalesce(max(sql), '') FROM main.sqlite_schema WHERE type = 'view' AND name = ? COLLATE NOCASE", name)
	if err != nil || view == "" {
		return known
	}
	var names []string
	c.Query(func(s *sqlite.Stmt) error { // without them, none is known
		if split.Find([]byte(view), s.Text(0)) >= 0 {
			names = append(names, s.Text(0))
		}
		return nil
	}, "SELECT name FROM main.sqlite_schema WHERE type IN ('table', 'view')")
	for _, name := range names {
		if !slices.ContainsFunc(known, func(s string) bool { return strings.EqualFold(s, name) }) {
			known = sources(c, name, known)
		}
	}
	return known
}

// misfit is the finding of one.
func (m *Migration) misfit(n misfit) finding.Finding {
	if b := (*fulltext.Broken)(nil); errors.As(n.why, &b) { // by a program, which no one watched
		return m.at(b.Finding(), nil)
	}
	do := "End the migration with " + n.Rebuild() + ", or keep " + n.Name + " in step by triggers."
	f, at := finding.New(finding.FTS, "with this, the full-text table %s no longer matches its content %s: nothing updates it", n.Name, n.Content), m.writers(n)
	if m.did(n.Name, sqlite.ActCreateVTable) && !m.did(n.Name, sqlite.ActInsert) {
		f, at = finding.New(finding.FTS, "the full-text table %s is new, and does not index the rows that its content %s has", n.Name, n.Content), m.statements(n.Name, "", sqlite.ActCreateVTable)
		do = "End the migration with " + n.Rebuild() + "."
	}
	f.Do = do
	return m.at(f, at)
}

// Package enforce has SQLite enforce foreign keys as an application has them: actions run,
// and what violates a key is refused at the end.
//
// The invariant: only the change of a row changes other rows; DROP TABLE, ALTER TABLE and a
// rebuild never do.
package enforce

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/foreign"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/visible"
)

// Keys is what SQLite does for foreign keys while statements run; nil if they are not
// enforced.
type Keys struct {
	db        *file.DB
	conn      *sqlite.Conn
	onCascade func(map[string]int64) // nil: no one is told

	links    map[string][]link // by the parent, in lower case
	children map[string]bool   // tables with an action, in lower case
	schema   bool              // it has changed since they were read
	acted    map[string]int64  // rows that actions changed, by the table

	// Of the statement that runs.
	footprint *Footprint
	replaced  []replaced
	actedNow  map[string]bool // tables in which actions changed rows
}

// Footprint is what a statement was compiled to.
type Footprint struct {
	verb    int             // its first action: ActInsert, ActUpdate or ActDelete
	deletes map[string]bool // tables that it deletes from, also by triggers and actions
}

// link is a foreign key as its parent sees it.
type link struct {
	child   string
	columns []string // of the child
	to      []int    // places of the parent's columns
	acts    bool
}

// replaced is the row of a parent that a REPLACE removed.
type replaced struct {
	table string
	link  link
	key   []any
}

// Begin has SQLite enforce foreign keys in the open transaction of c, a connection to d,
// as an application would, until [Keys.Finish]. OnCascade may be nil: see
// [Keys.ReportCascades].
func Begin(d *file.DB, c *sqlite.Conn, onCascade func(map[string]int64)) (*Keys, error) {
	e := &Keys{db: d, conn: c, onCascade: onCascade, acted: map[string]int64{}}
	if err := e.read(); err != nil {
		return nil, d.Diagnose(err)
	}
	c.SetForeignKeys(true)
	// The next statement may repair what one violates.
	return e, d.Diagnose(c.Exec("PRAGMA defer_foreign_keys = ON"))
}

// read reads the foreign keys of the schema.
func (e *Keys) read() error {
	e.links, e.children, e.schema = map[string][]link{}, map[string]bool{}, false
	tables, err := e.conn.Texts("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND instr(upper(sql), 'REFERENCES')")
	for _, name := range tables {
		if err != nil {
			return err
		}
		var t *foreign.Child
		if t, err = foreign.ReadChild(e.conn, name); err != nil {
			return err
		}
		for _, k := range t.Keys {
			l := link{child: name, acts: k.Acts}
			to, _, err := k.ParentColumns(e.conn)
			if err != nil {
				return err
			}
			all, err := catalog.Columns(e.conn, k.Parent)
			if err != nil {
				return err
			}
			for i, j := range k.Columns {
				at := -1
				if i < len(to) {
					at = slices.IndexFunc(all, func(c catalog.Column) bool { return strings.EqualFold(c.Name, to[i]) })
				}
				l.columns, l.to = append(l.columns, sqlite.Quote(t.Columns[j].Name)), append(l.to, at)
			}
			e.children[strings.ToLower(name)] = e.children[strings.ToLower(name)] || k.Acts
			if parent := strings.ToLower(k.Parent); !slices.Contains(l.to, -1) {
				e.links[parent] = append(e.links[parent], l)
			}
		}
	}
	if len(e.children) > 0 { // it costs a little for each row
		e.conn.SetRowHook(e.onRow)
	}
	return err
}

// StartFootprint begins to note what a statement is compiled to. It gives nil if foreign
// keys are not enforced.
func (e *Keys) StartFootprint() *Footprint {
	if e == nil {
		return nil
	}
	e.footprint = &Footprint{deletes: map[string]bool{}}
	return e.footprint
}

// Note takes down an action of the statement.
func (e *Keys) Note(a sqlite.Action) {
	if e == nil {
		return
	}
	switch a.Code {
	case sqlite.ActInsert, sqlite.ActUpdate, sqlite.ActDelete:
		if e.footprint == nil {
			return
		}
		if e.footprint.verb == 0 {
			e.footprint.verb = a.Code
		}
		if a.Code == sqlite.ActDelete {
			e.footprint.deletes[strings.ToLower(a.Arg1)] = true
		}
	case sqlite.ActCreateTable, sqlite.ActDropTable, sqlite.ActAlterTable:
		e.schema = true
	}
}

// onRow is called before each row changes.
func (e *Keys) onRow(r sqlite.Change) {
	if r.Database != "main" || e.footprint == nil || r.Code == sqlite.ActInsert {
		return
	}
	table := strings.ToLower(r.Table)
	if r.Depth > 0 && e.children[table] {
		e.acted[r.Table]++
		if e.actedNow == nil {
			e.actedNow = map[string]bool{}
		}
		e.actedNow[table] = true
	}
	if r.Code != sqlite.ActDelete || r.Depth == 0 && e.footprint.verb == sqlite.ActDelete || r.Depth > 0 && e.footprint.deletes[table] {
		return
	}
	for _, l := range e.links[table] {
		gone := replaced{table: r.Table, link: l}
		for _, column := range l.to {
			gone.key = append(gone.key, r.Old(column))
		}
		if !slices.Contains(gone.key, nil) {
			e.replaced = append(e.replaced, gone)
		}
	}
}

// RunStatement runs by do the statement sql, whose footprint is p, and refuses it if a
// REPLACE in it removed a row that others refer to: the actions would change their rows,
// although the row comes back at once. Errors: that of do, [fault.ErrReplaced],
// [fault.ErrForeignKey] of a RESTRICT.
func (e *Keys) RunStatement(sql []byte, p *Footprint, do func() error) error {
	if e == nil {
		return do()
	}
	e.footprint, e.replaced, e.actedNow = p, nil, nil
	if split.Begins(sql, "DROP") || split.Begins(sql, "ALTER") {
		e.conn.SetForeignKeys(false)
		defer e.conn.SetForeignKeys(true)
	}
	err := do()
	e.footprint = nil
	if err != nil {
		return e.restrictError(err)
	}
	if e.schema {
		if err := e.read(); err != nil {
			return e.db.Diagnose(err)
		}
	}
	for _, r := range e.replaced {
		referred, err := r.referred(e)
		if err != nil {
			return e.db.Diagnose(err)
		}
		if referred {
			return r.refusal()
		}
	}
	return nil
}

func (r replaced) refusal() error {
	return fault.Of(fault.ErrReplaced, "REPLACE would delete the row %s of %s that rows of %s refer to", sqlite.Literal(r.key[0]), r.table, r.link.child)
}

// referred reports whether rows of the child refer, or did until now, to the row.
func (r replaced) referred(e *Keys) (bool, error) {
	if r.link.acts && e.actedNow[strings.ToLower(r.link.child)] {
		return true, nil
	}
	n, err := e.conn.Int(fmt.Sprintf("SELECT EXISTS (SELECT 1 FROM main.%s WHERE (%s) = (?%s))", sqlite.Quote(r.link.child),
		strings.Join(r.link.columns, ", "), strings.Repeat(", ?", len(r.key)-1)), r.key...)
	return n == 1, err
}

// restrictError is the error of a statement, with its kind if RESTRICT stopped it.
func (e *Keys) restrictError(err error) error {
	var s *sqlite.Error
	if !errors.As(err, &s) || s.Code != sqlite.ForeignKey {
		return err
	}
	why := fault.ErrForeignKey
	if len(e.replaced) > 0 {
		why = fault.ErrReplaced
	}
	if at := (*fault.Error)(nil); errors.As(err, &at) {
		at.Err = fault.Of(why, "%s", s.Msg)
		return at
	}
	return fault.Of(why, "%s", s.Msg)
}

// Finish must be called before the COMMIT.
func (e *Keys) Finish() error {
	if e == nil {
		return nil
	}
	e.footprint = nil
	return e.db.Diagnose(ForgetViolations(e.conn))
}

// ReportCascades logs how many rows of each table were changed by actions, and notifies
// onCascade.
func (e *Keys) ReportCascades() {
	if e == nil || len(e.acted) == 0 {
		return
	}
	var list []string
	for _, table := range slices.Sorted(maps.Keys(e.acted)) {
		list = append(list, visible.Count(e.acted[table], "row")+" of "+table)
	}
	e.db.Log().Log(context.Background(), slog.LevelInfo+1, e.db.Name+": foreign keys changed "+strings.Join(list, ", ")+" too")
	if e.onCascade != nil {
		e.onCascade(e.acted)
	}
}

// Acted gives the rows that actions have changed so far, by the table, for
// [Keys.SetActed]; nil if foreign keys are not enforced.
func (e *Keys) Acted() map[string]int64 {
	if e == nil {
		return nil
	}
	return maps.Clone(e.acted)
}

// SetActed says that a ROLLBACK TO has undone what was changed since [Keys.Acted] gave
// those rows.
func (e *Keys) SetActed(rows map[string]int64) {
	if e != nil {
		e.acted = maps.Clone(rows)
	}
}

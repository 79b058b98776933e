// What a migration does to the databases that it attaches: to their copies, which are made
// as it attaches them.

package rehearse

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/lint"
	"fastmigrate/core/internal/loss"
	"fastmigrate/core/internal/sqlite"
)

// attachment is a copy while a script has it attached.
type attachment struct {
	schema string      // by which the script knows it
	path   string      // "" if it is in memory or temporary
	seen   *loss.Trace // of its tables; nil if it is in no file, or cannot be observed
}

// Attached begins to observe what is done to a copy; path is "" for what is in no file.
func (o *observation) Attached(schema, path string) error {
	o.r.mu.Lock()
	defer o.r.mu.Unlock()
	a := attachment{schema: schema, path: path}
	defer func() { o.attached = append(o.attached, a) }()
	i := slices.IndexFunc(o.r.twins, func(t *twin) bool { return t.path == path })
	if i < 0 || path == o.d.Path {
		return nil
	}
	if !slices.ContainsFunc(o.attached, func(before attachment) bool { return before.path == path && before.seen != nil }) {
		if ok, err := o.begin(schema, o.r.twins[i]); err != nil || !ok {
			return err
		}
	}
	a.seen = loss.NewTraceOf(o.c, schema, o.script.Text)
	a.seen.Begin(o.at)
	return nil
}

// begin reads what a copy holds before the script changes it. Not ok: the script has locked
// it, by PRAGMA locking_mode in WAL mode; what it did is then told in the end.
func (o *observation) begin(schema string, t *twin) (ok bool, err error) {
	opts := o.d.Config
	mode, err := o.c.Text("PRAGMA " + sqlite.Quote(schema) + ".locking_mode")
	if err != nil {
		return false, err
	}
	if mode == "exclusive" {
		opts.LockTimeout = -1
	}
	err = t.beginAttached(o.c.Context(), opts, o.r.temp)
	if mode == "exclusive" && errors.Is(err, fault.ErrBusy) {
		return false, nil
	}
	return true, err
}

// beginAttached reads what the copy holds before it is changed.
func (t *twin) beginAttached(ctx context.Context, opts file.Config, temp string) (err error) {
	if t.attached == nil {
		if t.attached, err = os.Stat(t.path); err != nil {
			return err
		}
	}
	if t.last, err = t.readContent(ctx, opts, countRows, nil, nil); err != nil || t.last == nil {
		return err
	}
	first := t.first == nil
	if first {
		t.first, t.sizeBefore = t.last, dirSize(filepath.Dir(t.path))
	}
	if err := t.keepEarlier(ctx, opts, temp); err != nil || !first {
		return err
	}
	return t.checkBefore(ctx, opts)
}

// Touch passes on what a statement does to a table.
func (o *observation) Touch(schema, table string, code int) {
	if t := o.trace(schema); t != nil {
		t.Touch(table, code)
	}
}

// Row passes on a row that was changed.
func (o *observation) Row(code int, schema, table string) {
	if t := o.trace(schema); t != nil {
		t.Row(code, table)
	}
}

// trace is that of the database which is attached as schema now; nil if none is observed.
func (o *observation) trace(schema string) *loss.Trace {
	if schema == "main" {
		return o.Trace
	}
	for _, a := range slices.Backward(o.attached) {
		if strings.EqualFold(a.schema, schema) {
			return a.seen
		}
	}
	return nil
}

// addAttached adds to what a migration did what it did to the databases that it attached.
// What is known of its file is in of.
func (r *Rehearsal) addAttached(ctx context.Context, m *Migration, o *observation, opts file.Config, of lint.Migration) error {
	for _, t := range r.twins {
		var own []attachment
		for _, a := range o.attached {
			if a.path == t.path && a.seen != nil {
				own = append(own, a)
			}
		}
		if len(own) == 0 || t.last == nil {
			continue
		}
		seen := own[0].seen
		if len(own) > 1 { // each saw a part
			seen = nil
		}
		now, err := t.readContent(ctx, opts, countRows, t.last, seen)
		if err != nil || now == nil {
			return err
		}
		did, err := t.examine(ctx, opts, t.last, now, t.path, &observation{Trace: seen, as: own[0].schema}, of)
		if err != nil {
			return err
		}
		m.add(did)
		for _, row := range did.Tables {
			row.Name = strings.TrimPrefix(row.Name, own[0].schema+".")
			t.elsewhere = append(t.elsewhere, row)
		}
		t.last = now
	}
	return nil
}

// rename gives the tables of an attached database the names that the script uses, in its
// changes and its findings.
func (m *Migration) rename(schema string, all *lint.Migration) {
	for i := range m.Tables {
		m.Tables[i].Name = schema + "." + m.Tables[i].Name
		if m.Tables[i].Was != "" {
			m.Tables[i].Was = schema + "." + m.Tables[i].Was
		}
	}
	for i := range m.Compared {
		m.Compared[i].Table = schema + "." + m.Compared[i].Table
	}
	all.Before, all.After, all.Seen = all.Before.In(schema), all.After.In(schema), all.Seen.In(schema)
	for i := range all.Replaced {
		f := &all.Replaced[i]
		f.Table, f.Now = schema+"."+f.Table, schema+"."+f.Now
	}
	gone := map[string]int64{}
	for table, n := range all.Gone {
		gone[schema+"."+table] = n
	}
	all.Gone = gone
}

// add adds what the migration did elsewhere.
func (m *Migration) add(did *Migration) {
	m.Schema, m.Tables, m.Rebuilt = append(m.Schema, did.Schema...), append(m.Tables, did.Tables...), append(m.Rebuilt, did.Rebuilt...)
	m.Warnings, m.Findings, m.Compared = append(m.Warnings, did.Warnings...), append(m.Findings, did.Findings...), append(m.Compared, did.Compared...)
}

// onlyRead reports whether migrations attached the copy, and neither they nor anything
// else changed it.
func (t *twin) onlyRead() bool {
	now, err := os.Stat(t.path)
	return t.before != nil && t.attached != nil && len(t.applied) == 0 && err == nil && now.Size() == t.attached.Size() && now.ModTime().Equal(t.attached.ModTime())
}

// madeByStatement reports whether no run made the database. It may then be a copy made by
// VACUUM INTO, whose history says that the migration with that statement is still running.
func (t *twin) madeByStatement() bool {
	return t.before == nil && len(t.applied) == 0 && (t.last == nil || t.attached != nil)
}

func isHistory(problem string) bool { return strings.HasPrefix(problem, string(fault.History)+":") }

// addElsewhere adds up the rows that the migrations of other databases changed in tables
// that still exist.
func (r *Report) addElsewhere(list []TableRows, after *content) {
	for _, t := range list {
		now := after.Tables[strings.ToLower(t.Name)]
		if now == nil || t.Inserted+t.Updated+t.Deleted == 0 {
			continue
		}
		i, found := slices.BinarySearchFunc(r.Tables, t.Name, func(t TableRows, name string) int { return strings.Compare(t.Name, name) })
		if !found {
			r.Tables = slices.Insert(r.Tables, i, TableRows{Name: now.Name, Before: now.Rows, After: now.Rows})
		}
		sum := &r.Tables[i]
		sum.Inserted, sum.Updated, sum.Deleted = sum.Inserted+t.Inserted, sum.Updated+t.Updated, sum.Deleted+t.Deleted
	}
}

// Package backfill updates the rows of a table batch by batch, in the order of its key.
// It finds the batches and makes their statement; who applies the migration runs it. The
// invariant: a key is in one batch only, so that a row is updated once, however often the
// work is interrupted.
package backfill

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/sqlite"
)

// Spec is what is asked for: see runner.Backfill. Its fields are part of what [Job.Sum]
// hashes.
type Spec struct {
	Table string
	Where string
	Set   map[string]string
	Batch int
}

// Job is a backfill that can run. As an error, it ends the transaction of the migration
// that asks for it.
type Job struct {
	Spec
	Update     string // the statement for one batch: takes its first and last key
	table, key string // as they stand in a statement
}

// Error makes a Job the error that a migration with a backfill ends with.
func (j *Job) Error() string { return "a backfill has to be done" }

// New makes the statements for spec, whose names it looks up in c. Why is not "" if
// the table or the columns rule out a backfill; then there is no job.
func New(c *sqlite.Conn, spec Spec) (j *Job, why string, err error) {
	j = &Job{Spec: spec}
	if why, err = j.prepare(c); err != nil || why != "" {
		return nil, why, err
	}
	return j, "", nil
}

func (j *Job) prepare(c *sqlite.Conn) (why string, err error) {
	t, found, err := catalog.Find(c, j.Table)
	if err != nil || !found {
		return "there is no such table", err
	}
	columns, err := catalog.Columns(c, t.Name)
	key := catalog.PrimaryNames(columns)
	j.Table, j.table = t.Name, "main."+sqlite.Quote(t.Name)
	j.key = catalog.Rowid(columns...)
	switch {
	case err != nil:
		return "", err
	case t.Kind != "table":
		return "it is a " + t.Kind, nil
	case t.WithoutRowid && len(key) != 1:
		return fmt.Sprintf("it has no rowid, and its primary key has %d columns", len(key)), nil
	case t.WithoutRowid:
		j.key = sqlite.Quote(key[0])
	case j.key == "":
		return "its columns use all names of the rowid", nil
	}
	j.key = sqlite.Quote(j.Table) + "." + j.key
	var set []string
	for _, name := range slices.Sorted(maps.Keys(j.Set)) {
		switch i := slices.IndexFunc(columns, func(c catalog.Column) bool { return strings.EqualFold(c.Name, name) }); {
		case i < 0:
			return "there is no column " + name, nil
		case columns[i].Key > 0:
			return fmt.Sprintf("the column %s is part of the primary key, which orders the rows", name), nil
		}
		set = append(set, fmt.Sprintf("%s = (%s\n)", sqlite.Quote(name), j.Set[name]))
	}
	// OR ABORT: an ON CONFLICT of the table could remove rows.
	j.Update = fmt.Sprintf("UPDATE OR ABORT %s SET %s WHERE %s BETWEEN ?1 AND ?2 AND (%s\n)", j.table, strings.Join(set, ", "), j.key, j.Where)
	return "", nil
}

// Sum hashes the text of a migration together with what it asked for: a run resumes a
// backfill only if both are what they were.
func (j *Job) Sum(text []byte) string {
	asked, _ := json.Marshal(j.Spec)
	return plan.Checksum(fmt.Appendf(nil, "%s\n%s", plan.Checksum(text), asked))
}

var errStopRows = errors.New("stop")

// Value returns the first column of the first row of a query; ok is false if there is no
// row.
func Value(c *sqlite.Conn, sql string, args ...any) (v any, ok bool, err error) {
	err = c.Query(func(s *sqlite.Stmt) error {
		v, ok = s.Value(0), true
		return errStopRows
	}, sql, args...)
	if err == errStopRows {
		err = nil
	}
	return v, ok, err
}

// Next finds the batch that follows the key after; nil stands for the start of the
// table. Found is false if no row is left to update.
func (j *Job) Next(c *sqlite.Conn, after any) (first, last any, found bool, err error) {
	where, args := "("+j.Where+"\n)", []any(nil)
	if after != nil {
		where, args = j.key+" > ?1 AND "+where, []any{after}
	}
	first, found, err = Value(c, fmt.Sprintf("SELECT %s FROM %s WHERE %s ORDER BY %[1]s LIMIT 1", j.key, j.table, where), args...)
	if err != nil || !found {
		return nil, nil, false, err
	}
	last, full, err := Value(c, fmt.Sprintf("SELECT %s FROM %s WHERE %[1]s >= ?1 ORDER BY %[1]s LIMIT 1 OFFSET %[3]d", j.key, j.table, j.Batch-1), first)
	if err == nil && !full {
		last, _, err = j.End(c)
	}
	return first, last, true, err
}

// End returns the last key of the table; ok is false if it has no rows.
func (j *Job) End(c *sqlite.Conn) (last any, ok bool, err error) {
	return Value(c, fmt.Sprintf("SELECT %s FROM %s ORDER BY %[1]s DESC LIMIT 1", j.key, j.table))
}

// Probes are queries that must compile if the expressions of the Spec are complete:
// one that is an expression both as it is and in parentheses cannot end those around it.
func (j *Job) Probes() (list []string) {
	for _, e := range append(slices.Collect(maps.Values(j.Set)), j.Where) {
		list = append(list, "SELECT "+e+"\nFROM "+j.table, "SELECT ("+e+"\n) FROM "+j.table)
	}
	return list
}

// The values of a copy, compared with those before each migration: a second copy keeps them.

package rehearse

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/loss"
	"fastmigrate/core/internal/sqlite"
)

// Compared says how much of a table was compared with its content before a migration.
type Compared struct {
	Table    string `json:"table"`
	Rows     int64  `json:"rows"`     // rows that were compared
	Of       int64  `json:"of"`       // rows before the migration
	Sampled  bool   `json:"sampled"`  // the table has more than a million rows: a sample was compared, the same rows each time
	Finished bool   `json:"finished"` // the comparison ended within 10 s; otherwise not all rows were compared
}

// earlier is a copy of the copy, as it was before the migration that runs.
type earlier struct {
	path  string // "" if there is none
	stale bool   // a migration has changed rows since
	again bool   // it is no longer as it was before the first migration
	ahead bool   // it is of a moment in a transaction that is not committed
	why   string // why there is none; "" if there is one, or none was tried
}

// keepEarlier copies the copy as it is now. Without room for that, values are not compared.
func (t *twin) keepEarlier(ctx context.Context, opts file.Config, temp string) error {
	t.earlier = earlier{path: t.earlier.path, again: t.earlier.path != ""}
	err := error(nil)
	if t.earlier.path == "" {
		var dir string
		if dir, err = os.MkdirTemp(temp, "before-*"); err == nil {
			t.earlier.path = filepath.Join(dir, "before.db")
		}
	}
	if err == nil {
		file.Discard(t.earlier.path)
		err = copyAsIs(&file.DB{Path: t.path}, t.earlier.path) // no one else has it open
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		t.earlier.why = err.Error()
		if err := t.countHere(ctx, opts); err != nil { // as long as it is as before
			return err
		}
	}
	if t.earlier.path != "" {
		t.earlierSize.Store(dirSize(filepath.Dir(t.earlier.path)))
		t.measureDisk(0)
	}
	return nil
}

// keepNow replaces the kept copy by a later one, made by copyNow.
func (t *twin) keepNow(next string) error {
	file.Discard(t.earlier.path)
	t.earlier.again, t.earlier.stale, t.earlier.ahead = true, false, true
	return os.Rename(next, t.earlier.path)
}

// copyNow writes the current content of the database, in the open transaction of c, to a
// file (https://sqlite.org/dbpage.html).
func copyNow(c *sqlite.Conn, path string) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	err = c.Query(func(s *sqlite.Stmt) error {
		page, _ := s.Value(0).([]byte)
		_, err := w.Write(page)
		return err
	}, "SELECT data FROM sqlite_dbpage('main') ORDER BY pgno")
	return errors.Join(err, w.Flush(), f.Close())
}

// earlierDB is the kept copy, to be read.
func (t *twin) earlierDB(opts file.Config) *file.DB {
	opts.Trial, opts.OnProgress = &file.Trial{}, nil // the run tells its own
	return &file.DB{Name: t.name, Path: t.earlier.path, Config: opts}
}

// countPairs counts the values of the tables that a migration may have changed, as far as they are
// needed: before it, in the kept copy, and after it, of tables that it redefined, that have BLOBs,
// or that were not watched; of other tables with changed rows, only how many there were. Of a
// table whose values are not counted, the kept copy holds the same.
func (t *twin) countPairs(ctx context.Context, opts file.Config, was, is loss.Content, path string, seen *loss.Trace) error {
	var before, written, after []*loss.Table
	for _, p := range loss.Pairs(was, is, seen) {
		if p.Before == nil || p.After == nil || p.Carried() {
			continue
		}
		anew := p.Rebuilt || p.Redefined() || p.Renamed() || seen == nil
		if !anew && p.Writes(seen) {
			var err error
			if anew, err = t.hasBlobs(ctx, opts, p.After); err != nil {
				return err
			}
		}
		if p.Before.Columns == nil && t.earlier.why == "" {
			if anew {
				before = append(before, p.Before)
			} else if p.Writes(seen) {
				written = append(written, p.Before)
			}
		}
		if p.After.Columns == nil && anew {
			after = append(after, p.After)
		}
	}
	if err := countIn(ctx, t.earlierDB(opts), countValues, before); err != nil {
		return err
	}
	if err := countIn(ctx, t.earlierDB(opts), countFilled, written); err != nil {
		return err
	}
	now := t.copyDB(opts)
	now.Path = path
	return countIn(ctx, now, countValues, after)
}

// hasBlobs reports whether a table of the copy has a BLOB now, which a text may have become.
func (t *twin) hasBlobs(ctx context.Context, opts file.Config, table *loss.Table) (has bool, err error) {
	err = countIn(ctx, t.copyDB(opts), func(table *loss.Table, c *sqlite.Conn) (err error) {
		has, err = table.HasBlobs(c)
		return err
	}, []*loss.Table{table})
	return has, err
}

// countHere counts the values of all tables, in the copy itself, as long as it is as before.
func (t *twin) countHere(ctx context.Context, opts file.Config) error {
	var all []*loss.Table
	for _, table := range t.last.Tables {
		if table.Columns == nil {
			all = append(all, table)
		}
	}
	return countIn(ctx, t.copyDB(opts), countValues, all)
}

// copyDB is the copy, to be read.
func (t *twin) copyDB(opts file.Config) *file.DB {
	opts.Trial, opts.OnProgress = &file.Trial{}, nil
	return &file.DB{Name: t.name, Path: t.path, Config: opts}
}

// countIn counts the content of tables of a database.
func countIn(ctx context.Context, d *file.DB, count counting, list []*loss.Table) error {
	if len(list) == 0 {
		return nil
	}
	c, err := d.OpenRecover(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	for _, table := range list {
		if err := counted(count(table, c)); err != nil {
			return d.Diagnose(err)
		}
	}
	return nil
}

// Continue keeps the copy as it is before the next migration.
func (r observer) Continue(ctx context.Context, target file.Target) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range r.twins {
		if t.path == target.Path && t.earlier.stale {
			return t.keepEarlier(ctx, target.Config, r.temp)
		}
	}
	return nil
}

// compareValues returns the columns whose values a migration replaced and, for tables
// where it deleted and inserted rows, how many rows are gone.
func (m *Migration) compareValues(ctx context.Context, t *twin, was, is loss.Content, path string, seen *loss.Trace) (replaced []loss.Finding, gone map[string]int64, err error) {
	gone = map[string]int64{}
	names, known := seen.Touched()
	t.earlier.stale = t.earlier.stale || len(m.Tables) > 0 || !known || len(names) > 0
	if t.earlier.why != "" {
		m.Warnings = append(m.Warnings, "values were not compared: "+t.earlier.why)
	}
	if t.earlier.why != "" || t.earlier.path == "" {
		return nil, gone, nil
	}
	replaced, all, err := loss.CompareValues(ctx, t.earlier.path, path, was, is, seen, loss.Limits{})
	if ctx.Err() != nil {
		return nil, gone, context.Cause(ctx)
	}
	if err != nil {
		m.Warnings = append(m.Warnings, "values were not compared: "+err.Error())
		return nil, gone, nil
	}
	for _, e := range all {
		m.Compared = append(m.Compared, Compared{e.Table, e.Rows, e.Of, e.Sampled, !e.Unfinished})
		if e.Gone >= 0 {
			gone[e.Table] = e.Gone
		}
	}
	return replaced, gone, nil
}

// unfinished lists, for a person, the tables in which not all rows were compared.
func (m Migration) unfinished() (list []string) {
	for _, c := range m.Compared {
		switch {
		case !c.Finished:
			list = append(list, fmt.Sprintf("not all rows of %s were compared: it took more than 10 s", c.Table))
		case c.Sampled:
			list = append(list, fmt.Sprintf("a sample of %s was compared: %d of %d rows", c.Table, c.Rows, c.Of))
		}
	}
	return slices.Clip(list)
}

// The values of a copy, compared with those before each migration: a second copy keeps them.

package rehearse

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/loss"
)

// Compared is how much of a table was compared with what it was before a migration.
type Compared struct {
	Table    string `json:"table"`
	Rows     int64  `json:"rows"`     // that were compared
	Of       int64  `json:"of"`       // rows before
	Sampled  bool   `json:"sampled"`  // the table has more than a million rows: a sample was compared, the same rows each time
	Finished bool   `json:"finished"` // the comparison ended within 10 s; otherwise not all rows were compared
}

// earlier is a copy of the copy, as it was before the migration that runs.
type earlier struct {
	path  string // "" if there is none
	stale bool   // a migration has changed rows since
	why   string // why there is none; "" if there is one, or none was tried
}

// keepEarlier copies the copy as it is now. Without room for that, values are not compared.
func (t *twin) keepEarlier(ctx context.Context, opts file.Config, temp string) error {
	t.earlier = earlier{path: t.earlier.path}
	err := error(nil)
	if t.earlier.path == "" {
		var dir string
		if dir, err = os.MkdirTemp(temp, "before-*"); err == nil {
			t.earlier.path = filepath.Join(dir, "before.db")
		}
	}
	if err == nil {
		opts.Trial, opts.OnProgress = nil, nil // the run tells its own
		file.Discard(t.earlier.path)
		err = copyAside(ctx, &file.DB{Name: t.name, Path: t.path, Config: opts}, t.earlier.path)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		t.earlier.why = err.Error()
	}
	if t.earlier.path != "" {
		t.earlierSize.Store(dirSize(filepath.Dir(t.earlier.path)))
		t.measureDisk(0)
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

// compareValues returns the columns of which a migration replaced the values, and for the
// tables in which rows were deleted and inserted how many are gone.
func (m *Migration) compareValues(ctx context.Context, t *twin, after *content, seen *loss.Trace) (replaced []loss.Finding, gone map[string]int64, err error) {
	gone = map[string]int64{}
	if t.earlier.why != "" {
		m.Warnings = append(m.Warnings, "values were not compared: "+t.earlier.why)
	}
	if t.earlier.why != "" || t.earlier.path == "" {
		return nil, gone, nil
	}
	replaced, all, err := loss.CompareValues(ctx, t.earlier.path, t.path, t.last.Content, after.Content, seen, loss.Limits{})
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
	t.earlier.stale = t.earlier.stale || len(m.Tables) > 0 || len(m.Rebuilt) > 0
	return replaced, gone, nil
}

// unfinished lists the tables of which not all rows were compared, for a person.
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

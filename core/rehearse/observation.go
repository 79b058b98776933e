// What a .sql migration does, observed while it runs.

package rehearse

import (
	"os"
	"path/filepath"
	"slices"
	"time"

	"fastmigrate/core/finding"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/lint"
	"fastmigrate/core/internal/loss"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/session"
	"fastmigrate/core/internal/sqlite"
)

// observation is what one script did so far.
type observation struct {
	*loss.Trace
	r *Rehearsal
	c *sqlite.Conn
	d *file.DB

	at      int       // where the statement that runs begins
	began   time.Time // when it began
	slow    []lint.Slow
	found   []finding.Finding
	whole   bool     // it is one transaction, and its connection knows the schema
	content *content // right after the script, before the end of its transaction
	script  *plan.Script
	did     *Migration // what it did, if the transaction continues; else nil

	attached []attachment // in their order
	as       string       // the schema by which the database is attached; "" if it is the one that is migrated
}

// Script begins to observe a script.
func (r observer) Script(c *sqlite.Conn, target file.Target, s *plan.Script) session.Witness {
	o := &observation{Trace: loss.NewTrace(c, s.Text), r: r.Rehearsal, c: c, d: openable(target), script: s}
	if _, t := o.before(); t != nil && t.earlier.ahead && t.running.c != c { // the transaction was rolled back, and begins again
		t.running, t.earlier.ahead = running{}, false
		if err := copyNow(c, t.earlier.path); err != nil {
			t.earlier.why = err.Error()
		}
	}
	o.Blind, o.whole = s.WritesSchema, s.Text != nil && s.Why == "" && !s.WritesSchema
	return o
}

// Begin begins to measure how long a statement takes.
func (o *observation) Begin(at int) {
	o.Trace.Begin(at)
	for _, a := range o.attached {
		if a.seen != nil {
			a.seen.Begin(at)
		}
	}
	o.at, o.began = at, time.Now()
}

// After measures how long it took: a transaction of ours holds the lock meanwhile.
func (o *observation) After() {
	if took := time.Since(o.began); took > lint.LongLock {
		o.slow = append(o.slow, lint.Slow{At: o.at, Took: took})
	}
	o.Trace.After()
	for _, a := range o.attached {
		if a.seen != nil {
			a.seen.After()
		}
	}
}

// Found keeps what the session has found.
func (o *observation) Found(f finding.Finding) { o.found = append(o.found, f) }

// BeforeCommit measures the disk when most of it is used: the journal is complete, and the
// file is about to grow.
func (o *observation) BeforeCommit() error {
	pages, err := o.c.Int("PRAGMA page_count")
	if err != nil {
		return err
	}
	size, err := o.c.Int("PRAGMA page_size")
	if err != nil {
		return err
	}
	var now int64
	if info, err := os.Stat(o.d.Path); err == nil {
		now = info.Size()
	}
	o.r.measureDisk(o.d.Path, max(0, pages*size-now))
	if o.whole && o.content == nil { // another connection would read the whole schema first
		o.content, err = o.read(countRows)
	}
	return err
}

// End finds out what the script did: after the other scripts of the transaction, that cannot be
// told any more. What the tables hold now is kept, as it was before the next.
func (o *observation) End() (err error) {
	before, t := o.before()
	if t == nil {
		return nil
	}
	if o.content, err = o.read(countRows); err != nil {
		return err
	}
	next := t.earlier.path + ".next"
	if t.earlier.why == "" {
		if err := copyNow(o.c, next); err != nil {
			t.earlier.why = err.Error()
		}
	}
	if o.did, err = t.examine(t.ctx, o.d.Config, before, o.content, next, o, lint.Migration{File: o.script.Name, Text: o.script.Text, Says: o.script.Says}); err != nil || t.earlier.why != "" {
		return err
	}
	return t.keepNow(next)
}

// before is what the tables held before the script, and the copy; nil if there is none.
func (o *observation) before() (*content, *twin) {
	o.r.mu.Lock()
	defer o.r.mu.Unlock()
	i := slices.IndexFunc(o.r.twins, func(t *twin) bool { return t.path == o.d.Path && t.last != nil })
	if i < 0 {
		return nil, nil
	}
	t := o.r.twins[i]
	if t.running.c == o.c { // else that transaction was rolled back
		return t.running.now, t
	}
	return t.last, t
}

// read reads what the tables hold, of which it counts those that the script has touched.
func (o *observation) read(count counting) (*content, error) {
	before, t := o.before()
	if t == nil {
		return nil, nil
	}
	now, err := readContent(o.d, o.c, count, before, o.Trace)
	t.running = running{o.c, now}
	return now, err
}

// dirSize returns the size of all files below a directory.
func dirSize(dir string) (sum int64) {
	filepath.WalkDir(dir, func(_ string, e os.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			if info, err := e.Info(); err == nil {
				sum += info.Size()
			}
		}
		return nil // a file that disappears meanwhile has no size
	})
	return sum
}

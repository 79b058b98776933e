// Package progress tells how far a long operation is. One goroutine reports it ten times a
// second, and the one that works only counts: so there are reports during a COMMIT and a
// program too, and a slow listener delays no one. The invariant: without someone to tell there
// is no [Watch], and nothing is counted.
package progress

import (
	"cmp"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"fastmigrate/core/internal/files"

	"github.com/dustin/go-humanize"
)

// Progress is how far a long operation is.
type Progress struct {
	Migration  string        // name of its file; "" outside of one
	Phase      string        // migrate, run (a program), execute, copy, check, replace (of the content), tidy; "" at the end of all
	Statement  int           // of the migration, the one that runs, from 1; 0 if none has begun yet, or it is not .sql
	Statements int           // of the migration; 0 if it is not .sql
	Rows       int64         // that the migration inserted, updated and deleted so far; of VACUUM, those it copied
	Pages      int           // copied so far
	OfPages    int           // to be copied; 0 if none are
	Elapsed    time.Duration // since the migration began, or else the operation
	Bytes      int64         // size of the database file
	WAL        int64         // size of its write-ahead log
	Journal    int64         // size of its rollback journal
}

// String is a line for a person; "" at the end.
func (p Progress) String() string {
	if p.Phase == "" {
		return ""
	}
	parts := []string{cmp.Or(p.Migration, p.Phase)}
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if p.Migration != "" && p.Phase != "migrate" && p.Phase != "run" {
		add("%s", p.Phase)
	}
	switch {
	case p.Statements > 0 && p.Statement == 0: // another holds the lock, perhaps with the same migration
		add("not started")
	case p.Statements > 0:
		add("statement %s of %s", humanize.Comma(int64(p.Statement)), humanize.Comma(int64(p.Statements)))
	}
	if p.OfPages > 0 {
		add("%s of %s pages", humanize.Comma(int64(p.Pages)), humanize.Comma(int64(p.OfPages)))
	}
	s := int(p.Elapsed / time.Second)
	if s >= 3600 {
		add("%d:%02d:%02d", s/3600, s/60%60, s%60)
	} else {
		add("%02d:%02d", s/60, s%60)
	}
	if p.Rows > 0 {
		add("%s rows", humanize.Comma(p.Rows))
	}
	var files []string
	for _, f := range []struct {
		name  string
		bytes int64
	}{{"db", p.Bytes}, {"wal", p.WAL}, {"journal", p.Journal}} {
		if f.bytes > 0 {
			files = append(files, f.name+" "+humanize.Bytes(uint64(f.bytes)))
		}
	}
	if files != nil {
		add("%s", strings.Join(files, " "))
	}
	return strings.Join(parts, "  ")
}

// progressEvery is the time between two calls of OnProgress.
const progressEvery = 100 * time.Millisecond

// Watch knows how far one call is. The methods of a nil Watch count nothing.
type Watch struct {
	tell  func(Progress)
	calls sync.Mutex // held while a function of the caller runs
	begun time.Time
	now   atomic.Pointer[Stage]
}

// Stage is what a call does now. The goroutine that does it counts. The methods of a
// nil Stage do nothing, but for RowsAtLeast, which needs one.
type Stage struct {
	migration, phase string
	begun            time.Time
	statements       int
	statement, rows  atomic.Int64
	pages, ofPages   atomic.Int64
}

// Report begins to call tell with the progress of what is done to the database at a path, until
// the function end is called.
func Report(path string, tell func(Progress)) (w *Watch, end func()) {
	w = &Watch{tell: tell, begun: time.Now()}
	stop, stopped := make(chan struct{}), make(chan struct{})
	first := time.AfterFunc(progressEvery, func() { // most calls are over before
		defer close(stopped)
		w.report(path, stop)
	})
	return w, func() {
		close(stop)
		if !first.Stop() {
			<-stopped
		}
	}
}

// report calls tell, now and from then on, until stop is closed.
func (w *Watch) report(path string, stop <-chan struct{}) {
	t := time.NewTicker(progressEvery)
	defer t.Stop()
	told := false
	for {
		if p, ok := w.progress(path); ok {
			w.Notify(func() { w.tell(p) })
			told = true
		}
		select {
		case <-t.C:
		case <-stop:
			if told {
				w.Notify(func() { w.tell(Progress{}) })
			}
			return
		}
	}
}

// progress returns how far the call is; false as long as no Stage has begun.
func (w *Watch) progress(path string) (Progress, bool) {
	s := w.now.Load()
	if s == nil {
		return Progress{}, false
	}
	return Progress{
		Migration: s.migration, Phase: s.phase, Elapsed: time.Since(s.begun),
		Statement: int(s.statement.Load()), Statements: s.statements, Rows: s.rows.Load(),
		Pages: int(s.pages.Load()), OfPages: int(s.ofPages.Load()),
		Bytes: files.Size(path), WAL: files.Size(path + "-wal"), Journal: files.Size(path + "-journal"),
	}, true
}

// Notify calls f, a function of the caller, while no other such function runs.
func (w *Watch) Notify(f func()) {
	if w != nil {
		w.calls.Lock()
		defer w.calls.Unlock()
	}
	f()
}

// Begin begins a migration, with its number of statements; "" if what follows belongs to
// none.
func (w *Watch) Begin(migration, phase string, statements int) *Stage {
	if w == nil {
		return nil
	}
	s := &Stage{migration: migration, phase: phase, statements: statements, begun: time.Now()}
	w.now.Store(s)
	return s
}

// Phase begins another phase of the same migration.
func (w *Watch) Phase(name string) *Stage {
	if w == nil {
		return nil
	}
	s := &Stage{phase: name, begun: w.begun}
	if was := w.now.Load(); was != nil {
		s.migration, s.begun = was.migration, was.begun
	}
	w.now.Store(s)
	return s
}

// Copied notes how many pages of a copy are there, of how many.
func (s *Stage) Copied(pages, all int) {
	if s != nil {
		s.ofPages.Store(int64(all))
		s.pages.Store(int64(pages))
	}
}

// Advance notes that n more statements of the script begin, or were applied before, and
// the number of rows changed so far.
func (s *Stage) Advance(n int, rows int64) {
	if s != nil {
		s.statement.Add(int64(n))
		s.rows.Store(rows)
	}
}

// RowsAtLeast notes that at least so many rows are changed.
func (s *Stage) RowsAtLeast(rows int64) {
	if rows > s.rows.Load() {
		s.rows.Store(rows)
	}
}

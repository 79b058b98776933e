package rehearse

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/dustin/go-humanize"

	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/finding"
	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/lint"
	"fastmigrate/core/internal/loss"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/schema"
)

// Report says what a rehearsal did to one database. Its lists are never nil.
//
// Existing and Problems are what [check.DB] finds, except that only the tables that the migrations
// touched are checked for damage to pages and indexes: a large database takes longer to check than
// to migrate. All tables are checked if one of those is damaged, or if a program, a VACUUM, a
// REINDEX or something other than a migration may have touched any table.
type Report struct {
	Path     string          `json:"path"`     // of the original
	Before   *int            `json:"before"`   // version; nil if the database does not exist, or is unversioned
	After    *int            `json:"after"`    // version
	Applied  []Migration     `json:"applied"`  // the migrations, in order
	Schema   []schema.Change `json:"schema"`   // objects that changed
	Tables   []TableRows     `json:"tables"`   // tables whose rows changed, as far as the number of rows and the migrations show
	Warnings []string        `json:"warnings"` // warnings about a disk that is too small
	Existing []string        `json:"existing"` // problems before the migrations
	Problems []string        `json:"problems"` // problems after the migrations
	Disk     DiskUse         `json:"disk"`     // needed beside the original: for its growth, journal and backup
	Copy     DiskUse         `json:"copy"`     // used by the private copy, in total

	// From and To are the complete schema before and after.
	From []schema.Object `json:"-"`
	To   []schema.Object `json:"-"`

	// Failed is the failed migration that ended the rehearsal; nil if none failed.
	Failed *Failure `json:"failed,omitempty"`

	besides bool // something other than the migrations changed it too
}

// Failure is the error that ended a rehearsal.
type Failure struct {
	File    string `json:"file,omitempty"`   // name of the migration; "" if no migration is involved
	Line    int    `json:"line,omitempty"`   // from 1; 0 if unknown
	Column  int    `json:"column,omitempty"` // in characters from 1
	Source  string `json:"source,omitempty"` // the text of Line
	Message string `json:"message"`
}

// Fail records that an error ended the rehearsal, if the error is about this database.
func (r *Report) Fail(err error) {
	var e *core.Error
	if errors.As(err, &e) && e.Path == r.Path {
		r.Failed = &Failure{e.File, e.Line, e.Column, e.Source, e.Err.Error()}
		begun := string(fault.History) + ":" // by this rehearsal: that it did not finish is said already
		r.Problems = slices.DeleteFunc(r.Problems, func(p string) bool { return strings.HasPrefix(p, begun) && !slices.Contains(r.Existing, p) })
	}
}

// String returns "0003-phone.sql:7:12: no such table: nope".
func (f Failure) String() string {
	switch {
	case f.File == "":
		return f.Message
	case f.Line == 0:
		return f.File + ": " + f.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, f.Message)
}

// Migration says what one migration did.
type Migration struct {
	core.Applied
	Schema   []schema.Change `json:"schema"`   // objects it changed; those of a file attached as o have names such as o.people, here and below
	Tables   []TableRows     `json:"tables"`   // tables whose rows it changed; for a rebuilt table, only the number of rows is known
	Rebuilt  []string        `json:"rebuilt"`  // tables that it dropped and created again
	Warnings []string        `json:"warnings"` // findings that are not accepted, and checks that could not be made

	// Findings are changes that the author may not have meant.
	Findings []finding.Finding `json:"findings"`

	// Compared are the tables whose values were compared with the earlier ones.
	Compared []Compared `json:"compared,omitempty"`
}

// TableRows says how the rows of a table changed. For a program, only the numbers of rows
// before and after are known.
type TableRows struct {
	Name     string `json:"name"`
	Was      string `json:"was,omitempty"` // its name before, if it was renamed
	Before   int64  `json:"before"`        // rows before; -1 if there was no such table
	After    int64  `json:"after"`         // rows after; -1 if the table is gone
	Inserted int64  `json:"inserted"`
	Updated  int64  `json:"updated"`
	Deleted  int64  `json:"deleted"`
}

// DiskUse is the disk space that an operation needs.
type DiskUse struct {
	Dir   string `json:"dir"`
	Bytes int64  `json:"bytes"` // the most bytes needed, as the sizes of files show; SQLite's temporary files for sorting are not counted
	Free  int64  `json:"free"`  // free bytes; -1 if unknown
}

// seen is what was observed of the migrations on one copy.
type seen struct {
	first, last *content // before the first migration, after the last
	applied     []Migration
	existing    existing
	running     running
	ctx         context.Context // of the run, for what SQLite and the session call
	sizePeak    atomic.Int64    // bytes beside the copy
	sizeBefore  int64           // those there were before
	earlierSize atomic.Int64    // bytes of the copy that is kept to compare values
	copyPeak    atomic.Int64    // bytes of both
}

// running is a transaction in which scripts have ended. The zero value is none.
type running struct {
	c   *sqlite.Conn
	now *content // after the last of them
}

// observer is a Rehearsal as an [apply.Observer].
type observer struct{ *Rehearsal }

// Run begins to observe the migrations of one copy, until end is called.
func (r observer) Run(ctx context.Context, target file.Target) (end func(), err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.twins, func(t *twin) bool { return t.path == target.Path })
	if i < 0 { // it was made by what was rehearsed
		i = len(r.twins)
		r.twins = append(r.twins, &twin{name: target.Name, shown: target.Shown, path: target.Path, original: target.Original})
	}
	t := r.twins[i]
	t.ctx = ctx
	if t.last, err = t.readContent(ctx, target.Config, countRows, nil, nil); err != nil || t.last == nil {
		return func() {}, err
	}
	first := t.first == nil
	if first {
		t.first, t.sizeBefore = t.last, dirSize(filepath.Dir(t.path))
	}
	if err := t.keepEarlier(ctx, target.Config, r.temp); err != nil {
		return nil, err
	}
	if first {
		if err := t.checkBefore(ctx, target.Config); err != nil {
			return nil, err
		}
	}
	done := make(chan bool)
	go func() { // for what happens outside of a transaction of ours
		for ticker := time.NewTicker(20 * time.Millisecond); ; {
			t.measureDisk(0)
			select {
			case <-done:
				ticker.Stop()
				return
			case <-ticker.C:
			}
		}
	}()
	return func() { close(done) }, nil
}

func (r *Rehearsal) measureDisk(path string, extra int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range r.twins {
		if t.path == path {
			t.measureDisk(extra)
		}
	}
}

// Applied records what a migration did.
func (r observer) Applied(ctx context.Context, target file.Target, d apply.Done) error {
	o, _ := d.Witness.(*observation)
	if o == nil {
		o = &observation{} // of a program
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range r.twins {
		if t.path != target.Path || t.last == nil {
			continue
		}
		t.measureDisk(0)
		m, now := o.did, o.content
		if m == nil {
			var err error
			if now == nil {
				if now, err = t.readContent(ctx, target.Config, countRows, t.last, o.Trace); err != nil || now == nil {
					return err
				}
			}
			if m, err = t.examine(ctx, target.Config, t.last, now, t.path, o, lint.Migration{File: d.Name, Text: d.Text, Says: d.Says}); err != nil {
				return err
			}
		}
		if err := r.addAttached(ctx, m, o, target.Config, lint.Migration{File: d.Name, Text: d.Text, Says: d.Says}); err != nil {
			return err
		}
		m.Applied, t.earlier.ahead = core.Applied(d.Applied), false
		t.last, t.running, t.applied = now, running{}, append(t.applied, *m)
	}
	return nil
}

// examine finds out what an observed migration did. The kept copy has the state before it,
// the database at path the state after it.
func (t *twin) examine(ctx context.Context, opts file.Config, before, now *content, path string, o *observation, all lint.Migration) (*Migration, error) {
	was, is := loss.Changed(before.Content, now.Content)
	if err := t.countPairs(ctx, opts, was, is, path, o.Trace); err != nil {
		return nil, err
	}
	if err := t.checkEarlier(ctx, opts, before, o.Trace, all.Text); err != nil {
		return nil, err
	}
	m := &Migration{Rebuilt: []string{}, Warnings: []string{}, Findings: []finding.Finding{}}
	m.Tables = changedRows(was, is, o.Trace)
	var err error
	if all.Replaced, all.Gone, err = m.compareValues(ctx, t, was, is, path, o.Trace); err != nil {
		return nil, err
	}
	all.Before, all.After, all.Seen, all.Path, all.PathBefore, all.Slow, all.Found = was, is, o.Trace, path, t.earlier.path, o.slow, o.found
	if o.as != "" {
		m.rename(o.as, &all)
	}
	m.Schema = append([]schema.Change{}, schema.Compare(before.In(o.as).Schema, now.In(o.as).Schema)...)
	m.noteRebuilt(all.Before, all.After, all.Seen)
	return m, m.find(ctx, all)
}

// changedRows returns the tables whose rows changed, by name.
func changedRows(before, after loss.Content, seen *loss.Trace) []TableRows {
	list := []TableRows{}
	for _, p := range loss.Pairs(before, after, seen) {
		row := TableRows{Before: -1, After: -1, Inserted: p.Inserted, Updated: p.Updated, Deleted: p.Deleted}
		if p.Before != nil {
			row.Name, row.Before = p.Before.Name, p.Before.Rows
		}
		if p.After != nil {
			row.Name, row.After = p.After.Name, p.After.Rows
		}
		if p.Renamed() {
			row.Was = p.Before.Name
		}
		if row.Before < 0 && row.After < 0 { // they were never counted
			continue
		}
		if p.After == nil || row.Before != row.After || row.Inserted+row.Updated+row.Deleted > 0 || row.Was != "" {
			list = append(list, row)
		}
	}
	slices.SortStableFunc(list, func(a, b TableRows) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// Report compares each database that was touched with its original state, in the order of the first
// touch. It leaves out a file that migrations attached and only read. Call it before
// [Rehearsal.Close]. It uses the LockTimeout, Logger and OnProgress of opts. If a copy cannot be
// read, it returns the error, with the reports before it.
func (r *Rehearsal) Report(ctx context.Context, opts core.Options) ([]Report, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	opts.Trial, opts.Observer = nil, nil
	list := []Report{}
	for _, t := range r.twins {
		after, err := t.readContent(ctx, opts.Config().File(), countRows, nil, nil)
		if err != nil {
			return list, err
		}
		if t.before == nil && after == nil || t.onlyRead() { // someone only asked for it
			continue
		}
		before := t.before
		if before == nil {
			before = &content{}
		}
		if after == nil {
			after = &content{}
		}
		one := Report{
			Path: t.name, Before: before.version, After: after.version,
			Applied: append([]Migration{}, t.applied...), Warnings: []string{},
			Schema: append([]schema.Change{}, schema.Compare(before.Schema, after.Schema)...), Tables: changedRows(before.Content, after.Content, nil), From: before.Schema, To: after.Schema,
			Copy: DiskUse{filepath.Dir(r.temp), max(t.copyPeak.Load(), dirSize(filepath.Dir(t.path))+t.earlierSize.Load()), file.FreeSpace(r.temp)},
		}
		disk := t.original
		for disk != filepath.Dir(disk) && !file.Present(disk) {
			disk = filepath.Dir(disk)
		}
		one.Disk = DiskUse{filepath.Dir(t.shown), max(0, t.sizePeak.Load()-t.sizeBefore), file.FreeSpace(disk)}
		if one.Disk.Free >= 0 && one.Disk.Free < one.Disk.Bytes {
			one.Warnings = append(one.Warnings, fmt.Sprintf("there is not enough disk space: %s more are needed in %s, but only %s are free",
				humanize.Bytes(uint64(one.Disk.Bytes)), one.Disk.Dir, humanize.Bytes(uint64(one.Disk.Free))))
		}
		one.addChanges()
		one.addElsewhere(t.elsewhere, after)
		outside := t.last == nil || changed(before, t.first) || changed(t.last, after)
		one.besides = outside || t.attached != nil && len(t.applied) == 0
		if one.Existing, one.Problems, err = t.check(ctx, opts, outside); err != nil {
			return list, err
		}
		if t.madeByStatement() {
			one.Existing, one.Problems = []string{}, slices.DeleteFunc(one.Problems, isHistory)
		}
		list = append(list, one)
	}
	return list, nil
}

func changed(a, b *content) bool {
	return schema.Compare(a.Schema, b.Schema) != nil || len(changedRows(a.Content, b.Content, nil)) > 0
}

// addChanges adds up the rows that the migrations changed in tables that still exist.
func (r *Report) addChanges() {
	for _, m := range r.Applied {
		for _, t := range m.Tables {
			if t.After < 0 || t.Inserted+t.Updated+t.Deleted == 0 {
				continue
			}
			i, found := slices.BinarySearchFunc(r.Tables, t.Name, func(t TableRows, name string) int { return strings.Compare(t.Name, name) })
			if !found {
				continue
			}
			r.Tables[i].Inserted, r.Tables[i].Updated, r.Tables[i].Deleted = r.Tables[i].Inserted+t.Inserted, r.Tables[i].Updated+t.Updated, r.Tables[i].Deleted+t.Deleted
		}
	}
}

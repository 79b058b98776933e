// Package check looks for every problem that a database may have. The only call:
//
//	report, err := check.DB(ctx, "app.db", core.Options{})
//
// The invariant: it creates and changes nothing, and reports problems in the [Report], not
// as errors.
package check

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/excuse"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/files"
	"fastmigrate/core/internal/foreign"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/session"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/internal/upgrade"
)

// Report is what [DB] found. Its lists are never nil.
type Report struct {
	OK       bool            `json:"ok"`       // there are no Problems
	Version  int             `json:"version"`  // -1 if it cannot be read, or if there is none
	Checked  []fault.Part    `json:"checked"`  // the parts that were checked
	Problems []fault.Problem `json:"problems"` // each once, at most 100 in one part; in JSON "integrity: row 7 missing from index a_x"

	// Causes are the causes of the Problems that a caller can act on, for errors.Is:
	// [fault.ErrEmpty], [fault.ErrUnfinished], [core.ErrCorrupt], [core.ErrMeta],
	// [fault.ErrHistory], [fault.ErrRecord], [core.ErrInterrupted].
	Causes []error `json:"-"`

	// Reindex: the only problems with integrity are indexes that REINDEX repairs.
	Reindex bool `json:"reindex,omitempty"`

	// Notes are findings that may be intended: a -wal that a killed process left, a gap
	// in the history, a table that only its application can check.
	Notes []string `json:"notes"`
}

// DB checks the database at path: its pages, indexes and constraints
// (https://sqlite.org/pragma.html#pragma_integrity_check), rows without the parent that a foreign
// key requires, full-text tables that do not match the table whose rows they index (on a private
// copy, made only if there are such tables), the table _meta, the history compared with the
// version, a transaction that a crash left unfinished, a file of 0 bytes, which may have been a
// database. Outside WAL mode, others cannot write while it reads. It uses the LockTimeout,
// NoHistory, OnProgress, Logger and Trial of opts.
//
// Problems are in the [Report]. Errors: fs.ErrNotExist, [core.ErrNotDatabase],
// [core.ErrBusy], fs.ErrPermission.
func DB(ctx context.Context, path string, opts core.Options) (r Report, err error) {
	return Within(ctx, path, opts, Scope{})
}

// Scope limits what [Within] checks. The zero value checks everything.
type Scope struct {
	Parts  []fault.Part // nil: all. The History requires the Version
	Tables []string     // tables whose pages, indexes and foreign keys are checked, with the foreign keys to them; nil: all
	Conn   *sqlite.Conn // a connection of the caller to the database, outside of a transaction; nil: one is opened
}

// Within is [DB] limited to a [Scope].
func Within(ctx context.Context, path string, opts core.Options, in Scope) (r Report, err error) {
	defer core.Wrap(&err, fault.OpCheck, path)
	r = Report{Version: -1, Checked: []fault.Part{}, Problems: []fault.Problem{}, Notes: []string{}}
	found, err := upgrade.New(ctx, path, opts.Config())
	if err != nil {
		return r, err
	}
	d := checker{found, in}
	if err := d.Precheck(); err != nil {
		return r, err
	}
	defer d.ReportProgress()()
	d.Watch.Phase("check")
	defer func() { r.OK = err == nil && len(r.Problems) == 0 }()
	if files.Size(d.Path) == 0 { // it may have been a whole one: nothing else can be said of it
		r.caused(fault.Version, fault.ErrEmpty, "it "+fault.ErrEmpty.Error())
		return r, nil
	}
	if in.wants(fault.Journal) {
		d.checkBeside(ctx, &r)
	}
	c := in.Conn
	if c == nil {
		if c, err = d.OpenRead(ctx); err == nil {
			defer c.Close()
		}
	}
	if errors.Is(err, fault.ErrUnfinished) { // its content is not settled
		if len(r.Problems) == 0 {
			r.caused(fault.Journal, fault.ErrUnfinished, fault.ErrUnfinished.Error())
		}
		return r, nil
	}
	if err == nil {
		err = d.BeginSnapshot(c)
		defer d.EndSnapshot(c)
	}
	for _, part := range []struct {
		name  fault.Part
		check func(*sqlite.Conn, *Report) error
	}{
		{fault.Integrity, d.checkIntegrity}, {fault.ForeignKeys, d.checkForeignKeys},
		{fault.FullText, func(c *sqlite.Conn, r *Report) error { return d.checkFullText(ctx, c, r) }},
		{fault.Version, d.checkVersion}, {fault.History, d.checkHistory},
	} {
		if !in.wants(part.name) {
			continue
		}
		if err == nil {
			err = d.Diagnose(part.check(c, &r))
		}
		if errors.Is(err, errNone) {
			err = nil
			continue
		}
		var e *sqlite.Error
		switch {
		case errors.Is(err, fault.ErrCorrupt): // too much to look further
			r.caused(part.name, fault.ErrCorrupt, strings.TrimPrefix(file.OneLine(err), fault.ErrCorrupt.Error()+": "))
			return r, nil
		case errors.As(err, &e) && e.Primary() == 1: // a statement that the schema does not permit
			r.problem(part.name, e.Msg)
			err = nil
		case err != nil:
			return r, err
		}
		r.Checked = append(r.Checked, part.name)
	}
	return r, err
}

// problem adds a problem.
func (r *Report) problem(part fault.Part, text string) {
	r.Problems = append(r.Problems, fault.Problem{Part: part, Text: text})
}

// caused adds a problem with a cause that a caller can act on.
func (r *Report) caused(part fault.Part, cause error, text string) {
	r.problem(part, text)
	r.Causes = append(r.Causes, cause)
}

// checker checks one database.
// errNone says that there is nothing to check: no version, no history, no full-text table.
var errNone = errors.New("it is missing")

type checker struct {
	*upgrade.Database
	in Scope
}

func (in Scope) wants(part fault.Part) bool {
	return in.Parts == nil || slices.Contains(in.Parts, part)
}

// keys reports whether to check the foreign keys of a table, which refer to parents.
func (in Scope) keys(table string, parents []string) (bool, error) {
	is := func(name string) bool {
		return slices.ContainsFunc(in.Tables, func(t string) bool { return strings.EqualFold(t, name) })
	}
	return in.Tables == nil || is(table) || slices.ContainsFunc(parents, is), nil
}

// checkBeside checks the files beside the database, in which SQLite locks nothing.
func (d *checker) checkBeside(ctx context.Context, r *Report) {
	// https://sqlite.org/howtocorrupt.html, 2.5
	if info, err := os.Stat(d.Path); err == nil && file.LinkCount(info) > 1 {
		r.Notes = append(r.Notes, fmt.Sprintf("journal: the file has %d names (hard links): SQLite looks for the -journal and the -wal beside the name that it opened, so under another name it misses them, and damages the database", file.LinkCount(info)))
	}
	if f, err := os.Open(d.Path + "-journal"); err == nil {
		var magic [8]byte // https://sqlite.org/fileformat2.html#the_rollback_journal
		f.Read(magic[:])
		f.Close()
		if string(magic[:]) != file.JournalMagic && magic != [8]byte{} {
			r.problem(fault.Journal, d.Shown+"-journal is not a journal of SQLite")
		}
	}
	if files.Size(d.Path+"-wal") > 0 && file.HeldBy(d.Path) == "" { // to ask SQLite stops others for a moment
		if c, err := d.WithLockTimeout(-1).OpenReadAlone(ctx); err == nil { // so no one else has it open
			c.Close()
			r.Notes = append(r.Notes, "journal: no process has "+d.Shown+"-wal open: a process was killed, or the file was copied; it is part of the database, and the next process that writes merges it")
		}
	}
	r.Checked = append(r.Checked, fault.Journal)
}

func (d *checker) checkIntegrity(c *sqlite.Conn, r *Report) error {
	for _, name := range d.in.Tables {
		damage, err := file.IntegrityOf(c, sqlite.Quote(name))
		if err != nil && !catalog.CannotCompile(err) { // else it is gone, or only its application can check it
			return err
		}
		r.damaged(damage)
	}
	if d.in.Tables != nil {
		return nil
	}
	damage, left, err := file.Integrity(c, file.MaxProblems)
	r.damaged(damage)
	r.Reindex = file.OnlyIndexes(damage)
	r.partly(fault.Integrity, left)
	return err
}

// damaged adds what an integrity check found. It names no row of a CHECK or NOT NULL that is
// violated, so its lines repeat: each is added once, with how often it came. SQLite stops
// at [file.MaxProblems] (https://sqlite.org/pragma.html#pragma_integrity_check), so if there
// are that many, more may have followed.
func (r *Report) damaged(lines []string) {
	times, least := map[string]int{}, ""
	for _, line := range lines {
		times[line]++
	}
	if len(lines) >= file.MaxProblems {
		least = "at least "
	}
	for _, line := range lines {
		if n := times[line]; n == 1 {
			r.problem(fault.Integrity, line)
		} else if n > 1 {
			r.Problems = append(r.Problems, fault.Problem{Part: fault.Integrity, Text: line, Times: fmt.Sprintf("%s%d times", least, n)})
		}
		delete(times, line) // it is added
	}
}

func (d *checker) checkForeignKeys(c *sqlite.Conn, r *Report) error {
	n := 0
	f := foreign.Keys{Conn: c}
	err := f.Each(d.in.keys, func(v foreign.Violation) error {
		if n++; n > file.MaxProblems {
			return session.ErrStopRows
		}
		text := strings.TrimPrefix(v.Error(), "foreign key violated: ")
		r.problem(fault.ForeignKeys, text)
		return nil
	})
	if err == session.ErrStopRows {
		err = nil
	}
	r.partly(fault.ForeignKeys, excuse.UncheckedTables(f.Unchecked))
	return err
}

// partly adds notes about parts that were not checked.
func (r *Report) partly(part fault.Part, list []file.Unchecked) {
	for _, u := range list {
		r.Notes = append(r.Notes, string(part)+": "+u.String())
	}
}

func (d *checker) checkVersion(c *sqlite.Conn, r *Report) error {
	v, err := d.Version(c)
	switch {
	case errors.Is(err, fault.ErrUnversioned):
		return errNone
	case errors.Is(err, fault.ErrMeta):
		r.caused(fault.Version, err, err.Error())
		return nil
	case err != nil:
		return err
	}
	r.Version = v
	return nil
}

func (d *checker) checkHistory(c *sqlite.Conn, r *Report) error {
	if r.Version < 0 {
		return errNone
	}
	records, t, err := history.All(c)
	if err == nil && t.Theirs() {
		r.Notes = append(r.Notes, "history: none is kept: "+t.WhyNone())
		return errNone
	}
	if err == nil && t.Kind == "" {
		return errNone
	}
	if err == nil {
		err = upgrade.CheckHistory(t, d.Opts)
	}
	if errors.Is(err, fault.ErrHistory) || errors.Is(err, fault.ErrRecord) {
		r.caused(fault.History, err, err.Error())
		return nil
	} else if err != nil {
		return err
	}
	left, found, err := history.Unfinished(c, r.Version)
	if err != nil {
		return err
	}
	next, gap := 0, 0
	for _, rec := range records {
		switch v := rec.Version; {
		case rec.State == history.Done && v > r.Version:
			r.problem(fault.History, fmt.Sprintf("%s was applied, but the version is %d", rec.File, r.Version))
		case rec.State != history.Done && v <= r.Version:
			r.problem(fault.History, fmt.Sprintf("%s is %s, but the version is %d", rec.File, rec.State, r.Version))
		}
		if rec.Version > next && next > 0 && gap == 0 {
			gap = next
		}
		next = rec.Version + 1
	}
	if found {
		if history.StillRuns(left) != nil {
			r.Notes = append(r.Notes, fmt.Sprintf("history: pid %d on %s runs %s", left.Pid, left.Host, left.File))
		} else {
			why := apply.Interrupted(left, d.Name)
			r.caused(fault.History, why, left.File+": "+why.(*fault.Error).Err.Error())
		}
	}
	if next > 0 && next <= r.Version && gap == 0 {
		gap = next
	}
	if gap > 0 && gap <= r.Version {
		r.Notes = append(r.Notes, fmt.Sprintf("history: version %d is missing", gap))
	}
	return nil
}

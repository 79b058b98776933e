// The history of a database, compared with the files of its migrations. The rule:
// nothing is claimed that is not proven. A row proves that its migration was applied. That
// another was not applied is only proven by a row that was written when the version went
// past it in one step. Versions that another tool applied, enrolled databases, and runs
// without a history leave gaps, which prove nothing.

package upgrade

import (
	"context"
	"fmt"
	"io/fs"

	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/internal/stamp"
)

// Survey is the state of a database, as of one moment: its version and its history.
type Survey struct {
	Version    int
	History    []history.Record
	Table      history.Table   // that holds the history
	Unfinished *history.Record // begun and not done
	idle       *history.Record // of a program that was killed and changed nothing: it is pending
}

// SurveyOn surveys the database on an open connection. Errors: those of [file.DB.Version],
// [fault.ErrRecord].
func (d *Database) SurveyOn(ctx context.Context, c *sqlite.Conn) (s Survey, err error) {
	if s.Version, err = d.Version(c); err != nil {
		return s, err
	}
	if s.History, s.Table, err = history.All(c); err != nil {
		return s, d.Diagnose(err)
	}
	for i, r := range s.History {
		switch {
		case r.Version <= s.Version || r.State == history.Done:
			continue
		case stamp.Untouched(ctx, d.DB, c, r):
			s.idle = &s.History[i]
			continue
		}
		s.Unfinished = &s.History[i]
		break
	}
	return s, nil
}

// equal reports whether the database has not changed since was.
func (s Survey) equal(was Survey) bool {
	return s.Version == was.Version && len(s.History) == len(was.History) && fmt.Sprint(s.Unfinished) == fmt.Sprint(was.Unfinished)
}

// skipped reports whether the version went past v in one step, which proves that v was
// not applied.
func (s Survey) skipped(v int) bool {
	for _, r := range s.History {
		previous, ok := r.Previous.(int64)
		if ok && r.State == history.Done && r.Version <= s.Version && int(previous) < v && v < r.Version {
			return true
		}
	}
	return false
}

// Status returns the state of each migration, as far as names tell it: edits are found by
// [Status.FindEdits].
func (s Survey) Status(list []naming.Migration) Status {
	st := Status{Version: s.Version, Recorded: s.Table.Ours(), table: s.Table, Unrecorded: s.Table.WhyNone(), Misnamed: []naming.Misnamed{},
		Migrations: make([]MigrationStatus, 0, max(len(list), len(s.History)))}
	if len(list) > 0 {
		st.last = list[len(list)-1].Version
	}
	st.Ahead = st.last < s.Version
	rest := s.History
	for len(list) > 0 || len(rest) > 0 {
		v := 0
		if len(list) > 0 {
			v = list[0].Version
		}
		if len(rest) > 0 && (v == 0 || rest[0].Version < v) {
			v = rest[0].Version
		}
		n := 0
		for n < len(list) && list[n].Version == v {
			n++
		}
		files := list[:n]
		list = list[n:]
		var rec *history.Record
		if len(rest) > 0 && rest[0].Version == v {
			rec, rest = &rest[0], rest[1:]
		}
		s.addVersion(&st, v, files, rec)
	}
	return st
}

// addVersion adds the files of one version, whose record is rec; nil if it has none.
func (s Survey) addVersion(st *Status, v int, files []naming.Migration, rec *history.Record) {
	state := StatePending
	switch {
	case v > s.Version:
		if s.Unfinished == nil || s.Unfinished.Version != v {
			rec = nil // of a version that was taken back by hand
		}
	case rec != nil && rec.State == history.Done:
		state = StateApplied
	case s.skipped(v):
		state, rec = StateOutOfOrder, nil
	default:
		state, rec = StateUnrecorded, nil
	}
	if rec != nil && len(files) == 0 {
		files, state = []naming.Migration{{Version: v, Name: rec.File}}, StateMissing
	}
	its := -1 // the file that the record is about
	for _, m := range files {
		if rec != nil && (m.Name == rec.File || len(files) == 1) {
			its = len(st.Migrations)
		}
		one := MigrationStatus{Migration: m, State: state}
		if len(files) > 1 && state != StateOutOfOrder {
			one.State = StateDuplicate
		}
		st.Migrations = append(st.Migrations, one)
	}
	if its < 0 {
		return
	}
	m := &st.Migrations[its]
	m.State, m.Duration, m.Host = state, rec.Took, rec.Host
	if !rec.Started.IsZero() { // else the tool that applied it did not keep it
		m.Applied = &rec.Started
	}
	if n, ok := rec.Rows.(int64); ok {
		m.Rows = &n
	}
	if m.Name != rec.File {
		m.Was = rec.File
	}
	if v > s.Version {
		m.State = StateInterrupted
		if alive, known := history.Alive(*rec); rec.State == history.Running && (alive || !known) {
			m.State = StateRunning
		}
	}
	if m.State == StateApplied {
		m.sha256 = rec.Sha256
	}
}

// FindEdits marks applied migrations whose text was changed afterwards as [StateEdited].
// It compares those that the function which selects, if their checksum is recorded; sum
// returns the checksum of a file. The error is that of sum.
func (s Status) FindEdits(which func(MigrationStatus) bool, sum func(naming.Migration) (string, error)) error {
	for i := range s.Migrations {
		m := &s.Migrations[i]
		if m.State != StateApplied || m.sha256 == "" || !which(*m) {
			continue
		}
		now, err := sum(m.Migration)
		if err != nil {
			return err
		}
		if now != m.sha256 {
			m.State = StateEdited
		}
	}
	return nil
}

// EveryText has [Status.FindEdits] compare all texts.
func EveryText(MigrationStatus) bool { return true }

// renamedText has it compare those whose files have another name than they had.
func renamedText(m MigrationStatus) bool { return m.Was != "" }

// Checksums returns a function that gives the checksum of a file in fsys.
func Checksums(ctx context.Context, fsys fs.FS) func(naming.Migration) (string, error) {
	return func(m naming.Migration) (string, error) {
		text, err := naming.Read(ctx, fsys, m)
		if err != nil {
			return "", err
		}
		return plan.Checksum(text), nil
	}
}

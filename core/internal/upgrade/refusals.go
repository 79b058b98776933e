// The reasons not to migrate, and their words.

package upgrade

import (
	"fmt"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
)

// Refusals returns the reasons not to migrate, the gravest first.
func (s Status) Refusals(opts Config) (problems []error) {
	if err := CheckHistory(s.table, opts); err != nil {
		problems = append(problems, err)
	}
	var all []naming.Migration
	for _, m := range s.Migrations {
		all = append(all, m.Migration)
	}
	if err := naming.CheckUnique(all); err != nil {
		problems = append(problems, err)
	}
	if err := naming.CheckRecognised(s.Version, all, s.Misnamed); err != nil {
		problems = append(problems, err)
	}
	if s.Ahead && !opts.AllowMissing {
		here := "and there are no migrations here"
		if s.last > 0 {
			here = fmt.Sprintf("and the last migration here is %04d", s.last)
		}
		problems = append(problems, fault.New("", fault.Of(fault.ErrAhead, "is at version %d, %s", s.Version, here)))
	}
	add := func(list []MigrationStatus, is error, one, several string) {
		switch len(list) {
		case 0:
		case 1:
			problems = append(problems, fault.New(list[0].Name, fault.Of(is, "%s", one)))
		default:
			problems = append(problems, fault.New("", fault.Of(is, "%s %s", names(list), several)))
		}
	}
	var gone []MigrationStatus
	for _, m := range s.In(StateMissing) {
		if m.Version < s.last && !opts.AllowMissing { // else the database is ahead
			gone = append(gone, m)
		}
	}
	add(gone, fault.ErrMissing, "it was applied, but its file is gone", "were applied, but their files are gone")
	edited := s.In(StateEdited)
	one := "it was edited after it was applied"
	if len(edited) == 1 && edited[0].Was != "" {
		one = "it is not the applied migration, which was " + edited[0].Was
	}
	add(edited, fault.ErrEdited, one, "were edited after they were applied")
	late := s.In(StateOutOfOrder)
	if !opts.AllowOutOfOrder {
		past := fmt.Sprintf("never applied, but the database is already at version %d", s.Version)
		add(late, fault.ErrOutOfOrder, "it was "+past, "were "+strings.Replace(past, "past it", "past them", 1))
	} else if opts.NoHistory {
		add(late, fault.ErrUnrecorded, "without a history, it cannot be applied out of order", "cannot be applied out of order without a history")
	}
	return problems
}

// names lists the files; of very many, the first.
func names(list []MigrationStatus) string {
	var n []string
	for _, m := range list {
		n = append(n, m.Name)
	}
	return naming.Few(n)
}

// CheckHistory refuses a table _meta_history that may have been ours and no longer is.
// Nothing is wrong with it if no history is kept, or an application has the name.
func CheckHistory(t history.Table, opts Config) error {
	if opts.NoHistory || t.Theirs() {
		return nil
	}
	return t.NotHistory()
}

// skipTakenHistory sets Opts.NoHistory, with a warning, if an application has a table of
// the name _meta_history.
func (d *Database) skipTakenHistory(t history.Table) {
	if t.Theirs() && !d.Opts.NoHistory {
		d.Opts.NoHistory = true
		d.Log().Warn(fmt.Sprintf("%s: no history is kept: %v", d.Name, t.NotHistory()))
	}
}

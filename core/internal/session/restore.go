// What the files of one transaction may change of the connection that they share. The
// invariant: the next file finds it as it would find a connection of its own.

package session

import (
	"fmt"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// restorable are the PRAGMAs that a file in one transaction with others may set, since
// they can be set back: true if SQLite tells their value, false if it was the default.
var restorable = map[string]bool{
	"analysis_limit": true, "automatic_index": true, "cache_size": true, "cache_spill": true, "cell_size_check": true,
	"checkpoint_fullfsync": true, "count_changes": true, "defer_foreign_keys": true, "empty_result_callbacks": true,
	"full_column_names": true, "fullfsync": true, "ignore_check_constraints": true,
	"journal_size_limit": true, "legacy_alter_table": true, "locking_mode": true, "max_page_count": true, "mmap_size": true,
	"query_only": true, "read_uncommitted": true, "recursive_triggers": true, "reverse_unordered_selects": true,
	"secure_delete": true, "short_column_names": true, "soft_heap_limit": true, "temp_store": true, "threads": true,
	"trusted_schema": true, "wal_autocheckpoint": true, "writable_schema": true,
	"busy_timeout": false, "case_sensitive_like": false,
}

// hints are the PRAGMAs that SQLite may refuse in a transaction, and that are skipped then:
// they change how fast a file runs, and not what it does.
var hints = map[string]bool{"synchronous": true, "temp_store": true}

// ReadSettings reads the settings that the script will change, for
// [Session.RestoreSettings].
func (x *Session) ReadSettings(s *plan.Script) (found map[string]string, err error) {
	found = map[string]string{}
	for _, step := range s.Steps {
		for _, m := range step.Specials {
			known, ok := restorable[m.Name]
			if _, has := found[m.Name]; m.Kind != split.Pragma || m.Value == "" || !ok || has {
				continue
			}
			was := "OFF"
			if known {
				was, err = x.Conn.Text("PRAGMA " + m.Name)
			}
			if err != nil {
				return nil, x.Diagnose(err)
			}
			found[m.Name] = was
		}
	}
	return found, nil
}

// RestoreSettings sets back what the script changed of the connection; was is what
// [Session.ReadSettings] gave. Errors: [fault.ErrApart] if the script left temporary
// objects, which the next would see.
func (x *Session) RestoreSettings(s *plan.Script, was map[string]string) error {
	for name, value := range was {
		if name == "busy_timeout" { // which took the place of our handler
			x.Conn.Rehook()
			continue
		}
		if value == "" { // this SQLite has none
			continue
		}
		if err := x.Conn.Exec("PRAGMA " + name + " = " + value); err != nil && !hints[name] {
			return x.Diagnose(err)
		}
	}
	left := ""
	err := x.Conn.Query(func(r *sqlite.Stmt) error {
		left = r.Text(0)
		return ErrStopRows
	}, `SELECT name FROM temp.sqlite_master WHERE name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name NOT LIKE '\_spool\_%' ESCAPE '\'`)
	if err != nil && err != ErrStopRows {
		return x.Diagnose(err)
	}
	if left == "" {
		return nil
	}
	refused := fault.Of(fault.ErrApart, "%s", temporaryTogether)
	for _, step := range s.Steps {
		for _, m := range step.Specials {
			if m.Kind == split.CreateTemp && split.Find(s.Text[m.Start:m.End], left) >= 0 {
				return s.At(m.Start, refused)
			}
		}
	}
	return fault.New(s.Name, refused)
}

const temporaryTogether = "temporary objects cannot be in one transaction with other migrations, which would see them: drop them in the same file"

// runHint runs a PRAGMA of [hints], or warns that it is skipped.
func (x *Session) runHint(step plan.Step, st split.Statement, at int) (end int, err error) {
	if st.Name == "temp_store" {
		if end, err = x.runStatement(step, at); err == nil {
			return end, nil
		}
	}
	e := x.Script.At(st.Start, nil)
	x.Log().Warn(fmt.Sprintf("%s:%d:%d: PRAGMA %s cannot change in a transaction: it is skipped", x.Script.Name, e.Line, e.Column, st.Name))
	return st.End, nil
}

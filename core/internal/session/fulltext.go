// Full-text tables that index the rows of another table: whoever rebuilds that without an
// INTEGER PRIMARY KEY gives its rows other rowids, which the index does not notice.

package session

import (
	"cmp"
	"errors"

	"fastmigrate/core/finding"
	"fastmigrate/core/internal/excuse"
	"fastmigrate/core/internal/fulltext"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// fullText is what scripts did to tables that a full-text table may index.
type fullText struct {
	fulltext.Losses
	fulltext.Changes
	at     int             // where the statement that runs begins, with what is before it
	failed *fulltext.Table // for which the check of a transaction failed
}

// touchContent notes what a statement does to a table; code is that of a [sqlite.Action].
func (x *Session) touchContent(table string, code int) {
	switch code {
	case sqlite.ActDropTable, sqlite.ActDropView, sqlite.ActAlterTable:
	default:
		return
	}
	l := fulltext.Loss{Script: x.Script, At: max(0, x.Script.StatementAt(x.FullText.at, len(x.Script.Text)).Start)}
	gone := code != sqlite.ActAlterTable || x.Foreign.Lineage.NextName != ""
	x.FullText.Changed(table, l, gone)
	if gone && code != sqlite.ActDropView {
		x.FullText.Add(table, l)
	}
}

// BeforeRebuild says that the next statement drops or renames a table. Now is the time to
// look for earlier problems that must be excused.
func (x *Session) BeforeRebuild(statement []byte) error {
	if !x.Foreign.ExcuseExisting {
		return nil
	}
	defer x.uncounted()()
	return x.Diagnose(x.FullText.Excuse(x.Conn, statement))
}

// uncounted returns a function that excludes from [Session.Rows] the rows changed since:
// for SQLite, the check of a full-text table is an INSERT.
func (x *Session) uncounted() func() {
	before := x.Conn.TotalChanges()
	return func() { x.Before += x.Conn.TotalChanges() - before }
}

// CheckFullText refuses a full-text table that no longer fits its content, if that was
// dropped or renamed and another table has its name now, or a VACUUM ran. It must be
// called before the COMMIT. A script that accepts it only gets a warning.
// Errors: [fault.ErrStaleText], in a [excuse.Failure].
func (x *Session) CheckFullText() error {
	defer x.uncounted()()
	f, l, found, err := x.FullText.Stale(x.Conn)
	for found && err == nil && l.Script.Says.Accepted(finding.FTS, l.At, l.At+1) {
		if x.Witness == nil { // it is meant, and no one finds the rows meanwhile
			x.WarnOnce(l.Refusal(f).Error())
		}
		x.find(finding.New(finding.FTS, "with this, %s", f.Misfit()), l.Script, l.At, l.At, l.At+1)
		x.FullText.Accept(f)
		f, l, found, err = x.FullText.Stale(x.Conn)
	}
	if err != nil || !found {
		return x.Diagnose(err)
	}
	if !l.Vacuum { // before which it was looked at
		x.FullText.failed = &f
	}
	return &excuse.Failure{Err: l.Refusal(f)}
}

// ReportBroken finds the full-text tables that the scripts broke: what they index is gone, or
// has other names. It is no error, as a later migration may drop them. It must be called
// after the last statement, in its transaction, and may be called after others before.
func (x *Session) ReportBroken() error {
	breaks, err := x.FullText.Breaks(x.Conn)
	for _, b := range breaks {
		f := b.Finding()
		if x.Witness == nil { // a warning is one line
			f.Message += ": " + b.Mend()
		}
		x.find(f, b.By.Script, b.By.At, b.By.At, b.By.At+1)
	}
	return x.Diagnose(err)
}

// withStaleBefore completes err, with which a transaction was rolled back: if it is about
// a full-text table that did not fit before either, [excuse.Existing] excuses that.
func (x *Session) withStaleBefore(err error) error {
	var v *excuse.Failure
	f := x.FullText.failed
	if f == nil || x.Foreign.ExcuseExisting || !errors.As(err, &v) {
		return err
	}
	stale := false
	e := x.inVain(func() (err error) {
		stale, err = f.Stale(x.Conn)
		return err
	})
	v.ExistedBefore = func(*sqlite.Conn) (bool, error) { return stale, e }
	return err
}

// inVain calls do in a transaction that is rolled back.
func (x *Session) inVain(do func() error) error {
	err := x.DB.Transact(x.Conn, func() error {
		defer x.uncounted()()
		return cmp.Or(do(), ErrRollback)
	})
	if err == ErrRollback {
		return nil
	}
	return x.Diagnose(err)
}

// beforeVacuum says that st comes, a VACUUM, and excuses the full-text tables that are
// stale already. VACUUM INTO changes no rowids.
func (x *Session) beforeVacuum(st split.Statement) error {
	if split.Find(x.Script.Text[st.Start:st.End], "INTO") >= 0 {
		return nil
	}
	some, err := x.FullText.AddVacuum(x.Conn, fulltext.Loss{Script: x.Script, At: st.Start})
	if err != nil || !some {
		return x.Diagnose(err)
	}
	return x.inVain(func() error { return x.FullText.Excuse(x.Conn, nil) })
}

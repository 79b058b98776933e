// Package history is what a database knows of its migrations: the table _meta_history
// with a record for each migration, and the shape of the table _meta.
//
// The invariants: what is written is read back, since a trigger can undo it; a record
// that none of ours can be is an error; an application's table of that name is not
// touched.
package history

import (
	"bytes"
	"cmp"
	"compress/zlib"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/process"
	"fastmigrate/core/internal/sqlite"
)

// createHistory makes the table of the history, with a row for each migration. Only rows
// above the version of the database can have another state than done.
const createHistory = `CREATE TABLE IF NOT EXISTS main._meta_history (
    version INTEGER PRIMARY KEY,
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL,               -- of the text; while it is not done, up to position
    state TEXT NOT NULL CHECK (state IN ('running', 'failed', 'done')),
    position INTEGER NOT NULL DEFAULT 0, -- bytes of the file that are applied, where it runs in steps; batches of a backfill
    started TEXT NOT NULL,              -- UTC; empty where the tool that applied it did not keep it
    milliseconds INTEGER,
    rows INTEGER,                       -- inserted, updated and deleted; unknown for programs
    host TEXT,
    pid INTEGER,
    process TEXT,                       -- while running: tells processes with one pid apart
    program INTEGER,                    -- while running: process group of a .py or .sh
    tool TEXT,
    sqlite TEXT,
    previous INTEGER,                   -- version before it; unknown where it was not recorded
    text BLOB,                          -- as applied, in the format of zlib; NULL if it is not kept
    cursor,                             -- while it is not done: rowid or key of the last row that a backfill is done with; the file that a VACUUM INTO makes, which was not there
    machine TEXT                        -- while running: tells an earlier boot of host from another one; NULL where that is not known
)`

// laterColumns are the columns that a history made by an earlier version may lack.
var laterColumns = []string{"previous INTEGER", "text BLOB", "cursor", "machine TEXT"}

// textLimit is the size of the longest text that is kept.
const textLimit = 1 << 20

// Record is a row of the history: for what a column means, see the statement that makes
// the table. [New] begins one.
type Record struct {
	Version  int
	File     string
	Sha256   string
	State    string
	Position int
	Started  time.Time // by the first run of the migration
	Began    time.Time // by this process; not stored
	Took     time.Duration
	Rows     any // int64, or nil
	Host     string
	Pid      int
	Process  string
	Machine  string
	Program  int
	Previous any  // int, or nil
	Text     any  // as Pack gives it, or nil; only stored if State is Done
	Cursor   any  // nil if there is none
	First    bool // there was no history before this record; not stored
}

// The states of a record.
const (
	Running = "running"
	Failed  = "failed"
	Done    = "done"
)

// timeLayout is one that SQLite's date functions read.
const timeLayout = "2006-01-02T15:04:05.000Z"

// New begins the record of a migration with that text, which this process applies to a
// database at the version previous, or nil if earlier versions are unknown.
func New(version int, file string, text []byte, previous any) Record {
	now := time.Now()
	return Record{Version: version, File: file, Sha256: plan.Checksum(text), State: Running, Started: now, Began: now,
		Host: hostname(), Pid: os.Getpid(), Previous: previous, Text: Pack(text)}
}

var hostname = sync.OnceValue(func() string {
	host, _ := os.Hostname()
	return host
})

// Pack compresses a text, after [plan.Normalize]; nil if it is too long to be kept.
func Pack(text []byte) any {
	if len(text) > textLimit {
		return nil
	}
	text = plan.Normalize(text, true)
	var b bytes.Buffer
	w := compressors.Get().(*zlib.Writer)
	defer compressors.Put(w)
	w.Reset(&b)
	w.Write(text)
	w.Close()
	return b.Bytes()
}

// compressors are kept, since each needs a megabyte.
var compressors = sync.Pool{New: func() any {
	w, _ := zlib.NewWriterLevel(nil, zlib.BestSpeed)
	return w
}}

// Unpack returns the text that [Pack] was given, as [plan.Normalize] gives it.
func Unpack(packed []byte) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(r, textLimit+1))
	if err == nil && len(text) > textLimit {
		err = errors.New("it is too long to be kept")
	}
	return text, err
}

// Write puts the record into the history, in place of one of the same version, and makes
// the table if there is none. It also tries whether a trigger would undo the end of a
// migration that begins. Errors: [fault.ErrHistory], [fault.ErrRefused].
func (r Record) Write(c *sqlite.Conn, tool string) error {
	if err := EnsureTable(c); err != nil {
		return err
	}
	if r.State == Running {
		r.Process, r.Machine = process.Text(r.Pid), process.Machine()
	}
	if r.State != Done {
		r.Text = nil
	}
	put := func() error {
		if err := r.put(c, tool); err != nil {
			return err
		}
		return ConfirmRows(c, 1, "version = ? AND file = ? AND sha256 = ? AND state = ? AND position = ? AND program = ?",
			r.Version, r.File, r.Sha256, r.State, r.Position, r.Program)
	}
	if r.State == Running && Triggers(c) != "" {
		r.State = Done
		if err := tryEnd(c, r.Version, put); err != nil {
			return err
		}
		r.State = Running
	}
	return KeepingVersion(c, put)
}

// put writes the row.
func (r Record) put(c *sqlite.Conn, tool string) error {
	started := ""
	if !r.Started.IsZero() {
		started = r.Started.UTC().Format(timeLayout)
	}
	return c.Run(`INSERT OR REPLACE INTO main._meta_history
		(version, file, sha256, state, position, started, milliseconds, rows, host, pid, process, program, tool, sqlite, previous, text, cursor, machine)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''))`,
		r.Version, r.File, r.Sha256, r.State, r.Position, started,
		r.Took.Milliseconds(), r.Rows, r.Host, r.Pid, r.Process, r.Program, tool, sqlite.Version, r.Previous, r.Text, r.Cursor, r.Machine)
}

// Whole reports whether both of our tables are there, with all columns, and there is no
// trigger on them, so that [Record.Advance] can be used.
func Whole(c *sqlite.Conn) (bool, error) {
	t, ours, err := Find(c)
	if err != nil || !ours {
		return false, err
	}
	for _, column := range laterColumns {
		if name, _, _ := strings.Cut(column, " "); !t.Has(name) {
			return false, nil
		}
	}
	return Triggers(c) == "", nil
}

// Advance changes the version from one to that of the record, which it writes, as
// [Record.Write] does, where everything is known to be as [Whole] says. Errors:
// [fault.ErrRefused].
func (r Record) Advance(c *sqlite.Conn, from int, tool string) error {
	if err := Advance(c, from, r.Version); err != nil {
		return err
	}
	before := c.TotalChanges()
	err := r.put(c, tool)
	if err == nil && c.TotalChanges() != before+1 {
		err = fault.Of(fault.ErrRefused, "a row written to its table _meta_history did not stay")
	}
	return err
}

// Advance changes the version from one to another.
func Advance(c *sqlite.Conn, from, to int) error {
	before := c.TotalChanges()
	err := c.Run("UPDATE main._meta SET version = ? WHERE id = 1 AND version = ?", to, from)
	if err == nil && c.TotalChanges() != before+1 {
		err = fault.Of(fault.ErrRefused, "its version could not be set to %d", to)
	}
	return err
}

// tryEnd reports a trigger that would undo the end of a migration, before a program or a
// step runs, which could not be rolled back. The function put writes the record of the
// end; what it writes is rolled back.
func tryEnd(c *sqlite.Conn, version int, put func() error) error {
	if err := c.Exec("SAVEPOINT fastmigrate_trial"); err != nil {
		return err
	}
	err := c.Run("UPDATE main._meta SET version = ? WHERE id = 1", version)
	if err == nil {
		err = KeepingVersion(c, put)
	}
	now, e := c.Int("SELECT version FROM main._meta")
	if err = cmp.Or(err, e); err == nil && int(now) != version {
		err = fault.Of(fault.ErrRefused, "its version would not stay at %d%s", version, Triggers(c))
	}
	if c.Autocommit() { // a trigger has ended the transaction
		return err
	}
	return errors.Join(err, c.Exec("ROLLBACK TO fastmigrate_trial"), c.Exec("RELEASE fastmigrate_trial"))
}

// KeepingVersion calls do, which writes to the history and to nothing else, and reports
// a trigger that changes the version along with it. Errors: [fault.ErrRefused].
func KeepingVersion(c *sqlite.Conn, do func() error) error {
	const version = "SELECT version FROM main._meta"
	before, err := c.Int(version)
	if err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	after, err := c.Int(version)
	if err == nil && after != before {
		err = fault.Of(fault.ErrRefused, "what was written to its table _meta_history changed the version from %d to %d%s", before, after, Triggers(c))
	}
	return err
}

// ConfirmRows reports that the history does not have that number of rows for the
// condition where: a trigger can undo what was just written or removed. Errors:
// [fault.ErrRefused].
func ConfirmRows(c *sqlite.Conn, rows int64, where string, args ...any) error {
	n, err := c.Int("SELECT count(*) FROM main._meta_history WHERE "+where, args...)
	if err == nil && n != rows {
		err = fault.Of(fault.ErrRefused, "a row written to its table _meta_history did not stay%s", Triggers(c))
	}
	return err
}

// Find finds the table of the history. It is ours if it has the shape of one that a
// version of this package made.
func Find(c *sqlite.Conn) (t Table, ours bool, err error) {
	t, err = FindTable(c, "_meta_history")
	return t, t.Ours(), err
}

// Ours reports whether t is a history, as a version of this package made it.
func (t Table) Ours() bool { return t.Kind != "" && t.NotHistory() == nil }

// NotHistory reports a table of another shape, in which nothing can be recorded; nil if
// there is none of that name. Errors: [fault.ErrHistory].
func (t Table) NotHistory() error {
	if why := t.Unlike("version", strings.Split(columns, ", ")...); t.Kind != "" && why != "" {
		return fault.Of(fault.ErrHistory, "%v: %s", fault.ErrHistory, why)
	}
	return nil
}

// EnsureTable makes the table of the history if there is none, or adds the columns that
// an earlier version did not have. Errors: [fault.ErrHistory].
func EnsureTable(c *sqlite.Conn) error {
	t, ours, err := Find(c)
	switch {
	case err != nil:
		return err
	case t.Kind == "":
		return c.Exec(createHistory)
	case !ours:
		return t.NotHistory()
	}
	for _, column := range laterColumns {
		if name, _, _ := strings.Cut(column, " "); !t.Has(name) {
			if err := c.Exec("ALTER TABLE main._meta_history ADD COLUMN " + column); err != nil {
				return err
			}
		}
	}
	return nil
}

// Finish sets the state to [Done], and the time it took: in whole milliseconds, without
// the COMMIT, as it is recorded and shown.
func (r *Record) Finish() {
	r.State, r.Took = Done, max(time.Since(r.Began).Round(time.Millisecond), time.Millisecond)
}

// Forget removes the record of a version, if there is one.
func Forget(c *sqlite.Conn, version int) error {
	return KeepingVersion(c, func() error {
		if err := c.Exec("DELETE FROM main._meta_history WHERE version = ?", version); err != nil {
			return err
		}
		return ConfirmRows(c, 0, "version = ?", version)
	})
}

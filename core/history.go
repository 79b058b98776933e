package core

import (
	"bytes"
	"cmp"
	"compress/zlib"
	"errors"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/process"
	"fastmigrate/core/internal/sqlite"
)

// createHistory makes the record of what was applied, a row for each migration.
// Only rows above the database's version can be other than done.
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

// added are the columns that a history made by an earlier version lacks.
var added = []string{"previous INTEGER", "text BLOB", "cursor", "machine TEXT"}

// textLimit is the size of the longest script whose text is kept.
const textLimit = 1 << 20

// record is a row of the history.
type record struct {
	version  int
	file     string
	sha256   string
	state    string
	position int
	started  time.Time // by whoever was first
	began    time.Time // by this process
	took     time.Duration
	rows     any // int64, or nil
	host     string
	pid      int
	process  string
	machine  string
	program  int
	previous any  // int, or nil
	text     any  // packed, or nil; only stored with what is done
	cursor   any  // nil: none
	first    bool // there was no history before it
}

const (
	running = "running"
	failed  = "failed"
	done    = "done"
)

// timeLayout is one that SQLite's date functions read.
const timeLayout = "2006-01-02T15:04:05.000Z"

// newRecord begins a record of this process applying a migration, whose text is given, to
// a database at the version previous; nil if that tells nothing of what was
// applied before.
func newRecord(version int, file string, text []byte, previous any) record {
	host, _ := os.Hostname()
	now := time.Now()
	return record{version: version, file: file, sha256: plan.Checksum(text), state: running, started: now, began: now,
		host: host, pid: os.Getpid(), previous: previous, text: pack(text)}
}

// pack compresses a text without what does not count in it; nil if it is too
// long to be kept.
func pack(text []byte) any {
	if len(text) > textLimit {
		return nil
	}
	text = plan.Normal(text, true)
	var b bytes.Buffer
	w, _ := zlib.NewWriterLevel(&b, zlib.BestSpeed)
	w.Write(text)
	w.Close()
	return b.Bytes()
}

// unpack gives the text that pack was given.
func unpack(packed []byte) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(r, textLimit+1))
	if err == nil && len(text) > textLimit {
		err = errors.New("it is longer than any that is kept")
	}
	return text, err
}

// write puts the record into the history, in place of one of the same version.
func (r record) write(c *sqlite.Conn, tool string) error {
	if err := ready(c); err != nil {
		return err
	}
	if r.state == running {
		r.process, r.machine = process.Text(r.pid), process.Machine()
	}
	if r.state != done {
		r.text = nil
	}
	started := ""
	if !r.started.IsZero() {
		started = r.started.UTC().Format(timeLayout)
	}
	put := func() error {
		err := c.Exec(`INSERT OR REPLACE INTO main._meta_history
			(version, file, sha256, state, position, started, milliseconds, rows, host, pid, process, program, tool, sqlite, previous, text, cursor, machine)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''))`,
			r.version, r.file, r.sha256, r.state, r.position, started,
			r.took.Milliseconds(), r.rows, r.host, r.pid, r.process, r.program, tool, sqlite.Version, r.previous, r.text, r.cursor, r.machine)
		if err != nil {
			return err
		}
		return stays(c, 1, "version = ? AND file = ? AND sha256 = ? AND state = ? AND position = ? AND program = ?",
			r.version, r.file, r.sha256, r.state, r.position, r.program)
	}
	if r.state == running && triggers(c) != "" {
		r.state = done
		if err := tried(c, r.version, put); err != nil {
			return err
		}
		r.state = running
	}
	return lasting(c, put)
}

// tried reports that a migration could not end: what would undo its end, a trigger,
// is found before a program runs or a step is done, which nothing would undo. Put
// writes the record of the end.
func tried(c *sqlite.Conn, version int, put func() error) error {
	if err := c.Exec("SAVEPOINT fastmigrate_trial"); err != nil {
		return err
	}
	err := c.Exec("UPDATE main._meta SET version = ? WHERE id = 1", version)
	if err == nil {
		err = lasting(c, put)
	}
	now, e := c.Int("SELECT version FROM main._meta")
	if err = cmp.Or(err, e); err == nil && int(now) != version {
		err = fault.Of(fault.ErrRefused, "its version would not stay at %d%s", version, triggers(c))
	}
	if c.Autocommit() { // a trigger has ended the transaction
		return err
	}
	return errors.Join(err, c.Exec("ROLLBACK TO fastmigrate_trial"), c.Exec("RELEASE fastmigrate_trial"))
}

// lasting calls do, which writes to the history and to nothing else, and reports
// a trigger that changes the version with it.
func lasting(c *sqlite.Conn, do func() error) error {
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
		err = fault.Of(fault.ErrRefused, "what was written to its table _meta_history changed the version from %d to %d%s", before, after, triggers(c))
	}
	return err
}

// stays reports that the history does not have as many rows as were just written,
// or removed: a trigger can undo that.
func stays(c *sqlite.Conn, rows int64, where string, args ...any) error {
	n, err := c.Int("SELECT count(*) FROM main._meta_history WHERE "+where, args...)
	if err == nil && n != rows {
		err = fault.Of(fault.ErrRefused, "what was written to its table _meta_history did not stay%s", triggers(c))
	}
	return err
}

// findHistory finds the table of the history; ours if it is one that a version of
// this package made.
func findHistory(c *sqlite.Conn) (t own, ours bool, err error) {
	t, err = findOwn(c, "_meta_history")
	return t, t.kind != "" && t.notHistory() == nil, err
}

// notHistory reports a table of another kind, in which nothing can be recorded.
func (t own) notHistory() error {
	if why := t.unlike("version", strings.Split(columns, ", ")...); t.kind != "" && why != "" {
		return fault.Of(fault.ErrHistory, "%v: %s", fault.ErrHistory, why)
	}
	return nil
}

// ready makes the table of the history, or adds the columns that an earlier
// version did not know.
func ready(c *sqlite.Conn) error {
	t, ours, err := findHistory(c)
	switch {
	case err != nil:
		return err
	case t.kind == "":
		return c.Exec(createHistory)
	case !ours:
		return t.notHistory()
	}
	for _, column := range added {
		if name, _, _ := strings.Cut(column, " "); !t.has(name) {
			if err := c.Exec("ALTER TABLE main._meta_history ADD COLUMN " + column); err != nil {
				return err
			}
		}
	}
	return nil
}

// finish makes the record one that is done. How long it took is told everywhere as it
// is recorded: in milliseconds, without the COMMIT.
func (r *record) finish() {
	r.state, r.took = done, max(time.Since(r.began).Round(time.Millisecond), time.Millisecond)
}

// unfinished gives the record of a migration above version that was begun and
// not done, if there is one.
func unfinished(c *sqlite.Conn, version int) (r record, found bool, err error) {
	list, _, err := records(c, "version > ? AND state IS NOT 'done' ORDER BY version LIMIT 1", version)
	if err != nil || len(list) == 0 {
		return r, false, err
	}
	return list[0], true, nil
}

// columns are those that every version has kept; the first six are never NULL.
const columns = "version, file, sha256, state, position, started, milliseconds, rows, host, pid, process, program"

// scan reads the record in a row. What none of ours can hold is an error: others
// can write to the table, and a disk can fail.
func scan(s *sqlite.Stmt) (record, error) {
	f := fields{s: s}
	r := record{version: int(f.int(0, 1, 9999)), file: f.text(1), sha256: f.text(2), state: f.text(3), position: int(f.int(4, 0, math.MaxInt)),
		took: time.Duration(f.int(6, -maxMilliseconds, maxMilliseconds)) * time.Millisecond,
		host: f.text(8), pid: int(f.int(9, 0, math.MaxInt32)), process: f.text(10), program: int(f.int(11, 0, math.MaxInt32)), machine: f.text(13)}
	f.int(7, 0, math.MaxInt64)
	f.int(12, 0, math.MaxInt64)
	r.rows, r.previous, r.cursor = s.Value(7), s.Value(12), s.Value(14)
	f.must(1, r.file != "")
	f.must(3, r.state == running || r.state == failed || r.state == done)
	if started := f.text(5); started != "" {
		var err error
		r.started, err = time.Parse(timeLayout, started)
		f.must(5, err == nil)
	}
	if f.problem != "" {
		return r, damaged(s.Value(0), f.problem)
	}
	return r, nil
}

// maxMilliseconds is what a Duration can hold. Less than nothing is no damage: a
// clock may have been set back.
const maxMilliseconds = math.MaxInt64 / int64(time.Millisecond)

// damaged says what is wrong with the record of a version.
func damaged(version any, why string) error {
	return fault.Of(fault.ErrRecord, "the record of version %v in its table _meta_history is damaged: %s", version, why)
}

// fields reads the columns of a record and notes the first that no record of ours
// can have.
type fields struct {
	s       *sqlite.Stmt
	problem string
}

func (f *fields) must(i int, ok bool) {
	if !ok && f.problem == "" {
		f.problem = f.s.Column(i) + " is " + sqlite.Literal(f.s.Value(i))
	}
}

func (f *fields) int(i int, least, most int64) int64 {
	n, ok := f.s.Value(i).(int64)
	f.must(i, ok && n >= least && n <= most || i > 5 && f.s.Value(i) == nil)
	return n
}

func (f *fields) text(i int) string {
	t, ok := f.s.Value(i).(string)
	f.must(i, ok || i > 5 && f.s.Value(i) == nil)
	return t
}

// history gives all records, by version, but for the texts, and the table that
// holds them.
func history(c *sqlite.Conn) ([]record, own, error) {
	return records(c, "true ORDER BY version")
}

// records reads those of the history that are asked for.
func records(c *sqlite.Conn, which string, args ...any) (list []record, t own, err error) {
	t, ours, err := findHistory(c)
	if err != nil || !ours {
		return nil, t, err
	}
	last := ""
	for _, column := range []string{"previous", "machine", "cursor"} { // which an earlier version did not keep
		if !t.has(column) {
			column = "NULL"
		}
		last += ", " + column
	}
	err = c.Query(func(s *sqlite.Stmt) error {
		r, err := scan(s)
		list = append(list, r)
		return err
	}, "SELECT "+columns+last+" FROM main._meta_history WHERE "+which, args...)
	return list, t, err
}

// recorded reports whether one of the versions is in the history as done.
func recorded(c *sqlite.Conn, versions []int) (bool, error) {
	records, _, err := history(c)
	return slices.ContainsFunc(records, func(r record) bool { return r.state == done && slices.Contains(versions, r.version) }), err
}

// forget removes the record of a migration that left nothing behind.
func forget(c *sqlite.Conn, version int) error {
	return lasting(c, func() error {
		if err := c.Exec("DELETE FROM main._meta_history WHERE version = ?", version); err != nil {
			return err
		}
		return stays(c, 0, "version = ?", version)
	})
}

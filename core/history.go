package core

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"time"

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
    cursor,                             -- rowid or key of the last row that a backfill is done with, while it is not
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
	started  time.Time
	took     time.Duration
	rows     any // int64, or nil
	host     string
	pid      int
	process  string
	machine  string
	program  int
	previous any  // int, or nil
	text     any  // packed, or nil; only stored with what is done
	cursor   any  // nil: none; only written
	first    bool // there was no history before it
}

const (
	running = "running"
	failed  = "failed"
	done    = "done"
)

// timeLayout is one that SQLite's date functions read.
const timeLayout = "2006-01-02T15:04:05.000Z"

// newRecord begins a record of this process applying m, whose text is given, to
// a database at the version previous; nil if that tells nothing of what was
// applied before.
func newRecord(m Migration, text []byte, previous any) record {
	host, _ := os.Hostname()
	return record{version: m.Version, file: m.Name, sha256: checksum(text), state: running, started: time.Now(),
		host: host, pid: os.Getpid(), previous: previous, text: pack(text)}
}

// pack compresses a text without what does not count in it; nil if it is too
// long to be kept.
func pack(text []byte) any {
	if len(text) > textLimit {
		return nil
	}
	text = normal(text, true)
	var b bytes.Buffer
	w, _ := zlib.NewWriterLevel(&b, zlib.BestSpeed)
	w.Write(text)
	w.Close()
	return b.Bytes()
}

// unpack gives the text that pack was given; ok if it was kept.
func unpack(packed []byte) (text []byte, ok bool) {
	r, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, false
	}
	text, err = io.ReadAll(io.LimitReader(r, textLimit))
	return text, err == nil
}

// write puts the record into the history, in place of one of the same version.
func (r record) write(c *sqlite.Conn, o Options) error {
	if err := c.Exec(createHistory); err != nil {
		return err
	}
	if r.state == running {
		r.process, r.machine = process.Text(r.pid), process.Machine()
	}
	if r.state != done {
		r.text = nil
	}
	tool, started := o.Tool, ""
	if tool == "" {
		tool = "fastmigrate"
	}
	if !r.started.IsZero() {
		started = r.started.UTC().Format(timeLayout)
	}
	return extending(c, `INSERT OR REPLACE INTO main._meta_history
		(version, file, sha256, state, position, started, milliseconds, rows, host, pid, process, program, tool, sqlite, previous, text, cursor, machine)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''))`,
		r.version, r.file, r.sha256, r.state, r.position, started,
		r.took.Milliseconds(), r.rows, r.host, r.pid, r.process, r.program, tool, sqlite.Version, r.previous, r.text, r.cursor, r.machine)
}

// extending runs a statement that writes to the history, to which it first adds
// the columns that an earlier version did not know.
func extending(c *sqlite.Conn, sql string, args ...any) error {
	err := c.Exec(sql, args...)
	if !noHistory(err) {
		return err
	}
	for _, column := range added {
		name, _, _ := strings.Cut(column, " ")
		n, err := c.Int("SELECT count(*) FROM pragma_table_info('_meta_history', 'main') WHERE name = ?", name)
		if err == nil && n == 0 {
			err = c.Exec("ALTER TABLE main._meta_history ADD COLUMN " + column)
		}
		if err != nil {
			return err
		}
	}
	return c.Exec(sql, args...)
}

// finish writes the record as done.
func (r record) finish(c *sqlite.Conn, o Options) error {
	if o.NoHistory {
		return nil
	}
	r.state, r.took = done, time.Since(r.started)
	return r.write(c, o)
}

// unfinished gives the record of a migration above version that was begun and
// not done, if there is one.
func unfinished(c *sqlite.Conn, version int) (r record, found bool, err error) {
	list, _, err := records(c, []string{"NULL, machine", "NULL, NULL"}, "version > ? AND state <> 'done' ORDER BY version LIMIT 1", version)
	if err != nil || len(list) == 0 {
		return r, false, err
	}
	return list[0], true, nil
}

const columns = "version, file, sha256, state, position, started, milliseconds, rows, host, pid, process, program"

func scan(s *sqlite.Stmt) record {
	r := record{version: int(s.Int(0)), file: s.Text(1), sha256: s.Text(2), state: s.Text(3), position: int(s.Int(4)),
		took: time.Duration(s.Int(6)) * time.Millisecond, rows: s.Value(7),
		host: s.Text(8), pid: int(s.Int(9)), process: s.Text(10), program: int(s.Int(11)), previous: s.Value(12), machine: s.Text(13)}
	r.started, _ = time.Parse(timeLayout, s.Text(5))
	return r
}

// history gives all records, by version, but for the texts; found if there is a
// history at all.
func history(c *sqlite.Conn) (list []record, found bool, err error) {
	return records(c, []string{"previous, machine", "previous, NULL", "NULL, NULL"}, "true ORDER BY version")
}

// records reads those of the history that are asked for. The last columns are
// tried in turn: an earlier version did not have them.
func records(c *sqlite.Conn, last []string, which string, args ...any) (list []record, found bool, err error) {
	for _, l := range last {
		err = c.Query(func(s *sqlite.Stmt) error {
			list = append(list, scan(s))
			return nil
		}, "SELECT "+columns+", "+l+" FROM main._meta_history WHERE "+which, args...)
		if !noHistory(err) {
			return list, err == nil, err
		}
	}
	return nil, false, nil
}

// recorded reports whether one of the migrations is in the history as done.
func recorded(c *sqlite.Conn, list []Migration) (bool, error) {
	records, _, err := history(c)
	return slices.ContainsFunc(records, func(r record) bool {
		return r.state == done && slices.ContainsFunc(list, func(m Migration) bool { return m.Version == r.version })
	}), err
}

// noHistory reports whether a query failed because there is no history, or one
// of another shape, which is as good as none.
func noHistory(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code == 1
}

// forget removes the record of a migration that left nothing behind.
func forget(c *sqlite.Conn, version int) error {
	return c.Exec("DELETE FROM main._meta_history WHERE version = ?", version)
}

package core

import (
	"errors"
	"os"
	"time"

	"fastmigrate/core/internal/sqlite"
)

// createHistory makes the record of what was applied, a row for each migration.
// Only rows above the database's version can be other than done.
const createHistory = `CREATE TABLE IF NOT EXISTS main._meta_history (
    version INTEGER PRIMARY KEY,
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL,               -- of the text; while it is not done, up to position
    state TEXT NOT NULL CHECK (state IN ('running', 'failed', 'done')),
    position INTEGER NOT NULL DEFAULT 0, -- bytes of the file that are applied, where it runs in steps
    started TEXT NOT NULL,              -- UTC
    milliseconds INTEGER,
    rows INTEGER,                       -- inserted, updated and deleted; unknown for programs
    host TEXT,
    pid INTEGER,
    process TEXT,                       -- while running: tells processes with one pid apart
    program INTEGER,                    -- while running: process group of a .py or .sh
    tool TEXT,
    sqlite TEXT
)`

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
	program  int
}

const (
	running = "running"
	failed  = "failed"
	done    = "done"
)

// timeLayout is one that SQLite's date functions read.
const timeLayout = "2006-01-02T15:04:05.000Z"

// newRecord begins a record of this process applying m.
func newRecord(m Migration, sum string) record {
	host, _ := os.Hostname()
	return record{version: m.Version, file: m.Name, sha256: sum, state: running, started: time.Now(),
		host: host, pid: os.Getpid()}
}

// write puts the record into the history, in place of one of the same version.
func (r record) write(c *sqlite.Conn, o Options) error {
	if err := c.Exec(createHistory); err != nil {
		return err
	}
	if r.state == running {
		r.process = processIdentity(r.pid)
	}
	tool := o.Tool
	if tool == "" {
		tool = "fastmigrate"
	}
	return c.Exec(`INSERT OR REPLACE INTO main._meta_history
		(version, file, sha256, state, position, started, milliseconds, rows, host, pid, process, program, tool, sqlite)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.version, r.file, r.sha256, r.state, r.position, r.started.UTC().Format(timeLayout),
		r.took.Milliseconds(), r.rows, r.host, r.pid, r.process, r.program, tool, sqlite.Version)
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
	err = c.Query(func(s *sqlite.Stmt) error {
		found = true
		r = record{version: int(s.Int(0)), file: s.Text(1), sha256: s.Text(2), state: s.Text(3), position: int(s.Int(4)),
			host: s.Text(6), pid: int(s.Int(7)), process: s.Text(8), program: int(s.Int(9))}
		r.started, _ = time.Parse(timeLayout, s.Text(5))
		return nil
	}, `SELECT version, file, sha256, state, position, started, host, pid, process, program
		FROM main._meta_history WHERE version > ? AND state <> 'done' ORDER BY version LIMIT 1`, version)
	if noHistory(err) {
		err = nil
	}
	return r, found, err
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

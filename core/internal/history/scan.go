// Reading the history. A record that none of ours can be is an error.

package history

import (
	"math"
	"slices"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/sqlite"
)

// columns are the columns that every version has had. The first six are never NULL.
const columns = "version, file, sha256, state, position, started, milliseconds, rows, host, pid, process, program"

// All returns all records by version, without their texts, and the table that holds them.
// There are none if the table is not ours. Errors: [fault.ErrRecord].
func All(c *sqlite.Conn) ([]Record, Table, error) {
	return readRecords(c, "true ORDER BY version")
}

// readRecords is [All] for the records for which the condition which is true.
func readRecords(c *sqlite.Conn, which string, args ...any) (list []Record, t Table, err error) {
	t, ours, err := Find(c)
	if err != nil || !ours {
		return nil, t, err
	}
	last := ""
	for _, column := range []string{"previous", "machine", "cursor"} { // an earlier version did not have them
		if !t.Has(column) {
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

// Applied returns the migrations that the records are about, by version, if all of them
// are done; else none, for which [All] knows why. It reads no more of the records, so that
// it does not report what else is damaged in them. The table is that of [FindTables], and
// the version that of the database.
func Applied(c *sqlite.Conn, t Table, version int) (list []naming.Migration, err error) {
	if !t.Ours() {
		return nil, nil
	}
	// Each page is read once, and none has to be kept.
	if err := c.Exec("PRAGMA cache_size = 20"); err != nil {
		return nil, err
	}
	list = make([]naming.Migration, 0, min(version, 9999))
	done := true
	err = c.Query(func(s *sqlite.Stmt) error {
		done = done && s.Is(2, Done)
		list = append(list, naming.Migration{Version: int(s.Int(0)), Name: s.Text(1)})
		return nil
	}, "SELECT version, file, state FROM main._meta_history ORDER BY version")
	if !done {
		list = nil
	}
	return list, err
}

// Unfinished finds the record of the first migration above version that was begun and is
// not done.
func Unfinished(c *sqlite.Conn, version int) (r Record, found bool, err error) {
	list, _, err := readRecords(c, "version > ? AND state IS NOT 'done' ORDER BY version LIMIT 1", version)
	if err != nil || len(list) == 0 {
		return r, false, err
	}
	return list[0], true, nil
}

// AnyDone reports whether the history has one of the versions as done.
func AnyDone(c *sqlite.Conn, versions []int) (bool, error) {
	records, _, err := All(c)
	return slices.ContainsFunc(records, func(r Record) bool { return r.State == Done && slices.Contains(versions, r.Version) }), err
}

// scan reads the record in a row. A value that no record of ours can hold is an error:
// others can write to the table, and a disk can fail.
func scan(s *sqlite.Stmt) (Record, error) {
	f := fields{s: s}
	r := Record{Version: int(f.int(0, 1, 9999)), File: f.text(1), Sha256: f.text(2), State: f.text(3), Position: int(f.int(4, 0, math.MaxInt)),
		Took: time.Duration(f.int(6, -maxMilliseconds, maxMilliseconds)) * time.Millisecond,
		Host: f.text(8), Pid: int(f.int(9, 0, math.MaxInt32)), Process: f.text(10), Program: int(f.int(11, 0, math.MaxInt32)), Machine: f.text(13)}
	f.int(7, 0, math.MaxInt64)
	f.int(12, 0, math.MaxInt64)
	r.Rows, r.Previous, r.Cursor = s.Value(7), s.Value(12), s.Value(14)
	f.must(1, r.File != "")
	f.must(3, r.State == Running || r.State == Failed || r.State == Done)
	if started := f.text(5); started != "" {
		var err error
		r.Started, err = time.Parse(timeLayout, started)
		f.must(5, err == nil)
	}
	if f.problem != "" {
		return r, DamagedRecord(s.Value(0), f.problem)
	}
	return r, nil
}

// maxMilliseconds is the longest Duration. A negative one is no damage: a clock may have
// been set back.
const maxMilliseconds = math.MaxInt64 / int64(time.Millisecond)

// DamagedRecord is the [fault.ErrRecord] that says what is wrong with the record of a
// version.
func DamagedRecord(version any, why string) error {
	return fault.Of(fault.ErrRecord, "the record of version %v in its table _meta_history is damaged: %s", version, why)
}

// fields reads the columns of a record and notes the first value that no record of ours
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

package core

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// script is the text of a .sql migration and what has to be known of it before
// any of it runs.
type script struct {
	name  string
	text  []byte
	units []unit
	steps int    // the first byte of what keeps the script out of one transaction
	why   string // what that is; "" if the script is one transaction

	attaches bool // it has an ATTACH
	schema   bool // it makes the schema table writable
}

// unit is a part of a script that is run in one go.
type unit struct {
	kind       unitKind
	start, end int // bytes of the script
	marks      []mark
	ends       uint64 // of all its statements, to be compared with where SQLite sees them
}

// mark is a statement of a unit that is more than text to run.
type mark struct {
	at int // where the statement before it ends
	split.Statement
}

// add makes a statement, which begins at the byte at, part of the unit.
func (u *unit) add(st split.Statement, at int) {
	if u.end == 0 {
		u.start = at
	}
	u.end = st.End
	u.ends = mix(u.ends, st.End)
	if st.Kind != split.Plain || st.Explain {
		u.marks = append(u.marks, mark{at, st})
	}
}

// savepoints reports whether the script uses any in the unit.
func (u *unit) savepoints() bool {
	return slices.ContainsFunc(u.marks, func(m mark) bool { return m.Kind == split.Savepoint })
}

func mix(ends uint64, end int) uint64 { return (ends ^ uint64(end)) * 0x9E3779B97F4A7C15 }

type unitKind uint8

const (
	transaction unitKind = iota // statements, all of which happen or none
	setting                     // one that only changes the connection
	outside                     // one that is its own transaction, and may safely run twice
)

// settings are the PRAGMAs that change the connection, and do nothing or fail
// inside a transaction (https://sqlite.org/pragma.html).
var settings = map[string]bool{
	"foreign_keys": true, "synchronous": true, "page_size": true, "auto_vacuum": true,
	"encoding": true, "locking_mode": true, "temp_store": true,
}

// stateless are the PRAGMAs that take a value and change nothing on the
// connection: they ask something, or change the database.
var stateless = map[string]bool{
	"user_version": true, "application_id": true, "schema_version": true, "defer_foreign_keys": true, "journal_mode": true,
	"table_info": true, "table_xinfo": true, "table_list": true, "index_list": true, "index_info": true, "index_xinfo": true,
	"foreign_key_list": true, "foreign_key_check": true, "integrity_check": true, "quick_check": true, "optimize": true,
	"incremental_vacuum": true, "wal_checkpoint": true,
}

// guarded are the tables that no script may write to.
var guarded = []string{"_meta", "_meta_history"}

// parse plans how to run text. An *Error tells where it is refused and why.
// A unit ends at cut, if that is not 0, whatever is there: a run that stopped
// there goes on from there.
func parse(name string, text []byte, cut int) (*script, error) {
	s := &script{name: name, text: text}
	if err := s.readable(); err != nil {
		return nil, err
	}
	begun := -1        // where the script's own open transaction begins
	transactions := 0  // that the script begins itself
	open := false      // the last unit is a transaction that goes on
	var between []unit // settings since then
	var savepoints []split.Statement
	flush := func(u ...unit) {
		s.units = append(append(s.units, between...), u...)
		between, open = nil, false
	}
	sc := split.New(text, guarded...)
	for at := 0; ; {
		st, ok := sc.Next()
		if !ok {
			break
		}
		if err := s.refuse(st, begun); err != nil {
			return nil, err
		}
		kind := transaction
		if begun < 0 {
			kind = s.kind(st)
		}
		switch st.Kind {
		case split.Begin:
			transactions++
			begun = st.Start
		case split.Commit:
			begun, savepoints = -1, nil
		case split.Savepoint:
			savepoints = append(savepoints, st)
		case split.Release:
			for i := len(savepoints) - 1; i >= 0; i-- {
				if strings.EqualFold(savepoints[i].Name, st.Name) {
					savepoints = savepoints[:i]
					break
				}
			}
		case split.Attach:
			s.attaches = true
		case split.Pragma:
			s.schema = s.schema || st.Name == "writable_schema"
		}
		var u unit
		u.kind = kind
		u.add(st, at)
		if cut > 0 && at >= cut {
			flush()
			cut = 0
		}
		switch {
		case kind == setting && open:
			between = append(between, u)
		case kind != transaction:
			flush(u)
		case open && s.joins(between, st, transactions):
			last := &s.units[len(s.units)-1]
			for _, b := range between {
				last.add(b.marks[0].Statement, b.marks[0].at)
			}
			last.add(st, at)
			between = nil
		default:
			flush(u)
			open = true
		}
		at = st.End
	}
	flush()
	if begun >= 0 {
		return nil, s.at(begun, sayf(ErrRefused, "the transaction that begins here has no COMMIT"))
	}
	if len(savepoints) > 0 {
		return nil, s.at(savepoints[0].Start, sayf(ErrRefused, "the savepoint %s that begins here is never released", savepoints[0].Name))
	}
	return s, nil
}

// kind is how a statement outside the script's own transactions has to be run.
func (s *script) kind(st split.Statement) unitKind {
	switch {
	case st.Kind == split.Vacuum:
		s.stepwise(st.Start, "VACUUM cannot be in a transaction")
		return outside
	case st.Kind == split.Attach:
		s.stepwise(st.Start, firstWord(s.text[st.Start:st.End])+" cannot be in a transaction")
		return setting
	case st.Kind == split.Pragma && (st.Name == "journal_mode" && st.Value != "" || st.Name == "wal_checkpoint"):
		s.stepwise(st.Start, "PRAGMA "+st.Name+" cannot be in a transaction")
		return outside
	case st.Kind == split.Pragma && settings[st.Name] && st.Value != "":
		return setting
	}
	return transaction
}

// joins reports whether a statement goes on with the transaction before it.
// Only foreign_keys may stand between, as it can be set in a transaction too.
func (s *script) joins(between []unit, st split.Statement, transactions int) bool {
	for _, u := range between {
		switch m := u.marks[0]; {
		case m.Kind == split.Attach:
			return false
		case m.Name != "foreign_keys":
			s.stepwise(m.Start, "PRAGMA "+m.Name+" between statements cannot be in their transaction")
			return false
		}
	}
	if st.Kind == split.Begin && transactions > 1 {
		s.stepwise(st.Start, "a second transaction begins")
		return false
	}
	return true
}

func (s *script) stepwise(at int, why string) {
	if s.why == "" {
		s.steps, s.why = at, why
	}
}

// refuse names what must not run at all.
func (s *script) refuse(st split.Statement, begun int) error {
	inside := begun >= 0
	say := func(at int, format string, args ...any) error {
		return s.at(at, sayf(ErrRefused, format, args...))
	}
	switch {
	case st.Kind == split.Incomplete:
		switch s.text[st.Culprit] {
		case '\'', '"', '`', '[':
			return say(st.Culprit, "the quote that opens here is never closed")
		case '/':
			return say(st.Culprit, "the comment that opens here is never closed")
		}
		return say(st.Culprit, "the statement that begins here has no end")
	case st.Meta > 0:
		return say(st.Meta, "a migration must not change the version table itself")
	case st.Kind == split.Rollback:
		return say(st.Start, "ROLLBACK would undo the migration and still count it as applied: leave it out")
	case st.Kind == split.Begin && inside:
		return say(st.Start, "a transaction is open already, since line %d", s.line(begun))
	case st.Kind == split.Commit && !inside:
		return say(st.Start, "no transaction is open to commit")
	case inside && (st.Kind == split.Vacuum || st.Kind == split.Attach):
		return say(st.Start, "%s cannot be in a transaction: move it out of the one that begins in line %d", firstWord(s.text[st.Start:st.End]), s.line(begun))
	case st.Kind == split.Pragma && st.Name == "journal_mode" && (st.Value == "off" || st.Value == "memory"):
		return say(st.Start, "PRAGMA journal_mode = %s gives up what undoes a migration that fails: leave it out", st.Value)
	case inside && st.Kind == split.Pragma && (st.Name == "journal_mode" && st.Value != "" || st.Name == "wal_checkpoint" || st.Name == "synchronous" && st.Value != ""):
		return say(st.Start, "PRAGMA %s cannot be in a transaction: move it out of the one that begins in line %d", st.Name, s.line(begun))
	}
	return nil
}

// readable refuses what SQLite would read only the beginning of, or as something
// else than the author's editor showed.
func (s *script) readable() error {
	if at := bytes.IndexByte(s.text, 0); at >= 0 {
		hint := ""
		if bytes.HasPrefix(s.text, []byte{0xFF, 0xFE}) || bytes.HasPrefix(s.text, []byte{0xFE, 0xFF}) || at < 4 {
			hint = ": is the file UTF-16? save it as UTF-8"
		}
		return s.at(at, sayf(ErrRefused, "there is a NUL byte here%s", hint))
	}
	if bytes.IndexByte(s.text, '\r') >= 0 && bytes.IndexByte(s.text, '\n') < 0 && bytes.Contains(s.text, []byte("--")) {
		return s.at(bytes.Index(s.text, []byte("--")), sayf(ErrRefused, "the lines of the file end in CR alone, so that to SQLite this comment goes on to its end: save it with LF"))
	}
	if utf8.Valid(s.text) {
		return nil
	}
	for at := 0; ; {
		r, n := utf8.DecodeRune(s.text[at:])
		if r == utf8.RuneError && n <= 1 {
			return s.at(at, sayf(ErrRefused, "the byte 0x%02X here is not UTF-8: save the file as UTF-8", s.text[at]))
		}
		at += n
	}
}

// grammar refuses statements that SQLite cannot read whatever the schema is. It
// is for a script in steps: in one transaction, they fail early enough.
func (s *script) grammar() error {
	c, err := sqlite.Open(context.Background(), ":memory:", sqlite.ReadWrite, 0)
	if err != nil {
		return err
	}
	defer c.Close()
	run := c.NewScript(s.text)
	defer run.Close()
	sc := split.New(s.text)
	for at := 0; ; {
		st, ok := sc.Next()
		if !ok {
			return nil
		}
		var e *sqlite.Error
		if _, err := run.End(at); errors.As(err, &e) {
			where := st.Start
			if e.Offset >= 0 {
				where = at + e.Offset
			}
			if e.Msg == "incomplete input" || strings.Contains(e.Msg, "syntax error") || strings.Contains(e.Msg, "unrecognized token") {
				return s.at(where, sayf(ErrRefused, "%s", e.Msg))
			}
		}
		at = st.End
	}
}

// together refuses what would leak into the next script in the same transaction.
func (s *script) together() error {
	if s.why != "" {
		return s.at(s.steps, sayf(ErrRefused, "%s, so this migration cannot be in one with the others", s.why))
	}
	for _, u := range s.units {
		for _, m := range u.marks {
			switch {
			case m.Kind == split.CreateTemp:
				return s.at(m.Start, sayf(ErrRefused, "temporary objects cannot be in one transaction with other migrations, which would see them"))
			case m.Kind == split.Pragma && m.Value != "" && m.Name != "foreign_keys" && !stateless[m.Name]:
				return s.at(m.Start, sayf(ErrRefused, "PRAGMA %s cannot be in one transaction with other migrations, which it would change too", m.Name))
			}
		}
	}
	return nil
}

// at makes err an *Error at a byte of the script.
func (s *script) at(offset int, err error) *Error {
	offset = min(offset, len(s.text))
	begin := bytes.LastIndexByte(s.text[:offset], '\n') + 1
	end := len(s.text)
	if n := bytes.IndexByte(s.text[begin:], '\n'); n >= 0 {
		end = begin + n
	}
	line := bytes.TrimPrefix(s.text[begin:end], bom)
	column := utf8.RuneCount(bytes.TrimPrefix(s.text[begin:offset], bom)) + 1
	return &Error{
		File: s.name, Line: s.line(offset), Column: column,
		Source: string(bytes.TrimRight(line, "\r")), Version: -1, Err: err,
	}
}

func (s *script) line(offset int) int { return bytes.Count(s.text[:offset], []byte("\n")) + 1 }

var bom = []byte("\uFEFF")

// sum is the SHA-256 of the script up to end as an author sees it: line ends,
// a BOM and blank lines at the end do not count.
func (s *script) sum(end int) string { return checksum(s.text[:end]) }

func checksum(text []byte) string {
	text = bytes.TrimPrefix(text, bom)
	if bytes.IndexByte(text, '\r') >= 0 {
		text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	}
	h := sha256.Sum256(bytes.TrimRight(text, " \t\r\n"))
	return hex.EncodeToString(h[:])
}

func firstWord(statement []byte) string {
	words := bytes.FieldsFunc(statement, func(r rune) bool { return !unicode.IsLetter(r) })
	return string(bytes.ToUpper(words[0]))
}

// stepsMessage says that and why the script is not one transaction.
func (s *script) stepsMessage() string {
	e := s.at(s.steps, nil)
	return fmt.Sprintf("%s:%d:%d: %s, so the file runs in steps: one that fails leaves those before it applied, and the next run goes on with it",
		s.name, e.Line, e.Column, s.why)
}

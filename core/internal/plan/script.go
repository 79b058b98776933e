package plan

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strings"
	"unicode"
	"unicode/utf8"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/directive"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// Script is the text of a .sql migration, with the steps in which it must run. [Parse]
// makes one.
type Script struct {
	Name    string
	Text    []byte
	Steps   []Step
	StepsAt int    // the first byte of the statement that needs steps; 0 if none does
	Why     string // why it needs them; "" if the script is one transaction
	never   int    // the same of a statement that cannot be in a transaction with others
	cause   string

	hash   hash.Hash // of the text up to hashed
	hashed int

	Cuts []sqlite.Cut // of a long text: each part is of about a megabyte

	Attaches     bool                 // it has an ATTACH
	Says         directive.Directives // what its comments ask for
	Pragmas      bool                 // it has a PRAGMA
	WritesSchema bool                 // it makes the schema table writable
}

// Guarded are the tables that no script may write to.
var Guarded = []string{"_meta", "_meta_history"}

// GuardSavepoint is our savepoint around those of a script.
const GuardSavepoint = "fastmigrate_guard"

// cut adds a cut after a statement if the text since the last one is long. The statement before
// it ends at the byte at.
func (s *Script) cut(st split.Statement, at int) {
	const part = 1 << 20
	begin := 0
	if n := len(s.Cuts); n > 0 {
		begin = s.Cuts[n-1].Last
	}
	if st.End-begin > part && at > begin {
		s.Cuts = append(s.Cuts, sqlite.Cut{Last: at, End: st.End})
	}
}

// refuse reports a statement that must not run at all. The script's own transaction
// begins at the byte begun; -1 if none is open.
func (s *Script) refuse(st split.Statement, begun int) error {
	inside := begun >= 0
	say := func(at int, format string, args ...any) error {
		return s.At(at, fault.Of(fault.ErrRefused, format, args...))
	}
	switch {
	case st.Kind == split.Incomplete:
		switch s.Text[st.Culprit] {
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
		return say(st.Start, "a transaction is already open, since line %d", s.LineAt(begun))
	case st.Kind == split.Commit && !inside:
		return s.At(st.Start, &fault.Reason{Key: fault.CommitAlone, Err: fault.Of(fault.ErrRefused, "no transaction is open to commit")})
	case inside && (st.Kind == split.Vacuum || st.Kind == split.Attach):
		return say(st.Start, "%s cannot be in a transaction: move it out of the one that begins in line %d", firstWord(s.Text[st.Start:st.End]), s.LineAt(begun))
	case st.Kind == split.Pragma && st.Name == "journal_mode" && (st.Value == "off" || st.Value == "memory"):
		return say(st.Start, "PRAGMA journal_mode = %s gives up what undoes a migration that fails: leave it out", st.Value)
	case inside && st.Kind == split.Pragma && (st.Name == "journal_mode" && st.Value != "" || st.Name == "wal_checkpoint" || st.Name == "synchronous" && st.Value != ""):
		return say(st.Start, "PRAGMA %s cannot be in a transaction: move it out of the one that begins in line %d", st.Name, s.LineAt(begun))
	}
	return nil
}

// readable refuses a text if SQLite would only read its beginning, or would read it
// differently from the author's editor.
func (s *Script) readable() error {
	if at := bytes.IndexByte(s.Text, 0); at >= 0 {
		hint := ""
		if bytes.HasPrefix(s.Text, []byte{0xFF, 0xFE}) || bytes.HasPrefix(s.Text, []byte{0xFE, 0xFF}) || at < 4 {
			hint = ": is the file UTF-16? save it as UTF-8"
		}
		return s.At(at, fault.Of(fault.ErrRefused, "there is a NUL byte here%s", hint))
	}
	if bytes.IndexByte(s.Text, '\r') >= 0 && bytes.IndexByte(s.Text, '\n') < 0 && bytes.Contains(s.Text, []byte("--")) {
		return s.At(bytes.Index(s.Text, []byte("--")), fault.Of(fault.ErrRefused, "the lines of the file end in CR alone, so for SQLite this comment extends to the end of the file: save it with LF"))
	}
	if utf8.Valid(s.Text) {
		return nil
	}
	for at := 0; ; {
		r, n := utf8.DecodeRune(s.Text[at:])
		if r == utf8.RuneError && n <= 1 {
			return s.At(at, fault.Of(fault.ErrRefused, "the byte 0x%02X here is not UTF-8: save the file as UTF-8", s.Text[at]))
		}
		at += n
	}
}

// CheckSyntax refuses statements that SQLite cannot read whatever the schema is, up to
// the one that begins at the byte last. It is for a script in steps: in one transaction,
// such statements fail early enough.
func (s *Script) CheckSyntax(last int) error {
	c, err := sqlite.Open(context.Background(), ":memory:", sqlite.ReadWrite, 0)
	if err != nil {
		return err
	}
	defer c.Close()
	run := c.NewScript(s.Text, s.Cuts...)
	defer run.Close()
	sc := split.New(s.Text)
	for at := 0; ; {
		st, ok := sc.Next()
		if !ok || st.Start > last {
			return nil
		}
		var e *sqlite.Error
		if _, err := run.End(at); errors.As(err, &e) {
			where := st.Start
			if e.Offset >= 0 {
				where = at + e.Offset
			}
			if e.Msg == "incomplete input" || strings.Contains(e.Msg, "syntax error") || strings.Contains(e.Msg, "unrecognized token") {
				return s.At(where, fault.Because(e, s.Text[at:st.End], fault.Of(fault.ErrRefused, "%s", e.Msg)))
			}
		}
		at = st.End
	}
}

// CheckAtomic refuses a script that cannot be in one transaction with others, or that
// would change how they run. Errors: [fault.ErrApart].
func (s *Script) CheckAtomic() error {
	if s.cause != "" {
		return s.At(s.never, fault.Of(fault.ErrApart, "%s, so this migration cannot be in one with the others", s.cause))
	}
	for _, u := range s.Steps {
		for _, m := range u.Specials {
			if m.Kind == split.Pragma && m.Value != "" && Shared[m.Name] {
				return s.At(m.Start, fault.Of(fault.ErrApart, "PRAGMA %s cannot be in one transaction with other migrations, which it would change too", m.Name))
			}
		}
	}
	return nil
}

// At gives err its place in the script, at the byte offset.
func (s *Script) At(offset int, err error) *fault.Error {
	offset = min(offset, len(s.Text))
	begin := bytes.LastIndexByte(s.Text[:offset], '\n') + 1
	end := len(s.Text)
	if n := bytes.IndexByte(s.Text[begin:], '\n'); n >= 0 {
		end = begin + n
	}
	line := bytes.TrimPrefix(s.Text[begin:end], BOM)
	column := utf8.RuneCount(bytes.TrimPrefix(s.Text[begin:offset], BOM)) + 1
	e := fault.New(s.Name, err)
	e.Line, e.Column, e.Source = s.LineAt(offset), column, string(bytes.TrimRight(line, "\r"))
	return e
}

// LineAt is the line of a byte of the script, from 1.
func (s *Script) LineAt(offset int) int { return bytes.Count(s.Text[:offset], []byte("\n")) + 1 }

// BOM is the byte order mark of UTF-8.
var BOM = []byte("\uFEFF")

// Checksum is the SHA-256 of the script up to the byte end, as an author sees it: CRLF
// counts as LF, and a BOM and white space at the end do not count. End must not be
// smaller than in an earlier call, so that each byte is read once: a script may have
// many steps.
func (s *Script) Checksum(end int) string {
	end = max(s.hashed, len(bytes.TrimRight(s.Text[:end], " \t\r\n")))
	if s.hash == nil {
		s.hash = sha256.New()
	}
	text := s.Text[s.hashed:end]
	if s.hashed == 0 {
		text = bytes.TrimPrefix(text, BOM)
	}
	for found := true; found; { // as Normalize, which copies a text with CRLF
		var line []byte
		line, text, found = bytes.Cut(text, []byte("\r\n"))
		if s.hash.Write(line); found {
			s.hash.Write([]byte("\n"))
		}
	}
	s.hashed = end
	return hex.EncodeToString(s.hash.Sum(nil))
}

// Checksum is [Script.Checksum] of a whole text.
func Checksum(text []byte) string { return (&Script{Text: text}).Checksum(len(text)) }

// Normalize returns a part of a text without what does not count in a checksum: CR before
// LF and, if it is the first part, a BOM.
func Normalize(text []byte, first bool) []byte {
	if first {
		text = bytes.TrimPrefix(text, BOM)
	}
	if bytes.IndexByte(text, '\r') >= 0 {
		text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	}
	return text
}

func firstWord(statement []byte) string {
	words := bytes.FieldsFunc(statement, func(r rune) bool { return !unicode.IsLetter(r) })
	return string(bytes.ToUpper(words[0]))
}

// StepsMessage warns that the script runs in steps, and says why.
func (s *Script) StepsMessage() string {
	e := s.At(s.StepsAt, nil)
	return fmt.Sprintf("%s:%d:%d: %s, so the file runs in steps: if one fails, those before it stay applied, and the next run resumes there",
		s.Name, e.Line, e.Column, s.Why)
}

// StatementAt reads the first statement between the bytes at and end.
func (s *Script) StatementAt(at, end int) split.Statement {
	sc := split.New(s.Text[:end][at:])
	st, _ := sc.Next()
	st.Start, st.End = st.Start+at, st.End+at
	return st
}

// plainer replaces the refusal of a statement by the syntax error in it or before it, if
// there is one: text that is not SQL is easily taken for a transaction, or for a quote
// that does not end.
func (s *Script) plainer(st split.Statement, refusal error) error {
	err := s.CheckSyntax(st.Start)
	var there, here *fault.Error
	if !errors.As(err, new(*fault.Reason)) || !errors.As(err, &there) || !errors.As(refusal, &here) {
		return refusal
	}
	if there.Line == here.Line && there.Column == here.Column {
		return refusal
	}
	return err
}

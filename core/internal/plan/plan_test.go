package plan

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/split"
)

// FuzzUnits: the units of a script are the script, each is of one kind, and a run that
// stopped after any of them goes on with what is left.
func FuzzUnits(f *testing.F) {
	for _, seed := range []string{
		"", "-- nothing\n;;", "CREATE TABLE a(x); INSERT INTO a VALUES (1)\n;-- end\n", "\ufeffSELECT 1;\r\nSELECT 2;\r\n\r\n",
		"SELECT 1; VACUUM; SELECT 2; SELECT 3; VACUUM INTO 'x'", "ATTACH 'b' AS b; INSERT INTO b.a SELECT 1; DETACH b;",
		"PRAGMA foreign_keys = OFF; BEGIN; DROP TABLE a; COMMIT; PRAGMA foreign_keys = ON; SELECT 1", "BEGIN; SELECT 1; END; BEGIN; SELECT 2; COMMIT;",
		"SELECT 1; PRAGMA synchronous = OFF; PRAGMA foreign_keys(0); SELECT 2; PRAGMA page_size = 512;", "PRAGMA temp_store = 2; PRAGMA encoding; SELECT 1",
		"PRAGMA journal_mode = WAL; SELECT 1; PRAGMA wal_checkpoint; PRAGMA journal_mode; SELECT 2", "PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON",
		"SAVEPOINT a; SELECT 1; SAVEPOINT b; RELEASE a; SELECT 2", "SAVEPOINT a; VACUUM; RELEASE a", "EXPLAIN VACUUM; EXPLAIN BEGIN; SELECT 1",
		"-- fastmigrate: no foreign key check\nPRAGMA writable_schema = 1; CREATE TEMP TABLE t(x); ALTER TABLE a RENAME TO b",
		"CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END; VACUUM; SELECT 1", "ROLLBACK", "COMMIT", "BEGIN", "BEGIN; BEGIN", "BEGIN; VACUUM; COMMIT",
		"INSERT INTO _meta VALUES (1)", "SELECT 'a", "SELECT 1; SELECT (2", "SELECT 1 \x00", "SELECT 1 -- a\rSELECT 2", "SELECT '\xff'",
	} {
		f.Add([]byte{0}, seed)
	}
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9}, "")
	f.Add([]byte{11, 3, 2, 4, 1, 11, 12, 0, 3, 4}, "; -- x;\r\n")
	statements := []string{"", "SELECT 1;", "INSERT INTO a VALUES (1)\n;", "BEGIN;", "COMMIT;", "SAVEPOINT s;", "RELEASE s;", "ROLLBACK TO s;", "VACUUM;",
		"VACUUM INTO 'x';", "ATTACH 'b' AS b;", "PRAGMA foreign_keys = ON;", "PRAGMA foreign_keys;", "PRAGMA synchronous = OFF;", "PRAGMA temp_store(2);",
		"PRAGMA page_size = 512;", "PRAGMA journal_mode = WAL;", "PRAGMA wal_checkpoint;", "PRAGMA cache_size = 9;", "CREATE TEMP TABLE t(x);", "DROP TABLE a;",
		"EXPLAIN VACUUM;", "EXPLAIN BEGIN;", "\r\n-- end;\r\n"}
	f.Fuzz(func(t *testing.T, picks []byte, written string) {
		text := ""
		for _, p := range picks {
			if p %= byte(len(statements)); p == 0 {
				text += written
			} else {
				text += statements[p]
			}
		}
		checkUnits(t, text)
	})
}

// checkUnits holds the plan of a script against the script.
func checkUnits(t *testing.T, text string) {
	t.Helper()
	s, err := Parse("0001-a.sql", []byte(text), 0)
	again, errAgain := Parse("0001-a.sql", []byte(text), 0)
	if !reflect.DeepEqual(s, again) || !reflect.DeepEqual(err, errAgain) {
		t.Fatalf("%q: %+v, %v, then %+v, %v", text, s, err, again, errAgain)
	}
	if err != nil {
		refusedInside(t, text, err)
		return
	}
	ends := joined(t, s)
	for _, u := range s.Steps {
		oneKind(t, s, u)
	}
	if s.Why == "" {
		oneTransaction(t, s)
	} else if m := s.StepsMessage(); !strings.Contains(m, s.Why) {
		t.Errorf("%q: %s", text, m)
	}
	resumable(t, s, ends)
}

// refusedInside: an error is at a line of the script and at a column of that.
func refusedInside(t *testing.T, text string, err error) {
	t.Helper()
	var e *fault.Error
	if !errors.As(err, &e) {
		t.Fatalf("%q: %v has no place", text, err)
	}
	lines := strings.Split(text, "\n")
	if e.Line < 1 || e.Line > len(lines) || e.Column < 1 || e.Column > len(lines[e.Line-1])+1 || !strings.Contains(lines[e.Line-1], e.Source) {
		t.Errorf("%q: %d:%d: %q", text, e.Line, e.Column, e.Source)
	}
}

// joined: Unit follows Unit, each is of whole statements, and behind the last there is
// none. It gives where the statements end.
func joined(t *testing.T, s *Script) (ends []int) {
	t.Helper()
	sc, at, all := split.New(s.Text), 0, 0
	for i, u := range s.Steps {
		if u.Start != at || u.End <= u.Start {
			t.Fatalf("%q: Unit %d is from %d to %d, and the one before ends at %d", s.Text, i, u.Start, u.End, at)
		}
		n, hash, marks := 0, uint64(0), u.Specials
		for at < u.End {
			st, ok := sc.Next()
			if !ok || st.End > u.End {
				t.Fatalf("%q: Unit %d ends at %d, within a statement that ends at %d", s.Text, i, u.End, st.End)
			}
			if first := s.StatementAt(at, u.End); first.Start != st.Start || first.End != st.End || first.Kind != st.Kind {
				t.Errorf("%q: the statement after %d is %+v, want %+v", s.Text, at, first, st)
			}
			if st.Kind != split.Plain || st.Explain {
				if len(marks) == 0 || marks[0].At != at || !reflect.DeepEqual(marks[0].Statement, st) {
					t.Fatalf("%q: Unit %d has the marks %+v, and not %+v at %d", s.Text, i, u.Specials, st, at)
				}
				marks = marks[1:]
			}
			n, hash, at = n+1, HashEnds(hash, st.End), st.End
			ends = append(ends, at)
		}
		if len(marks) > 0 || n != u.Statements || hash != u.Ends {
			t.Errorf("%q: Unit %d has %d statements of %d, and left are the marks %+v", s.Text, i, n, u.Statements, marks)
		}
		all += n
	}
	if st, ok := sc.Next(); ok {
		t.Fatalf("%q: no Unit has %+v", s.Text, st)
	}
	if s.Statements() != all {
		t.Errorf("%q: %d statements, want %d", s.Text, s.Statements(), all)
	}
	return ends
}

// oneKind: what cannot be in a Transaction is a Unit of its own, and the transactions
// of the script are each in one unit.
func oneKind(t *testing.T, s *Script, u Step) {
	t.Helper()
	if u.Kind != Transaction && (u.Statements != 1 || len(u.Specials) != 1 || u.Specials[0].Explain) {
		t.Fatalf("%q: not a Transaction, and of %d statements: %+v", s.Text, u.Statements, u)
	}
	own, begun := false, 0
	for _, m := range u.Specials {
		set := m.Kind == split.Pragma && m.Value != ""
		var kind stepKind
		switch {
		case m.Explain:
		case m.Kind == split.Vacuum, m.Kind == split.Pragma && m.Name == "wal_checkpoint", set && m.Name == "journal_mode":
			kind = Outside
		case m.Kind == split.Attach, set && settings[m.Name]:
			kind = Setting
		}
		if kind != u.Kind && (kind != Setting || u.Kind != Transaction || m.Kind == split.Attach || m.Name != "foreign_keys" && !own) {
			t.Errorf("%q: %+v is in a Unit of kind %d", s.Text, m, u.Kind)
		}
		switch m.Kind {
		case split.Begin, split.Commit:
			if own == (m.Kind == split.Begin) {
				t.Errorf("%q: %+v in the Unit %+v", s.Text, m, u)
			}
			if own = !own; own {
				begun++
			}
		case split.Rollback, split.Incomplete:
			t.Errorf("%q: %+v is not refused", s.Text, m)
		}
	}
	if begun > 1 {
		t.Errorf("%q: %d transactions of the script in the Unit %+v", s.Text, begun, u)
	}
	if own {
		t.Errorf("%q: the Unit %+v ends within a transaction", s.Text, u)
	}
}

// oneTransaction: a script that does not say why it is not, is one. Settings stand
// before and behind.
func oneTransaction(t *testing.T, s *Script) {
	t.Helper()
	n := 0
	for _, u := range s.Steps {
		if u.Kind == Transaction {
			n++
		}
		if u.Kind == Outside {
			t.Errorf("%q: %+v is in no transaction", s.Text, u)
		}
	}
	if n > 1 || s.cause != "" || s.Attaches {
		t.Errorf("%q: %d transactions, %q", s.Text, n, s.cause)
	}
}

// resumable: read anew by a run that goes on, the script has a Unit that begins where
// the run before stopped, after a Unit or, of another version, after a statement; and
// what was applied up to there has the checksum that was recorded.
func resumable(t *testing.T, s *Script, ends []int) {
	t.Helper()
	for _, u := range s.Steps {
		again, err := Parse(s.Name, s.Text, u.End)
		if err != nil || !reflect.DeepEqual(again.Steps, s.Steps) {
			t.Fatalf("%q: from %d on %+v, %v, want %+v", s.Text, u.End, again, err, s.Steps)
		}
		fresh := &Script{Text: s.Text}
		if sum := s.Checksum(u.End); sum != fresh.Checksum(u.End) || sum != Checksum(bytes.Clone(s.Text[:u.End])) {
			t.Errorf("%q: the checksum up to %d depends on where others were taken", s.Text, u.End)
		}
	}
	if s.Checksum(len(s.Text)) != Checksum(s.Text) {
		t.Errorf("%q: the checksum depends on where others were taken", s.Text)
	}
	for _, end := range ends {
		again, err := Parse(s.Name, s.Text, end)
		if err != nil {
			t.Fatalf("%q: from %d on: %v", s.Text, end, err)
		}
		if got := joined(t, again); !reflect.DeepEqual(got, ends) {
			t.Errorf("%q: from %d on the statements end at %v, want %v", s.Text, end, got, ends)
		}
		for _, u := range again.Steps {
			if u.Start < end && u.End > end {
				t.Errorf("%q: from %d on a Unit is from %d to %d", s.Text, end, u.Start, u.End)
			}
		}
	}
}

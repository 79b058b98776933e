package sqlite

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// ran is what running a script gives: where its statements end, what its table holds, and the
// error that ended it.
func ran(t *testing.T, text string, cuts ...Cut) (ends []int, rows string, err error) {
	t.Helper()
	c := open(t, filepath.Join(t.TempDir(), "a.db"))
	s := c.NewScript([]byte(text), cuts...)
	defer s.Close()
	for at := 0; at < len(text) && err == nil; {
		if at, err = s.Run(at); err == nil {
			ends = append(ends, at)
		}
	}
	list, _ := c.Texts("SELECT x FROM t")
	return ends, strings.Join(list, "|"), err
}

// TestScriptInParts: a script does the same in parts as in one, and a part that does not end
// with a statement is never run as one.
func TestScriptInParts(t *testing.T) {
	text := `CREATE TABLE t (x); /* a; comment */ INSERT INTO t VALUES ('a;b'), ("c;d");
-- another; one
CREATE TRIGGER g AFTER INSERT ON t WHEN new.x = 1 BEGIN INSERT INTO t VALUES (2); INSERT INTO t VALUES (3); END;;
INSERT INTO t VALUES (1); SELECT 1 /* not closed; */ , 2; INSERT INTO t SELECT 'é' WHERE 1; ` + "/* last */ INSERT INTO t VALUES ('end') -- of all;"
	ends, rows, err := ran(t, text)
	if err != nil || !strings.HasSuffix(rows, "|end") {
		t.Fatal(rows, err)
	}
	var cuts []Cut
	for i := 1; i < len(ends); i++ {
		cuts = append(cuts, Cut{ends[i-1], ends[i]})
	}
	for by := 1; by < len(cuts); by++ {
		var some []Cut
		for i := by - 1; i < len(cuts); i += by {
			some = append(some, cuts[i])
		}
		gotEnds, gotRows, err := ran(t, text, some...)
		if fmt.Sprint(gotEnds) != fmt.Sprint(ends) || gotRows != rows || err != nil {
			t.Errorf("cut after each %d: ends %v, want %v, rows %s, %v", by, gotEnds, ends, gotRows, err)
		}
	}
	for at := 1; at < len(text); at++ { // a wrong cut, of a statement that begins before it
		last := 0
		for _, end := range ends {
			if end < at {
				last = end
			}
		}
		if gotEnds, gotRows, err := ran(t, text, Cut{last, at}); err != nil || gotRows != rows || fmt.Sprint(gotEnds) != fmt.Sprint(ends) {
			t.Errorf("a wrong cut at %d: ends %v, rows %s, %v", at, gotEnds, gotRows, err)
		}
	}
}

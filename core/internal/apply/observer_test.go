package apply_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"fastmigrate/core"
	"fastmigrate/core/finding"
	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/session"
	"fastmigrate/core/internal/sqlite"
)

// journal is an Observer that notes each call.
type journal struct {
	calls []string
	fails string // the call that gives an error
}

func (j *journal) note(format string, args ...any) error {
	call := fmt.Sprintf(format, args...)
	j.calls = append(j.calls, call)
	if call == j.fails {
		return errors.New("the observer fails")
	}
	return nil
}

func (j *journal) Run(context.Context, file.Target) (func(), error) {
	return func() { j.note("over") }, j.note("run")
}

func (j *journal) Script(_ *sqlite.Conn, _ file.Target, s *plan.Script) session.Witness {
	j.note("script %s", s.Name)
	return j
}

func (j *journal) Continue(context.Context, file.Target) error { return nil }

func (j *journal) Applied(_ context.Context, _ file.Target, d apply.Done) error {
	return j.note("applied %s %t", d.Name, d.Witness != nil)
}

func (j *journal) Begin(int) {}

func (j *journal) Found(finding.Finding) {}

func (j *journal) Attached(string, string) error { return nil }

func (j *journal) Touch(_, table string, code int) {
	if code == sqlite.ActInsert && !strings.HasPrefix(table, "sqlite_") {
		j.note("touch %s", table)
	}
}

func (j *journal) Row(_ int, _, table string) {
	if table == "a" {
		j.note("row %s", table)
	}
}

func (j *journal) After()              { j.note("after") }
func (j *journal) BeforeCommit() error { return j.note("commit") }
func (j *journal) End() error          { return j.note("end") }

// TestObserverIsTold pins what an Observer is told, in which order, and that its error undoes
// what is not committed.
func TestObserverIsTold(t *testing.T) {
	migrations := fstest.MapFS{
		"0001-a.sql": {Data: []byte("CREATE TABLE a (x);\nINSERT INTO a VALUES (1), (2)")},
		"0002-b.sql": {Data: []byte("INSERT INTO a VALUES (3)")},
		"0003-c.sh":  {Data: []byte("true")},
	}
	for _, test := range []struct {
		o       core.Options
		fails   string
		version int
		want    string
	}{
		{core.Options{}, "", 3, "run, script 0001-a.sql, after, touch a, row a, row a, after, commit, applied 0001-a.sql true, " +
			"script 0002-b.sql, touch a, row a, after, commit, applied 0002-b.sql true, applied 0003-c.sh false, over"},
		{core.Options{Atomic: true, To: 2}, "", 2, "run, script 0001-a.sql, after, touch a, row a, row a, after, end, " +
			"script 0002-b.sql, touch a, row a, after, commit, applied 0001-a.sql true, applied 0002-b.sql true, over"},
		{core.Options{}, "commit", 0, "run, script 0001-a.sql, after, touch a, row a, row a, after, commit, over"},
		{core.Options{}, "applied 0001-a.sql true", 1, "run, script 0001-a.sql, after, touch a, row a, row a, after, commit, applied 0001-a.sql true, over"},
		{core.Options{}, "run", 0, "run"},
	} {
		path := filepath.Join(t.TempDir(), "app.db")
		if _, _, err := core.CreateDB(t.Context(), path, core.Options{}); err != nil {
			t.Fatal(err)
		}
		j := &journal{fails: test.fails}
		test.o.Observer = j
		_, err := core.RunMigrations(t.Context(), path, migrations, test.o)
		if (err != nil) != (test.fails != "") {
			t.Errorf("%q fails: %v", test.fails, err)
		}
		if got := strings.Join(j.calls, ", "); got != test.want {
			t.Errorf("%q fails:\n%s\nwant\n%s", test.fails, got, test.want)
		}
		if v, err := core.Version(t.Context(), path, core.Options{}); v != test.version || err != nil {
			t.Errorf("%q fails: version %d, %v", test.fails, v, err)
		}
	}
}

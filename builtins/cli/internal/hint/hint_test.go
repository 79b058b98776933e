package hint

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/fault"
)

// TestWaysOut pins that there is a hint for every reason that package core knows.
func TestWaysOut(t *testing.T) {
	source, err := os.ReadFile("../../../../core/fault/reason.go")
	if err != nil {
		t.Fatal(err)
	}
	keys := regexp.MustCompile(`(?m)^\s+\w+\s+Key = "(.*?)"`).FindAllSubmatch(source, -1)
	if len(keys) < 20 {
		t.Fatalf("there are %d keys", len(keys))
	}
	c := Context{DB: "app.db", Dir: "m"}
	for _, k := range keys {
		if fault.Key(k[1]) == fault.Syntax { // TestDialects
			continue
		}
		hints := c.WayOut(&fault.Reason{Key: fault.Key(k[1]), Name: "the name", Detail: "view v"})
		if len(hints) == 0 || hints[0] == "" || strings.ContainsAny(strings.Join(hints, ""), "{}") {
			t.Errorf("%s: %q", k[1], hints)
		}
	}
}

// TestRulesAskNarrowerStatesFirst: a state that is a case of another has its own hint.
func TestRulesAskNarrowerStatesFirst(t *testing.T) {
	c := Context{DB: "app.db", Dir: "m"}
	for _, test := range []struct {
		op   string
		err  error
		want string
	}{
		{"migrate", fault.ErrUnversioned, "fastmigrate enroll-db --db app.db --migrations m enrolls"},
		{"migrate", fault.ErrEmpty, "fastmigrate run-migrations --create"},
		{"back up", fault.ErrEmpty, "fastmigrate create-db --db app.db makes"},
		{"migrate", fault.ErrInterrupted, "check what it left behind"},
		{"migrate", fault.ErrElsewhere, "first make sure, on the machine"},
		{"resolve", fault.ErrPartly, "fastmigrate run-migrations --db app.db --migrations m continues"},
		{"migrate", fault.ErrMeta, "look at it: sqlite3 app.db"},
		{"migrate", fault.ErrTaken, "if the application created it"},
		{"restore", fault.ErrNoBackup, "fastmigrate backups --db app.db lists"},
		{"migrate", fault.ErrNoDatabase, "fastmigrate create-db"},
		{"migrate", fault.ErrPending, "fastmigrate run-migrations"},
		{"adopt", fault.ErrRefused, "without its migrations"},
		{"adopt", fault.ErrOtherTool, "--table NAME"},
		{"migrate", fault.ErrApart, "without --atomic"},
		{"renumber", fault.ErrDuplicate, "rename the one"},
		{"migrate", fault.ErrDuplicate, "fastmigrate renumber"},
	} {
		got := c.For(&core.Error{Op: fault.Op(test.op), Path: "app.db", Version: -1, Err: test.err})
		if (len(got) == 0) != (test.want == "") || len(got) > 0 && !strings.HasPrefix(got[0], test.want) {
			t.Errorf("%s: %v: %q, want %q", test.op, test.err, got, test.want)
		}
	}
}

// TestHintsThatComeWithAnError: With takes the place of all others, Add is the last.
func TestHintsThatComeWithAnError(t *testing.T) {
	err := &core.Error{Op: "migrate", Version: -1, Err: fault.ErrBusy}
	for _, test := range []struct {
		err  error
		want []string
	}{
		{err, []string{"--lock-timeout 5m waits longer"}},
		{Add(err, "x"), []string{"--lock-timeout 5m waits longer", "x"}},
		{With(err, "x"), []string{"x"}},
	} {
		if got := (Context{}).For(test.err); !slices.Equal(got, test.want) {
			t.Errorf("%v: %q, want %q", test.err, got, test.want)
		}
	}
}

package report

import (
	"bytes"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/core"
)

// TestEndGivesStatus: each kind of error has its exit status, and prints to its place.
func TestEndGivesStatus(t *testing.T) {
	for _, test := range []struct {
		err      error
		status   int
		messages string
	}{
		{nil, 0, ""},
		{Exit(3), 3, ""},
		{Found{}.Err(), 0, ""},
		{Wrong("failed", "2 problems", -1, nil).Err(), 1, ""},
		{hint.Usagef("--to=0: versions begin with 1"), 2,
			"fastmigrate: --to=0: versions begin with 1\nhint: fastmigrate --help lists the commands, fastmigrate COMMAND --help explains one\n"},
		{hint.With(errors.New("it is gone"), "look elsewhere"), 1, "fastmigrate: it is gone\nhint: look elsewhere\n"},
		{errors.Join(errors.New("one"), errors.New("two")), 1, "fastmigrate: one\nfastmigrate: two\n"},
		{&RunError{Err: &core.Error{Op: "migrate", Path: "app.db", File: "0002-b.sql", Line: 1, Column: 8, Version: 1, Err: errors.New("no")}}, 1,
			"m/0002-b.sql:1:8: no\napp.db is at version 1; before, it was at version 0\n"},
		{In{&core.Error{File: "a.sql", Version: -1, Err: errors.New("no")}, "goose"}, 1, "goose/a.sql: no\n"},
	} {
		var results, messages bytes.Buffer
		r := &Reporter{Context: t.Context(), Names: hint.Context{DB: "app.db", Dir: "m"}, Results: &results, Messages: &messages}
		if status := r.End(test.err); status != test.status || messages.String() != test.messages || results.Len() > 0 {
			t.Errorf("End(%v) = %d, want %d\n%s, want\n%s", test.err, status, test.status, messages.String(), test.messages)
		}
	}
}

// TestUnreadIsReportedAsAsked: --json among arguments that cannot be read has the
// error as JSON, and as text beside it.
func TestUnreadIsReportedAsAsked(t *testing.T) {
	for args, want := range map[string]string{"status --json": `"kind": "usage"`, "status -- --json": "", "status --json=no": ""} {
		var results, messages bytes.Buffer
		r := &Reporter{Context: t.Context(), Results: &results, Messages: &messages}
		r.End(Unread{hint.Usagef("what?"), strings.Fields(args)})
		if got := results.String(); !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("%s: %q, want %q", args, got, want)
		}
		if !strings.HasPrefix(messages.String(), "fastmigrate: what?\n") {
			t.Errorf("%s: %q", args, messages.String())
		}
	}
}

// TestWrappersSayNothing: an error that is reported in a way of its own has the text
// and the kind of its cause.
func TestWrappersSayNothing(t *testing.T) {
	for _, err := range []error{&RunError{Err: fs.ErrExist}, &RehearsalError{Err: fs.ErrExist}, Unread{Err: fs.ErrExist}, In{Err: fs.ErrExist},
		hint.With(fs.ErrExist, "x"), hint.Add(fs.ErrExist, "x"), hint.Unreadable{Err: fs.ErrExist}} {
		if err.Error() != fs.ErrExist.Error() || !errors.Is(err, fs.ErrExist) {
			t.Errorf("%T: %v", err, err)
		}
	}
}

package core

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
)

// TestDecide: what a run does is decided by the state of the database, the names of
// the files and, if there is something to apply, their texts.
func TestDecide(t *testing.T) {
	file := func(v int) naming.Migration { return naming.Migration{Version: v, Name: fmt.Sprintf("%04d-m.sql", v)} }
	files := func(versions ...int) (list []naming.Migration) {
		for _, v := range versions {
			list = append(list, file(v))
		}
		return list
	}
	applied := func(v, previous int) history.Record {
		return history.Record{Version: v, File: file(v).Name, State: history.Done, Sha256: "sum of " + file(v).Name, Previous: int64(previous)}
	}
	renamed := applied(1, 0)
	renamed.File = "0001-old.sql"
	edited := applied(1, 0)
	edited.Sha256 = "another"
	both := renamed
	both.Sha256 = "another"
	left := history.Record{Version: 3, File: file(3).Name, State: history.Failed}
	records := func(list ...history.Record) []history.Record { return list }
	three := records(applied(1, 0), applied(2, 1), applied(3, 2))
	for _, c := range []struct {
		what  string
		now   survey
		files []naming.Migration
		o     settings
		want  string // versions, or the state that is refused
		reads string // versions whose texts are read
	}{
		{"no files, new database", survey{}, nil, settings{}, "", ""},
		{"all pending", survey{}, files(1, 2, 3), settings{}, "1 2 3", ""},
		{"up to a version", survey{}, files(1, 2, 3), settings{To: 2}, "1 2", ""},
		{"nothing pending: no text is read", survey{version: 3, history: three}, files(1, 2, 3), settings{}, "", ""},
		{"some pending: all applied texts are", survey{version: 2, history: three[:2]}, files(1, 2, 3), settings{}, "3", "1 2"},
		{"edited, and nothing to apply", survey{version: 1, history: records(edited)}, files(1), settings{}, "", ""},
		{"edited", survey{version: 1, history: records(edited)}, files(1, 2), settings{}, "was edited", "1"},
		{"renamed alone", survey{version: 1, history: records(renamed)}, files(1), settings{}, "", "1"},
		{"renamed and edited, and nothing to apply", survey{version: 1, history: records(both)}, files(1), settings{}, "was edited", "1"},
		{"applied by another tool", survey{version: 2}, files(1, 2, 3), settings{}, "3", ""},
		{"missing", survey{version: 3, history: three}, files(1, 3), settings{}, "is missing", ""},
		{"missing, and permitted", survey{version: 3, history: three}, files(1, 3, 4), settings{AllowMissing: true}, "4", "1 3"},
		{"ahead", survey{version: 3, history: three}, files(1, 2), settings{}, "is ahead of its migrations", ""},
		{"ahead, and permitted", survey{version: 3, history: three}, files(1, 2), settings{AllowMissing: true}, "", ""},
		{"two of one version", survey{}, append(files(1), naming.Migration{Version: 1, Name: "0001-n.sql"}), settings{}, "two migrations have one version", ""},
		{"out of order", survey{version: 3, history: records(applied(1, 0), applied(3, 1))}, files(1, 2, 3, 4), settings{}, "is out of order", "1 3"},
		{"out of order, and permitted: the late one first", survey{version: 3, history: records(applied(1, 0), applied(3, 1))}, files(1, 2, 3, 4), settings{AllowOutOfOrder: true}, "2 4", "1 3"},
		{"permitted, and a begun one goes first", survey{version: 2, history: records(applied(2, 0), left), left: &left}, files(1, 2, 3), settings{AllowOutOfOrder: true}, "3 1", "2"},
		{"out of order without a history", survey{version: 3, history: records(applied(1, 0), applied(3, 1))}, files(1, 2, 3), settings{AllowOutOfOrder: true, NoHistory: true}, "it needs a history, and none is kept", "1 3"},
		{"a gap that proves nothing", survey{version: 3, history: records(applied(3, 2))}, files(1, 2, 3), settings{}, "", ""},
	} {
		var reads []string
		todo, err := decide(c.now, c.files, func(m naming.Migration) (string, error) {
			reads = append(reads, fmt.Sprint(m.Version))
			return "sum of " + m.Name, nil
		}, c.o)
		var versions []string
		for _, m := range todo.list() {
			versions = append(versions, fmt.Sprint(m.Version))
		}
		got := strings.Join(versions, " ")
		for _, state := range []error{fault.ErrEdited, fault.ErrMissing, fault.ErrAhead, fault.ErrDuplicate, fault.ErrOutOfOrder, fault.ErrUnrecorded} {
			if errors.Is(err, state) {
				got = state.Error()
			}
		}
		if got != c.want || strings.Join(reads, " ") != c.reads {
			t.Errorf("%s: %q, reading %v (%v), want %q, reading %q", c.what, got, reads, err, c.want, c.reads)
		}
	}
}

// TestTodo: what is applied goes out of the list, and what was begun only goes first
// until it is done.
func TestTodo(t *testing.T) {
	list := todo{late: []naming.Migration{{Version: 1, Name: "a"}}, above: []naming.Migration{{Version: 3, Name: "c"}, {Version: 4, Name: "d"}}, begun: true}
	for _, want := range []string{"[{3 c} {4 d} {1 a}]", "[{1 a} {4 d}]", "[{4 d}]", "[]"} {
		got := list.list()
		if fmt.Sprint(got) != want {
			t.Fatalf("%v, want %s", got, want)
		}
		if len(got) > 0 {
			list.done(got[0].Version)
		}
	}
}

package upgrade

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
		now   Survey
		files []naming.Migration
		o     Config
		want  string // versions, or the state that is refused
		reads string // versions whose texts are read
	}{
		{"no files, new database", Survey{}, nil, Config{}, "", ""},
		{"all pending", Survey{}, files(1, 2, 3), Config{}, "1 2 3", ""},
		{"up to a version", Survey{}, files(1, 2, 3), Config{To: 2}, "1 2", ""},
		{"nothing pending: no text is read", Survey{Version: 3, History: three}, files(1, 2, 3), Config{}, "", ""},
		{"some pending: all applied texts are", Survey{Version: 2, History: three[:2]}, files(1, 2, 3), Config{}, "3", "1 2"},
		{"edited, and nothing to apply", Survey{Version: 1, History: records(edited)}, files(1), Config{}, "", ""},
		{"edited", Survey{Version: 1, History: records(edited)}, files(1, 2), Config{}, "was edited", "1"},
		{"renamed alone", Survey{Version: 1, History: records(renamed)}, files(1), Config{}, "", "1"},
		{"renamed and edited, and nothing to apply", Survey{Version: 1, History: records(both)}, files(1), Config{}, "was edited", "1"},
		{"applied by another tool", Survey{Version: 2}, files(1, 2, 3), Config{}, "3", ""},
		{"missing", Survey{Version: 3, History: three}, files(1, 3), Config{}, "is missing", ""},
		{"missing, and permitted", Survey{Version: 3, History: three}, files(1, 3, 4), Config{AllowMissing: true}, "4", "1 3"},
		{"ahead", Survey{Version: 3, History: three}, files(1, 2), Config{}, "is ahead of its migrations", ""},
		{"ahead, and permitted", Survey{Version: 3, History: three}, files(1, 2), Config{AllowMissing: true}, "", ""},
		{"two of one version", Survey{}, append(files(1), naming.Migration{Version: 1, Name: "0001-n.sql"}), Config{}, "two migrations have the same version", ""},
		{"out of order", Survey{Version: 3, History: records(applied(1, 0), applied(3, 1))}, files(1, 2, 3, 4), Config{}, "is out of order", "1 3"},
		{"out of order, and permitted: the late one first", Survey{Version: 3, History: records(applied(1, 0), applied(3, 1))}, files(1, 2, 3, 4), Config{AllowOutOfOrder: true}, "2 4", "1 3"},
		{"permitted, and a begun one goes first", Survey{Version: 2, History: records(applied(2, 0), left), Unfinished: &left}, files(1, 2, 3), Config{AllowOutOfOrder: true}, "3 1", "2"},
		{"out of order without a history", Survey{Version: 3, History: records(applied(1, 0), applied(3, 1))}, files(1, 2, 3), Config{AllowOutOfOrder: true, NoHistory: true}, "it needs a history, but none is kept", "1 3"},
		{"a gap that proves nothing", Survey{Version: 3, History: records(applied(3, 2))}, files(1, 2, 3), Config{}, "", ""},
	} {
		var reads []string
		todo, err := decide(c.now, c.files, func(m naming.Migration) (string, error) {
			reads = append(reads, fmt.Sprint(m.Version))
			return "sum of " + m.Name, nil
		}, c.o)
		var versions []string
		for _, m := range todo {
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
	list := newTodo([]naming.Migration{{Version: 1, Name: "a"}}, []naming.Migration{{Version: 3, Name: "c"}, {Version: 4, Name: "d"}}, true)
	for _, want := range []string{"[{3 c} {1 a} {4 d}]", "[{1 a} {4 d}]", "[{4 d}]", "[]"} {
		got := list
		if fmt.Sprint(got) != want {
			t.Fatalf("%v, want %s", got, want)
		}
		if len(got) > 0 {
			list.remove(got[0].Version)
		}
	}
}

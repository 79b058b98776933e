package cli

import (
	"bytes"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fastmigrate/core"
	"fastmigrate/core/fault"
)

// TestProgressLog: where there is no terminal, the log has a line every ten
// seconds.
func TestProgressLog(t *testing.T) {
	for _, test := range []struct {
		grammar grammar
		want    string
	}{
		{grammar{}, "fastmigrate: 0001-a.sql  00:10\nfastmigrate: 0001-a.sql  00:20\n"},
		{grammar{JSON: true}, "fastmigrate: 0001-a.sql  00:10\nfastmigrate: 0001-a.sql  00:20\n"},
		{grammar{Quiet: true}, ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			var b bytes.Buffer
			a := &app{Context: t.Context(), grammar: &test.grammar, err: &b}
			a.options.Logger = slog.New(a)
			start, tell := time.Now(), a.progress()
			for tell != nil && time.Since(start) < 25*time.Second {
				tell(core.Progress{Migration: "0001-a.sql", Phase: "run", Elapsed: time.Since(start)})
				time.Sleep(100 * time.Millisecond)
			}
			if b.String() != test.want {
				t.Errorf("%+v: %q, want %q", test.grammar, b.String(), test.want)
			}
		})
	}
}

// TestWaysOut pins that there is a hint for every reason that package core knows.
func TestWaysOut(t *testing.T) {
	source, err := os.ReadFile("../../core/fault/reason.go")
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

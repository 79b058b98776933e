package cli

import (
	"bytes"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"fastmigrate/core"
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

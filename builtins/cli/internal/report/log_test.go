package report

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"fastmigrate/core"
)

// TestProgressLog: where there is no terminal, the log has a line every ten
// seconds.
func TestProgressLog(t *testing.T) {
	for _, test := range []struct {
		reporter Reporter
		want     string
	}{
		{Reporter{}, "fastmigrate: 0001-a.sql  00:10\nfastmigrate: 0001-a.sql  00:20\n"},
		{Reporter{JSON: true}, "fastmigrate: 0001-a.sql  00:10\nfastmigrate: 0001-a.sql  00:20\n"},
		{Reporter{Quiet: true}, ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			var b bytes.Buffer
			r := test.reporter
			r.Context, r.Messages = t.Context(), &b
			start, tell := time.Now(), r.Progress()
			for tell != nil && time.Since(start) < 25*time.Second {
				tell(core.Progress{Migration: "0001-a.sql", Phase: "run", Elapsed: time.Since(start)})
				time.Sleep(100 * time.Millisecond)
			}
			if b.String() != test.want {
				t.Errorf("%+v: %q, want %q", test.reporter, b.String(), test.want)
			}
		})
	}
}

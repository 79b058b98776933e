package coretest_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"fastmigrate/core"
	"fastmigrate/core/coretest"
	"fastmigrate/core/internal/sqlite"
)

// history gives n migrations as they come about: half of them make tables, the others an
// index, a column, change rows and insert some.
func history(n int) fstest.MapFS {
	files := fstest.MapFS{}
	table := ""
	for i := 1; i <= n; i++ {
		var sql string
		switch i % 8 {
		default:
			parent := ""
			if i%8 == 5 {
				parent = ", parent_id INTEGER REFERENCES " + table + " (id)"
			}
			table = fmt.Sprintf("t%04d", i)
			sql = "CREATE TABLE " + table + " (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT, n INTEGER NOT NULL DEFAULT 0, created_at TEXT" + parent + ");"
		case 2:
			sql = fmt.Sprintf("CREATE INDEX %s_name ON %[1]s (name);", table)
		case 4:
			sql = "ALTER TABLE " + table + " ADD COLUMN note TEXT;"
		case 6:
			sql = "UPDATE " + table + " SET n = n + 1 WHERE n < 10;"
		case 0:
			sql = "INSERT INTO " + table + " (name, mail) VALUES ('a', 'b'), ('c', 'd');"
		}
		files[fmt.Sprintf("%04d-m%d.sql", i, i)] = &fstest.MapFile{Data: []byte(sql)}
	}
	return files
}

// TestWorkDoesNotGrowWithTheNumberOfMigrations: for each, as many tables are read and given rows,
// and as many connections opened, however many there are.
func TestWorkDoesNotGrowWithTheNumberOfMigrations(t *testing.T) {
	counted, filled := coretest.CountWork(t)
	work := func(n int) (int, int, int64) {
		*counted, *filled = 0, 0
		before := sqlite.Opened()
		list, err := coretest.Run(t.Context(), history(n), coretest.Options{})
		if err != nil || len(list) != n {
			t.Fatal(len(list), err)
		}
		return *counted, *filled, sqlite.Opened() - before
	}
	counts, fills, opens := work(16)
	more, moreFills, moreOpens := work(48)
	if more > 3*counts || moreFills > 3*fills || counts == 0 || fills == 0 {
		t.Errorf("16 migrations count the rows of %d tables and fill %d, 48 count %d and fill %d", counts, fills, more, moreFills)
	}
	if moreOpens > 3*opens || opens > 3*16 {
		t.Errorf("16 migrations need %d connections, 48 need %d", opens, moreOpens)
	}
}

// BenchmarkHistory checks all migrations of a history, beside the run of them.
func BenchmarkHistory(b *testing.B) {
	for _, n := range []int{25, 100, 400} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			files := history(n)
			path := filepath.Join(b.TempDir(), "app.db")
			if _, _, err := core.CreateDB(b.Context(), path, core.Options{}); err != nil {
				b.Fatal(err)
			}
			began := time.Now()
			if _, err := core.RunMigrations(b.Context(), path, files, core.Options{}); err != nil {
				b.Fatal(err)
			}
			run := time.Since(began)
			b.ReportAllocs()
			for b.Loop() {
				list, err := coretest.Run(b.Context(), files, coretest.Options{})
				if err != nil || len(list) != n {
					b.Fatal(len(list), err)
				}
				for _, m := range list {
					if len(m.Problems) > 0 {
						b.Fatal(m.Problems)
					}
				}
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/run.Seconds(), "x-run")
		})
	}
}

package coretest_test

import (
	"fmt"
	"testing"
	"testing/fstest"

	"fastmigrate/core/coretest"
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

// BenchmarkHistory checks all migrations of a history.
func BenchmarkHistory(b *testing.B) {
	for _, n := range []int{25, 100, 400} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			files := history(n)
			b.ReportAllocs()
			for b.Loop() {
				list, err := coretest.Run(b.Context(), files, coretest.Options{})
				if err != nil || len(list) != n {
					b.Fatal(len(list), err)
				}
				for _, m := range list {
					if m.Problems != nil && len(m.Problems) > 0 {
						b.Fatal(m.Problems)
					}
				}
			}
		})
	}
}

package rehearse_test

import (
	"fmt"
	"testing"
	"time"

	"fastmigrate/core"
	"fastmigrate/core/rehearse"
)

// manyPending gives n migrations, half of them tables.
func manyPending(n int) []string {
	var pairs []string
	for i := 1; i <= n; i++ {
		sql := fmt.Sprintf("CREATE TABLE t%d (id INTEGER PRIMARY KEY, name TEXT NOT NULL, n INTEGER)", i)
		switch i % 6 {
		case 2:
			sql = fmt.Sprintf("CREATE INDEX t%d_name ON t%[1]d (name)", i-1)
		case 4:
			sql = fmt.Sprintf("ALTER TABLE t%d ADD COLUMN note TEXT", i-1)
		case 0:
			sql = fmt.Sprintf("INSERT INTO t%d (name) VALUES ('a'), ('b')", i-1)
		}
		pairs = append(pairs, fmt.Sprintf("%04d-m.sql", i), sql)
	}
	return pairs
}

// BenchmarkManyPending rehearses many migrations of a new database.
func BenchmarkManyPending(b *testing.B) {
	for _, n := range []int{100, 1000} {
		all := files(manyPending(n)...)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			path := newDB(b)
			began := time.Now()
			migrate(b, newDB(b), all, core.Options{})
			run := time.Since(began)
			b.ReportAllocs()
			for b.Loop() {
				r := &rehearse.Rehearsal{}
				o := r.Options(core.Options{})
				migrate(b, path, all, o)
				list, err := r.Report(b.Context(), o)
				if err != nil || len(list) != 1 || len(list[0].Applied) != n {
					b.Fatal(len(list), err)
				}
				r.Close()
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/run.Seconds(), "x-run")
		})
	}
}

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

// TestWorkDoesNotGrowWithTheNumberOfMigrations: for each, as many tables are counted, however many
// there are, also if all are one transaction. The values of a table that no migration touches are
// not read at all.
func TestWorkDoesNotGrowWithTheNumberOfMigrations(t *testing.T) {
	rows, values := rehearse.CountWork(t)
	for _, atomic := range []bool{false, true} {
		work := func(n int) (int, int) {
			path := newDB(t)
			query(t, path, "CREATE TABLE other (id INTEGER PRIMARY KEY, x)")
			*rows, *values = 0, 0
			o := rehearsing(t)
			o.Atomic = atomic
			migrate(t, path, files(manyPending(n)...), o)
			if list, err := rehearse.Of(o).Report(t.Context(), o); err != nil || len(list[0].Applied) != n {
				t.Fatal(list, err)
			}
			return *rows, *values
		}
		counted, read := work(12)
		more, moreRead := work(36)
		if more > 3*counted || moreRead > 3*read || counted == 0 || read == 0 {
			t.Errorf("atomic %v: 12 migrations count the rows of %d tables and the values of %d, 36 those of %d and %d", atomic, counted, read, more, moreRead)
		}
		if read > 12*2 {
			t.Errorf("atomic %v: the values of %d tables are read", atomic, read)
		}
	}
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

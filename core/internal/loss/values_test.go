package loss_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fastmigrate/core/internal/loss"
	"fastmigrate/core/internal/sqlite"
)

// TestCompareValuesFindsWhatIsReplaced: most values of a column are others now. What is
// changed as people mean it is silent.
func TestCompareValuesFindsWhatIsReplaced(t *testing.T) {
	const before = `PRAGMA synchronous = OFF;
		CREATE TABLE u (id INTEGER PRIMARY KEY, mail TEXT, name TEXT, n INT NOT NULL DEFAULT 7, none);
		INSERT INTO u VALUES (1, 'A@x', 'ann', 11, NULL), (2, 'B@x', 'bob', 12, NULL), (3, 'C@x', 'cem', 13, NULL), (4, 'D@x', 'dee', 14, 1);
		CREATE TABLE nokey (a, b); INSERT INTO nokey VALUES ('x', 1), ('y', 2), ('z', 3), ('z', 4);
		CREATE TABLE w (k TEXT PRIMARY KEY, v) WITHOUT ROWID; INSERT INTO w VALUES ('a', 'one'), ('b', 'two'), ('c', 'three');
		CREATE TABLE pair (x, y, PRIMARY KEY (x, y)); INSERT INTO pair VALUES (1, 'p'), (2, 'q');
		CREATE TABLE few (id INTEGER PRIMARY KEY, flag INT NOT NULL DEFAULT 0, a INT, b INT, zip TEXT);
		INSERT INTO few VALUES (1, 0, 11, 11, '0107'), (2, 0, 12, 12, '0207'), (3, 0, 13, 13, '0307'), (4, 1, 14, 18, '0407'), (5, 1, 15, 19, '0507');
		CREATE TABLE link (x INT, y INT, PRIMARY KEY (x, y)); INSERT INTO link VALUES (1, 2), (2, 3), (3, 1);
		CREATE TABLE settings (key TEXT, value); INSERT INTO settings VALUES ('a', 1)`
	var wide, values []string
	for i := range 1990 {
		wide, values = append(wide, fmt.Sprint("c", i)), append(values, fmt.Sprint("k * 7000 + ", i))
	}
	wideTable := "; CREATE TABLE wide (k INTEGER PRIMARY KEY, " + strings.Join(wide, ", ") + "); WITH n(k) AS (VALUES (1), (2)) INSERT INTO wide SELECT k, " + strings.Join(values, ", ") + " FROM n"
	rebuild := func(columns, insert string) string {
		return "CREATE TABLE t (" + columns + "); INSERT INTO t " + insert + "; DROP TABLE u; ALTER TABLE t RENAME TO u"
	}
	const columns = "id INTEGER PRIMARY KEY, mail TEXT, name TEXT, n INT NOT NULL DEFAULT 7, none"
	for _, test := range []struct{ name, sql, want string }{
		{"rebuilt as it was", rebuild(columns, "SELECT * FROM u"), ""},
		{"another order of columns", rebuild("n INT, none, name, id INTEGER PRIMARY KEY, mail", "(id, mail, name, n, none) SELECT * FROM u"), ""},
		{"a column left out", rebuild(columns, "(id, mail, name) SELECT id, mail, name FROM u"), "u.n 4 of 4 one 7, u.none 1 of 1 NULL"},
		{"a column left out that gets NULL", rebuild(columns, "(id, mail, n) SELECT id, mail, n FROM u"), "u.name 4 of 4 NULL, u.none 1 of 1 NULL"},
		{"two columns swapped", rebuild(columns, "SELECT id, name, mail, n, none FROM u"), "u.mail 4 of 4 column name, u.name 4 of 4 column mail"},
		{"its own name", rebuild(columns, `SELECT id, 'mail', name, n, none FROM u`), "u.mail 4 of 4 name"},
		{"a constant", rebuild(columns, "SELECT id, mail, 'x', n, none FROM u"), "u.name 4 of 4 one 'x'"},
		{"most of a column", "UPDATE u SET name = '' WHERE id > 1", "u.name 3 of 4 one ''"},
		{"half of a column", "UPDATE u SET name = '' WHERE id > 2", ""},
		{"all NULL", "UPDATE u SET mail = NULL", "u.mail 4 of 4 NULL"},
		{"case and blanks", "UPDATE u SET mail = lower(mail), name = ' ' || name || ' '", ""},
		{"another type", rebuild("id INTEGER PRIMARY KEY, mail, name, n REAL, none", "SELECT * FROM u"), ""},
		{"as text", rebuild("id INTEGER PRIMARY KEY, mail, name, n TEXT, none", "SELECT * FROM u"), ""},
		{"one row", "UPDATE u SET mail = 'z' WHERE id = 1; UPDATE settings SET value = 2", ""},
		{"other values", "UPDATE u SET n = n * 100", "u.n 4 of 4 others"},
		{"a new column", "ALTER TABLE u ADD COLUMN full; UPDATE u SET full = name || mail", ""},
		{"what was NULL", "UPDATE u SET none = 5 WHERE none IS NULL", ""},
		{"put back", "CREATE TEMP TABLE b AS SELECT * FROM u; DELETE FROM u; INSERT INTO u SELECT * FROM b; DROP TABLE b", ""},
		{"replaced in place", "REPLACE INTO u VALUES (1, 'A@x', 'new', 11, NULL)", ""},
		{"renamed", "ALTER TABLE u RENAME TO v; ALTER TABLE v RENAME COLUMN name TO nick; UPDATE v SET nick = 'x'", "u.name=v.nick 4 of 4 one 'x'"},
		{"without a key", "CREATE TABLE t (a, b); INSERT INTO t SELECT a, b FROM nokey ORDER BY b DESC; DROP TABLE nokey; ALTER TABLE t RENAME TO nokey", ""},
		{"without a key, a constant", "CREATE TABLE t (a, b); INSERT INTO t SELECT 'q', b FROM nokey ORDER BY b DESC; DROP TABLE nokey; ALTER TABLE t RENAME TO nokey", "nokey.a 4 of 4 one 'q'"},
		{"without a key, one of its values", "CREATE TABLE t (a, b); INSERT INTO t SELECT 'z', b FROM nokey; DROP TABLE nokey; ALTER TABLE t RENAME TO nokey", "nokey.a 4 of 4 one 'z'"},
		{"without a key, swapped", "CREATE TABLE t (a, b); INSERT INTO t SELECT b, a FROM nokey; DROP TABLE nokey; ALTER TABLE t RENAME TO nokey", "nokey.a 4 of 4 column b, nokey.b 4 of 4 column a"},
		{"without a key, its own name", "CREATE TABLE t (a, b); INSERT INTO t SELECT 'a', b FROM nokey; DROP TABLE nokey; ALTER TABLE t RENAME TO nokey", "nokey.a 4 of 4 name"},
		{"without rowids", "UPDATE w SET v = 'x'", "w.v 3 of 3 one 'x'"},
		{"rowids that are given up", "CREATE TABLE t (k TEXT PRIMARY KEY, v); INSERT INTO t SELECT * FROM w ORDER BY k DESC; DROP TABLE w; ALTER TABLE t RENAME TO w", ""},
		{"more columns than one statement reads", "UPDATE wide SET c2 = 'x', c1900 = c1", "wide.c2 2 of 2 one 'x', wide.c1900 2 of 2 others"},
		{"a flag that few rows have", "UPDATE few SET flag = 0", "few.flag 2 of 5 one 0"},
		{"a flag that few rows have, left out", "CREATE TABLE t (id INTEGER PRIMARY KEY, flag INT NOT NULL DEFAULT 0, a INT, b INT, zip TEXT); INSERT INTO t (id, a, b, zip) SELECT id, a, b, zip FROM few; DROP TABLE few; ALTER TABLE t RENAME TO few", "few.flag 2 of 5 one 0"},
		{"the rows that have a flag", "UPDATE few SET flag = 0 WHERE flag = 1 -- as its hooks tell", ""},
		{"the one row of one value", "UPDATE few SET flag = 1 WHERE id < 4; UPDATE few SET a = a WHERE id = 1 -- as its hooks tell", "few.flag 3 of 5 one 1"},
		{"a column that is mostly the same", "UPDATE few SET b = a", "few.b 2 of 5 column a"},
		{"a column that is mostly the same, in the rows that differ", "UPDATE few SET b = a WHERE b > a -- as its hooks tell", ""},
		{"leading zeros", "UPDATE few SET zip = CAST(zip AS INTEGER)", "few.zip 5 of 5 others"},
		{"a rebuild that repeats rows", "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b); INSERT INTO t (a, b) SELECT n.a, n.b FROM nokey AS n, pair; DROP TABLE nokey; ALTER TABLE t RENAME TO nokey", "nokey rows-repeated 4"},
		{"a rebuild that adds rows", "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b); INSERT INTO t (a, b) SELECT a, b FROM nokey; INSERT INTO t (a, b) VALUES ('n', 9); DROP TABLE nokey; ALTER TABLE t RENAME TO nokey", ""},
		{"the columns of a key swapped", "CREATE TABLE t (x INT, y INT, PRIMARY KEY (x, y)); INSERT INTO t SELECT y, x FROM link; DROP TABLE link; ALTER TABLE t RENAME TO link", "link.x 3 of 3 column y, link.y 3 of 3 column x"},
		{"a column that a rebuild names otherwise", rebuild("id INTEGER PRIMARY KEY, mail TEXT, nick TEXT, n INT NOT NULL DEFAULT 7, none", "SELECT * FROM u"), ""},
		{"a key that a rebuild names otherwise", rebuild("uid INTEGER PRIMARY KEY, mail TEXT, name TEXT, n INT NOT NULL DEFAULT 7, none", "SELECT id, name, mail, n, none FROM u"), "u.mail 4 of 4 column name, u.name 4 of 4 column mail"},
		{"without a key, another type", "CREATE TABLE t (a, b REAL, c); INSERT INTO t (a, b) SELECT a, b FROM nokey; DROP TABLE nokey; ALTER TABLE t RENAME TO nokey", ""},
		{"a key of two columns", "CREATE TABLE t (x, y, z, PRIMARY KEY (y, x)); INSERT INTO t SELECT x, y, 1 FROM pair; DROP TABLE pair; ALTER TABLE t RENAME TO pair", ""},
	} {
		for _, watched := range []bool{true, false} {
			dir := t.TempDir()
			path, copied := filepath.Join(dir, "app.db"), filepath.Join(dir, "before.db")
			c, err := sqlite.Open(t.Context(), path, sqlite.ReadWrite|sqlite.Create, 0)
			if err != nil {
				t.Fatal(err)
			}
			script := before
			if strings.Contains(test.sql, "wide") {
				script += wideTable
			}
			run(t, c, script, nil)
			was := read(t, c)
			file, err := os.ReadFile(path)
			if err == nil {
				err = os.WriteFile(copied, file, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			var seen *loss.Trace
			if watched {
				seen = loss.NewTrace(c, nil)
			}
			run(t, c, test.sql, seen)
			is := read(t, c)
			c.Close()
			if !watched && (strings.Contains(test.sql, "RENAME COLUMN") || strings.Contains(test.sql, "as its hooks tell")) { // nobody knows it of a program
				continue
			}
			found, _, err := loss.CompareValues(t.Context(), copied, path, was, is, seen, loss.Limits{})
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
				continue
			}
			var got []string
			for _, f := range found {
				if f.Kind != loss.ValuesReplaced {
					got = append(got, fmt.Sprintf("%s %s %d", f.Table, f.Kind, f.Lost))
					continue
				}
				place := f.Table + "." + f.Column
				if f.Now != f.Table || f.NowColumn != f.Column {
					place += "=" + f.Now + "." + f.NowColumn
				}
				got = append(got, strings.TrimSpace(fmt.Sprintf("%s %d of %d %s %s", place, f.Lost, f.Values, f.By, f.Instead)))
			}
			if got := strings.Join(got, ", "); got != test.want {
				t.Errorf("%s, watched: %v:\n%s\nwant\n%s", test.name, watched, got, test.want)
			}
		}
	}
}

// TestCompareValuesIsBounded: above a number of rows, those are compared that their keys
// choose, the same each time; when the time is over, that is said.
func TestCompareValuesIsBounded(t *testing.T) {
	dir := t.TempDir()
	path, copied := filepath.Join(dir, "app.db"), filepath.Join(dir, "before.db")
	c, err := sqlite.Open(t.Context(), path, sqlite.ReadWrite|sqlite.Create, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	run(t, c, "PRAGMA synchronous = OFF; CREATE TABLE u (id INTEGER PRIMARY KEY, v); WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO u SELECT i, i FROM n", nil)
	was := read(t, c)
	file, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(copied, file, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	seen := loss.NewTrace(c, nil)
	run(t, c, "UPDATE u SET v = 'x'", seen)
	is := read(t, c)
	rows := int64(0)
	for range 2 {
		found, extent, err := loss.CompareValues(t.Context(), copied, path, was, is, seen, loss.Limits{Rows: 500})
		if err != nil || len(found) != 1 || found[0].Lost != found[0].Values || len(extent) != 1 || !extent[0].Sampled || extent[0].Rows != found[0].Values || extent[0].Of != 2000 {
			t.Errorf("CompareValues() = %+v, %+v, %v", found, extent, err)
		}
		if n := extent[0].Rows; n < 400 || n > 600 || rows > 0 && n != rows {
			t.Errorf("%d rows of 2000 are compared for a limit of 500, before %d", n, rows)
		}
		rows = extent[0].Rows
	}
	for step := range int64(6) { // ids that have a stride of their own are in the sample as all others are
		if step < 2 {
			continue
		}
		run(t, c, fmt.Sprintf("UPDATE u SET v = CASE WHEN id %% %d = 0 THEN id END", step), loss.NewTrace(c, nil))
		seen := loss.NewTrace(c, nil)
		run(t, c, "UPDATE u SET v = v", seen)
		found, _, err := loss.CompareValues(t.Context(), copied, path, was, read(t, c), seen, loss.Limits{Rows: 1000})
		share := 1 - 1/float64(step)
		if err != nil || step > 2 && (len(found) != 1 || math.Abs(float64(found[0].Lost)/float64(found[0].Values)-share) > 0.1) {
			t.Errorf("NULL in all but each %d-th: %+v, %v", step, found, err)
		}
	}
	_, extent, err := loss.CompareValues(t.Context(), copied, path, was, is, seen, loss.Limits{Time: -1})
	if err != nil || len(extent) != 1 || !extent[0].Unfinished {
		t.Errorf("without time: %+v, %v", extent, err)
	}
}

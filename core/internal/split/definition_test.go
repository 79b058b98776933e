package split_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// TestDefineReadsWhatSQLiteReads: what it says of a statement is what SQLite makes of it.
func TestDefineReadsWhatSQLiteReads(t *testing.T) {
	const p = "CREATE TABLE p (id INTEGER PRIMARY KEY, x, y, UNIQUE (x, y)); "
	for _, test := range []struct{ sql, want string }{
		{"CREATE TABLE t (id INTEGER PRIMARY KEY, a)", "PRIMARY KEY (id)"},
		{"CREATE TABLE t (id INTEGER, a, PRIMARY KEY (id))", "PRIMARY KEY (id)"},
		{"CREATE TABLE t (id integer, PRIMARY KEY (id AUTOINCREMENT))", "PRIMARY KEY (id) AUTOINCREMENT"},
		{"CREATE TABLE t (id INTEGER PRIMARY KEY ASC ON CONFLICT REPLACE AUTOINCREMENT)", "PRIMARY KEY (id) AUTOINCREMENT ON CONFLICT REPLACE"},
		{"CREATE TABLE t (id INTEGER PRIMARY KEY DESC)", "PRIMARY KEY (id)"},
		{"CREATE TABLE t (id INTEGER, PRIMARY KEY (id DESC))", "PRIMARY KEY (id)"},
		{"CREATE TABLE t (id INT PRIMARY KEY)", "PRIMARY KEY (id)"},
		{"CREATE TABLE t (a INT, b TEXT, CONSTRAINT \"k\" PRIMARY KEY (b COLLATE NOCASE DESC, a)) WITHOUT ROWID, STRICT", "PRIMARY KEY (b COLLATE NOCASE, a); WITHOUT ROWID; STRICT"},
		{"CREATE TABLE t (a INT, b TEXT, PRIMARY KEY (b, a)) STRICT", "PRIMARY KEY (b, a); STRICT"},
		{"CREATE TABLE t (\"my col\" VARCHAR(10) NOT NULL ON CONFLICT IGNORE UNIQUE, [b c] DOUBLE PRECISION, `d``e`, 'f' INT)", "\"my col\" NOT NULL ON CONFLICT IGNORE; UNIQUE (\"my col\")"},
		{"CREATE TABLE t (a DECIMAL(10, -2) DEFAULT -1, b DEFAULT +1.5e-3, c DEFAULT 'it''s, (', d DEFAULT (1 + (2)), e DEFAULT .5e1, f DEFAULT x'00' NOT NULL)",
			"a DEFAULT -1; b DEFAULT +1.5e-3; c DEFAULT 'it''s, ('; d DEFAULT (1 + (2)); e DEFAULT .5e1; f DEFAULT x'00'; f NOT NULL"},
		{"CREATE TABLE t (a DEFAULT 1. NOT NULL, b DEFAULT 0x1E UNIQUE, c DEFAULT - 7, d DEFAULT 1e+5 NOT NULL, e DEFAULT 1.e2, f DEFAULT 1_000)",
			"a DEFAULT 1.; a NOT NULL; b DEFAULT 0x1E; UNIQUE (b); c DEFAULT - 7; d DEFAULT 1e+5; d NOT NULL; e DEFAULT 1.e2; f DEFAULT 1_000"},
		{"CREATE TABLE t (a DEFAULT NULL, b NULL, c DEFAULT CURRENT_TIMESTAMP NOT NULL, d DEFAULT x, e DEFAULT \"y\", f DEFAULT true, g DEFAULT 1 DEFAULT 2)",
			"c DEFAULT CURRENT_TIMESTAMP; c NOT NULL; d DEFAULT x; e DEFAULT \"y\"; f DEFAULT true; g DEFAULT 2"},
		{"CREATE TABLE t (a TEXT COLLATE NOCASE COLLATE RTRIM, b COLLATE \"nocase\" COLLATE BINARY, c INT CONSTRAINT n, d CONSTRAINT m NOT NULL)", "a COLLATE RTRIM; d NOT NULL"},
		{"CREATE TABLE t (a INT CHECK (a > 0), b CHECK(b IN ('x', 'y') AND (a<b)), CHECK (length(b) < 5) CONSTRAINT u UNIQUE (a, b) UNIQUE (b))",
			"CHECK (a > 0); CHECK (b IN ('x', 'y') AND (a<b)); CHECK (length(b) < 5); UNIQUE (a, b); UNIQUE (b)"},
		{"CREATE TABLE t (a INT, b INT GENERATED ALWAYS AS (a + 1) STORED NOT NULL, c AS (a || ',') VIRTUAL, d generated always as (1))",
			"b GENERATED ALWAYS AS (a + 1); b NOT NULL; c GENERATED ALWAYS AS (a || ','); d GENERATED ALWAYS AS (1)"},
		{p + "CREATE TABLE t (a REFERENCES p ON DELETE CASCADE ON UPDATE SET NULL NOT NULL, b INT REFERENCES \"p\" (id) MATCH FULL ON DELETE NO ACTION DEFERRABLE INITIALLY DEFERRED)",
			"REFERENCES p ON DELETE CASCADE ON UPDATE SET NULL; a NOT NULL; REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED"},
		{p + "CREATE TABLE t (a, b, CONSTRAINT f FOREIGN KEY (a, b) REFERENCES p (x, y) ON UPDATE RESTRICT NOT DEFERRABLE INITIALLY DEFERRED, FOREIGN KEY(b)REFERENCES p ON DELETE SET DEFAULT DEFERRABLE)",
			"FOREIGN KEY (a, b) REFERENCES p (x, y) ON UPDATE RESTRICT; REFERENCES p ON DELETE SET DEFAULT"},
		{p + "CREATE TABLE t (a REFERENCES p NOT NULL DEFERRABLE INITIALLY DEFERRED)", "REFERENCES p DEFERRABLE INITIALLY DEFERRED; a NOT NULL"},
		{"CREATE TABLE t (a /* , b UNIQUE */ INT -- NOT NULL,\n NOT /* x */ NULL, b) -- STRICT", "a NOT NULL"},
		{"CREATE TABLE t (key, temp TEXT, always, \"check\" INT UNIQUE, \"primary\" TEXT, 'unique' NOT NULL)", "UNIQUE (check); unique NOT NULL"},
		{"CREATE TABLE IF NOT EXISTS main.[t] (a, b, UNIQUE (a COLLATE NOCASE, b DESC) ON CONFLICT ROLLBACK)", "UNIQUE (a COLLATE NOCASE, b) ON CONFLICT ROLLBACK"},
		{"CREATE TABLE t (a UNIQUE, a2, UNIQUE (a), UNIQUE (a, a2))", "UNIQUE (a); UNIQUE (a); UNIQUE (a, a2)"},
		{"CREATE TABLE s (a TEXT PRIMARY KEY, b NOT NULL DEFAULT 3); CREATE TABLE t AS SELECT * FROM s", ""},
		{"CREATE TABLE t (a INT); ALTER TABLE t ADD COLUMN b TEXT NOT NULL DEFAULT ('x') CHECK (b <> ')'); ALTER TABLE t RENAME COLUMN b TO c", "c NOT NULL; c DEFAULT 'x'; CHECK (c <> ')')"},
	} {
		c, err := sqlite.Open(t.Context(), ":memory:", sqlite.ReadWrite|sqlite.Create, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, st := range all(test.sql) {
			if err := c.Exec(test.sql[st.Start:st.End]); err != nil {
				t.Fatalf("%s: %v", test.sql, err)
			}
		}
		var got []string
		for _, k := range agrees(t, c, "t").Constraints {
			got = append(got, k.String())
		}
		if got := strings.Join(got, "; "); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.sql, got, test.want)
		}
		c.Close()
	}
}

// agrees holds what Define reads of a table against what SQLite says of it.
func agrees(t testing.TB, c *sqlite.Conn, table string) split.Definition {
	t.Helper()
	sql, err := c.Text("SELECT sql FROM sqlite_master WHERE type = 'table' AND lower(name) = lower(?)", table)
	if err != nil {
		t.Fatal(err)
	}
	d, ok := split.Define([]byte(sql))
	if !ok || !strings.EqualFold(d.Name, table) {
		t.Fatalf("Define(%s) = %+v, %v", sql, d, ok)
	}
	columns, err := catalog.Columns(c, table)
	if err != nil {
		t.Fatal(err)
	}
	compare := func(what string, got, want any) {
		t.Helper()
		if g, w := fmt.Sprintf("%q", got), fmt.Sprintf("%q", want); g != w {
			t.Errorf("%s:\n%s: %s, for SQLite %s", sql, what, g, w)
		}
	}
	flat := func(s string) string { return strings.ToUpper(strings.Join(strings.Fields(s), "")) }
	info, _, err := catalog.Find(c, table)
	if err != nil {
		t.Fatal(err)
	}
	compare("options", []bool{d.Has(split.Strict), d.Has(split.WithoutRowid)}, []bool{info.Strict, info.WithoutRowid})
	compare("primary key", d.Primary(), catalog.PrimaryNames(columns))
	if len(d.Columns) != len(columns) {
		t.Fatalf("%s: columns %v, for SQLite %v", sql, d.Columns, columns)
	}
	for i, col := range columns {
		own := d.Columns[i].Name
		compare("column", own, col.Name)
		typed := flat(d.Columns[i].Type)
		if len(typed) > 1 && strings.ContainsAny(typed[:1], `"'[`+"`") {
			typed = flat(split.Unquote(d.Columns[i].Type))
		}
		compare("type of "+own, typed, flat(col.Type))
		implied := (info.WithoutRowid || info.Strict) && col.Key > 0 // https://sqlite.org/stricttables.html
		compare("not null of "+own, d.Of(own, split.NotNull) != nil || implied && col.NotNull, col.NotNull)
		value := ""
		if k := d.Of(own, split.Default); k != nil {
			value = k.Expr
		}
		if !strings.EqualFold(col.Default, "NULL") {
			compare("default of "+own, flat(value), flat(col.Default))
		}
		compare("generated "+own, d.Of(own, split.Generated) != nil, col.Generated)
	}
	keys, err := catalog.ForeignKeys(c, table)
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	none := func(action string) string {
		if action == "" {
			return "NO ACTION"
		}
		return action
	}
	unique := map[string]bool{}
	for _, k := range d.Constraints {
		switch k.Kind {
		case split.References:
			got = append(got, fmt.Sprint(k.Columns, k.Parent, k.To, none(k.OnUpdate), none(k.OnDelete)))
		case split.Unique:
			unique[strings.ToLower(strings.Join(k.Columns, ","))] = true
		}
	}
	for _, k := range keys {
		want = append(want, fmt.Sprint(k.Columns, k.Parent, k.To, k.OnUpdate, k.OnDelete))
	}
	slices.Reverse(want)
	compare("foreign keys", got, want)
	indexes, err := catalog.Indexes(c, table)
	if err != nil {
		t.Fatal(err)
	}
	sets, rowid := map[string]bool{}, len(d.Primary()) > 0 && !info.WithoutRowid
	for _, x := range indexes {
		names, err := catalog.IndexColumns(c, x.Name)
		if err != nil {
			t.Fatal(err)
		}
		if x.Primary {
			rowid = false
		} else if strings.HasPrefix(x.Name, "sqlite_autoindex") {
			sets[strings.ToLower(strings.Join(names, ","))] = true
		}
	}
	primary := strings.ToLower(strings.Join(d.Primary(), ","))
	if delete(unique, primary); !rowid { // one index may serve both
		delete(sets, primary)
	}
	delete(sets, primary)
	compare("unique", unique, sets)
	if rowid != (d.Rowid() != "") {
		t.Errorf("%s: the rowid is %q, for SQLite: %v", sql, d.Rowid(), rowid)
	}
	n, err := c.Int("SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_sequence'")
	if auto := slices.ContainsFunc(d.Constraints, func(k split.Constraint) bool { return k.Autoincrement }); err != nil || auto && n == 0 {
		t.Errorf("%s: AUTOINCREMENT %v, for SQLite %d, %v", sql, auto, n, err)
	}
	return d
}

// TestDefineReadsTheTablesOfTheScripts: each table that a script of testdata makes.
func TestDefineReadsTheTablesOfTheScripts(t *testing.T) {
	files, err := filepath.Glob("../../../testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	c, err := sqlite.Open(t.Context(), ":memory:", sqlite.ReadWrite|sqlite.Create, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	read, seen := 0, map[string]bool{}
	for _, path := range files {
		for _, sql := range tables(t, path) {
			_, _, name, ok := split.Table([]byte(sql))
			if !ok || seen[sql] || c.Exec("SAVEPOINT s") != nil {
				continue
			}
			if seen[sql] = true; c.Exec(sql) == nil {
				agrees(t, c, name)
				read++
			}
			if err := c.Exec("ROLLBACK TO s"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if read < 100 {
		t.Errorf("only %d tables are read", read)
	}
}

// tables gives what stands in a file behind each CREATE TABLE, as far as it is a statement.
func tables(t testing.TB, path string) (list []string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; ; {
		i := strings.Index(strings.ToUpper(string(text[at:])), "CREATE TABLE")
		if i < 0 {
			return list
		}
		at += i
		if st, ok := split.New(text[at:]).Next(); ok && st.Kind == split.Plain {
			list = append(list, strings.TrimSuffix(string(text[at+st.Start:at+st.End]), ";"))
		}
		at += len("CREATE TABLE")
	}
}

// FuzzDefine: it reads any text without an end of its own, and what SQLite takes as SQLite
// does.
func FuzzDefine(f *testing.F) {
	files, err := filepath.Glob("../../../testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	seen := map[string]bool{}
	for _, path := range files {
		for _, sql := range tables(f, path) {
			if !seen[sql] && len(sql) < 300 {
				f.Add(sql)
			}
			seen[sql] = true
		}
	}
	f.Add("CREATE TABLE t (a INT CONSTRAINT, b REFERENCES, CHECK (, FOREIGN KEY (a DEFAULT -, c DEFAULT 1e- ON CONFLICT")
	f.Add("CREATE TABLE t (a DECIMAL(1, 2) DEFAULT -.5e+3 NOT NULL ON CONFLICT FAIL REFERENCES p (x) MATCH y ON DELETE SET NULL NOT DEFERRABLE) WITHOUT ROWID, STRICT")
	c, err := sqlite.Open(f.Context(), ":memory:", sqlite.ReadWrite|sqlite.Create, 0)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { c.Close() })
	f.Fuzz(func(t *testing.T, sql string) {
		d, ok := split.Define([]byte(sql))
		for _, k := range d.Constraints {
			if text := k.String(); text == "" {
				t.Errorf("%q: %+v has no text", sql, k)
			}
			d.Fold(k.Expr, strings.ToUpper)
			if k.Kind == split.Default {
				d.FoldDefault(k)
			}
		}
		if !ok || strings.IndexByte(sql, 0) >= 0 || len(sql) > 4096 || len(all(sql)) != 1 {
			return
		}
		if err := c.Exec("SAVEPOINT s"); err != nil {
			t.Fatal(err)
		}
		before, _ := c.Int("SELECT count(*) FROM sqlite_master")
		if c.Exec(sql) == nil {
			if after, _ := c.Int("SELECT count(*) FROM sqlite_master"); after > before {
				columns, err := catalog.Columns(c, d.Name)
				if err != nil || !slices.EqualFunc(columns, d.Columns, func(a catalog.Column, b split.Column) bool { return a.Name == b.Name }) {
					t.Errorf("%q: columns %v, for SQLite %v, %v", sql, d.Columns, columns, err)
				}
				if got, want := d.Primary(), catalog.PrimaryNames(columns); !slices.EqualFunc(got, want, strings.EqualFold) {
					t.Errorf("%q: primary key %v, for SQLite %v", sql, got, want)
				}
			}
		}
		if err := c.Exec("ROLLBACK TO s"); err != nil {
			t.Fatal(err)
		}
	})
}

package core_test

import (
	"errors"
	"strings"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/schema"
)

// rebuild has a migration rebuild a table of the database.
func rebuild(t testing.TB, path, setup, table, newSQL string, values map[string]string) {
	t.Helper()
	before, err := core.Schema(t.Context(), path, core.Options{})
	if err != nil {
		t.Fatal(err)
	}
	sql, err := schema.Rebuild(t.Context(), before, table, newSQL, values)
	if err != nil {
		t.Fatal(err)
	}
	if r := migrate(t, path, files("0001-setup.sql", setup, "0002-rebuild.sql", sql), core.Options{}); len(r.Applied) != 1 {
		t.Fatalf("%v of\n%s", r, sql)
	}
	after, err := core.Schema(t.Context(), path, core.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range schema.Compare(before, after) {
		if c.Type != "table" || !strings.EqualFold(c.Name, table) || !schema.SameSQL(c.After, newSQL) {
			t.Errorf("%v, by\n%s", c, sql)
		}
	}
}

// TestRebuild: the rows stay, and so does all else of the schema.
func TestRebuild(t *testing.T) {
	for _, tt := range []struct {
		name          string
		setup         string
		table, newSQL string
		values        map[string]string
		query, want   string
	}{
		{"default", "CREATE TABLE t(a); INSERT INTO t VALUES (1)",
			"t", "CREATE TABLE t(b NOT NULL DEFAULT 7, a)", nil, "SELECT b, a FROM t", "7|1"},
		{"values", "CREATE TABLE t(name); INSERT INTO t VALUES ('x y')",
			"T", "CREATE TABLE t(first, last)", map[string]string{"First": "substr(name, 1, 1)", "last": "substr(name, 3)"}, "SELECT * FROM t", "x|y"},
		{"index, trigger, view", `CREATE TABLE t(id INTEGER PRIMARY KEY, a); CREATE UNIQUE INDEX i ON t(lower(a)) WHERE a > '';
			CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT * FROM v; CREATE TABLE log(x);
			CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.a); END;
			CREATE TRIGGER into_t AFTER DELETE ON log BEGIN INSERT INTO t(a) VALUES (old.x || 'again'); END;
			CREATE TRIGGER instead INSTEAD OF INSERT ON w BEGIN INSERT INTO t(a) VALUES (new.a); END;
			INSERT INTO w VALUES ('p')`,
			"t", "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT NOT NULL)", nil,
			"DELETE FROM log; INSERT INTO w VALUES ('z'); SELECT group_concat(a) || (SELECT group_concat(x) FROM log) FROM v", "p,pagain,zpagain,z"},
		{"rowids", "CREATE TABLE t(a); INSERT INTO t(rowid, a) VALUES (7, 'x')",
			"t", "CREATE TABLE t(a TEXT)", nil, "SELECT rowid, a FROM t", "7|x"},
		{"rowid is a column", "CREATE TABLE t(rowid, _rowid_, a); INSERT INTO t(oid, rowid, a) VALUES (7, 'r', 'x')",
			"t", "CREATE TABLE t(rowid, _rowid_, a TEXT)", nil, "SELECT oid, rowid, a FROM t", "7|r|x"},
		{"autoincrement", "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, a); INSERT INTO t VALUES (9, 'x'); DELETE FROM t",
			"t", "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT)", nil,
			"INSERT INTO t(a) VALUES ('y'); SELECT id, (SELECT group_concat(name || seq) FROM sqlite_sequence) FROM t", "10|t10"},
		{"autoincrement added", "CREATE TABLE t(id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (9, 'x')",
			"t", "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, a)", nil, "INSERT INTO t(a) VALUES ('y'); SELECT max(id) FROM t", "10"},
		{"autoincrement removed", "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, a); INSERT INTO t VALUES (9, 'x')",
			"t", "CREATE TABLE t(id INTEGER PRIMARY KEY, a)", nil, "SELECT id, (SELECT count(*) FROM sqlite_sequence) FROM t", "9|0"},
		{"without rowid, strict", "CREATE TABLE t(a TEXT, b INT, c, PRIMARY KEY (b, a)) WITHOUT ROWID; INSERT INTO t VALUES ('x', 1, 2)",
			"t", "CREATE TABLE t(a TEXT, b INT, c ANY, PRIMARY KEY (b, a)) STRICT, WITHOUT ROWID", nil,
			"SELECT a, b, c, (SELECT wr || strict FROM pragma_table_list WHERE name = 't') FROM t", "x|1|2|11"},
		{"rowids given up", "CREATE TABLE t(a PRIMARY KEY, b); INSERT INTO t VALUES ('x', 1)",
			"t", "CREATE TABLE t(a PRIMARY KEY, b) WITHOUT ROWID", nil, "SELECT * FROM t", "x|1"},
		{"generated", "CREATE TABLE t(a, b AS (a * 2), c AS (a * 3) STORED, d); INSERT INTO t(a, d) VALUES (1, 4)",
			"t", "CREATE TABLE t(a, b, c AS (a * 5) STORED, d AS (a * 6))", nil, "SELECT * FROM t", "1|2|5|6"},
		{"foreign keys", `CREATE TABLE t(id INTEGER PRIMARY KEY, up REFERENCES t ON DELETE CASCADE, a);
			CREATE TABLE child(t REFERENCES t ON DELETE CASCADE); INSERT INTO t VALUES (1, NULL, 'x'), (2, 1, 'y'); INSERT INTO child VALUES (1), (2)`,
			"t", "CREATE TABLE t(id INTEGER PRIMARY KEY, up REFERENCES t ON DELETE CASCADE, a TEXT)", nil,
			"SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM child), (SELECT group_concat(\"table\") FROM pragma_foreign_key_list('child'))", "2|2|t"},
		{"names", "CREATE TABLE [odd \"' -- \nname]('a \"b' INTEGER PRIMARY KEY, \"select\"); INSERT INTO \"odd \"\"' -- \nname\" VALUES (1, 2); CREATE INDEX \"i]\" ON \"odd \"\"' -- \nname\"(\"select\")",
			"odd \"' -- \nname", "CREATE TABLE \"odd \"\"' -- \nname\"(\"select\" TEXT, 'a \"b' INTEGER PRIMARY KEY)", nil,
			"SELECT \"a \"\"b\" || \"select\" FROM \"odd \"\"' -- \nname\"", "12"},
		{"called if", `CREATE TABLE "if"(a); CREATE TABLE 'if_rebuilt'(x); INSERT INTO "if" VALUES (1)`,
			"if", `CREATE TABLE "if"(a, b)`, nil, "SELECT a FROM \"if\"", "1"},
		{"on conflict", "CREATE TABLE t(a UNIQUE); INSERT INTO t VALUES (1), (2)",
			"t", "CREATE TABLE t(a UNIQUE ON CONFLICT REPLACE)", nil, "SELECT group_concat(a) FROM t", "1,2"},
		{"full text beside it", `CREATE TABLE t(id INTEGER PRIMARY KEY, a); CREATE VIRTUAL TABLE f USING fts5(a, content='t', content_rowid='id');
			CREATE TRIGGER ins AFTER INSERT ON t BEGIN INSERT INTO f(rowid, a) VALUES (new.id, new.a); END;
			CREATE TRIGGER del AFTER DELETE ON t BEGIN INSERT INTO f(f, rowid, a) VALUES ('delete', old.id, old.a); END;
			INSERT INTO t VALUES (3, 'hello world')`,
			"t", "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT)", nil, "SELECT rowid || a FROM f('hello')", "3hello world"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := newDB(t, false)
			migrate(t, path, files("0001-setup.sql", tt.setup), core.Options{})
			rebuild(t, path, tt.setup, tt.table, tt.newSQL, tt.values)
			got := ""
			for _, sql := range strings.Split(tt.query, "; ") {
				got = query(t, path, sql)
			}
			if got != tt.want {
				t.Errorf("%s gives %q, want %q", tt.query, got, tt.want)
			}
			if got := query(t, path, "PRAGMA integrity_check"); got != "ok" {
				t.Error(got)
			}
		})
	}
}

// TestRebuildSays what is lost, and what cannot be.
func TestRebuildSays(t *testing.T) {
	before := schemaOf(t, "CREATE TABLE t(a, b, c AS (1))", "CREATE TABLE k(a INTEGER PRIMARY KEY)", "CREATE VIRTUAL TABLE f USING fts5(x)", "CREATE VIEW v AS SELECT 1")
	sql, err := schema.Rebuild(t.Context(), before, "t", "CREATE TABLE t(a)", nil)
	if want := "\n-- Loses the values of the columns \"b\".\nINSERT "; err != nil || !strings.Contains(sql, want) {
		t.Errorf("%v:\n%s\nhas no %s", err, sql, want)
	}
	sql, err = schema.Rebuild(t.Context(), before, "k", "CREATE TABLE k(b INTEGER PRIMARY KEY)", nil)
	if want := "\n-- Loses all rows"; err != nil || !strings.Contains(sql, want) {
		t.Errorf("%v:\n%s\nhas no %s", err, sql, want)
	}
	sql, err = schema.Rebuild(t.Context(), before, "T", "CREATE TABLE IF NOT EXISTS main.'t'(a, b)", nil)
	if want := "\nCREATE TABLE \"t_rebuilt\"(a, b);\n"; err != nil || !strings.Contains(sql, want) {
		t.Errorf("%v:\n%s\nhas no %s", err, sql, want)
	}
	for _, tt := range [][2]string{
		{"none", "CREATE TABLE none(x)"}, {"v", "CREATE TABLE v(x)"}, {"f", "CREATE TABLE f(x)"}, {"t", "CREATE TABLE u(x)"},
		{"t", "CREATE VIRTUAL TABLE t USING fts5(x)"}, {"t", "CREATE TEMP TABLE t(x)"}, {"t", ""},
	} {
		if sql, err := schema.Rebuild(t.Context(), before, tt[0], tt[1], nil); !errors.Is(err, fault.ErrRefused) {
			t.Errorf("Rebuild(%s, %s) = %q, %v", tt[0], tt[1], sql, err)
		}
	}
	for _, name := range []string{"z", "c"} {
		if sql, err := schema.Rebuild(t.Context(), before, "t", "CREATE TABLE t(a, c AS (2))", map[string]string{name: "1"}); !errors.Is(err, fault.ErrRefused) {
			t.Errorf("a value for %s: %q, %v", name, sql, err)
		}
	}
	if sql, err := schema.Rebuild(t.Context(), before, "t", "CREATE TABLE t(x,)", nil); err == nil || !strings.HasPrefix(err.Error(), "rebuild t: near ") {
		t.Errorf("%q, %v", sql, err)
	}
}

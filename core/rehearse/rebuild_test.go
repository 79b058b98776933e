package rehearse_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/author"
	"fastmigrate/core/rehearse"
)

const twelve = "CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 12) SELECT i FROM n;\n"

// combined is a migration that makes the i-th combination of what a table can have, and rows.
func combined(i int) string {
	name := fmt.Sprintf([]string{"t%d", `"t %d"`, "[T-%d]", "`t.%d`", `"tä""%d"`}[i%5], i)
	key := []string{"INTEGER PRIMARY KEY", "INTEGER PRIMARY KEY AUTOINCREMENT", "INT PRIMARY KEY", "TEXT PRIMARY KEY NOT NULL", "INTEGER PRIMARY KEY DESC", "INTEGER NOT NULL", "INTEGER"}[i%7]
	columns := []string{"id " + key, "a TEXT NOT NULL COLLATE NOCASE", "b INTEGER DEFAULT (7 + 1) CHECK (b > 0)", "c REAL DEFAULT -1.5e3 /* ) */", "d BLOB DEFAULT x'00'", `"g h" TEXT DEFAULT 'it''s; "x"'`,
		"up INTEGER" + []string{"", " REFERENCES T ON DELETE SET NULL", " REFERENCES T (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED"}[i%3]}
	if i%7 > 4 { // no primary key of one column
		columns[6] = strings.Replace(columns[6], "REFERENCES T ON", "REFERENCES T (id) ON", 1)
	}
	columns = append(columns, [][]string{nil, {"e TEXT AS (a || '-' || b)"}, {"f INTEGER NOT NULL GENERATED ALWAYS AS (length(a) * 2) STORED"}, {"[order] TEXT DEFAULT NULL", `"it's" TEXT DEFAULT "x"`}}[i%4]...)
	switch i % 7 {
	case 5:
		columns = append(columns, "PRIMARY KEY (id, a)", "UNIQUE (id)")
	case 6:
		columns = append(columns, "CONSTRAINT one UNIQUE (id) ON CONFLICT REPLACE")
	}
	columns = append(columns, [][]string{nil, {"UNIQUE (a, b)"}, {"CONSTRAINT positive CHECK (c IS NULL OR c < 1e9 AND a <> ');')"}, {"CHECK (b > 0)", "UNIQUE (b, c) ON CONFLICT IGNORE"}, nil}[i*3%5]...)
	options := []string{"", " STRICT", " WITHOUT ROWID", " STRICT, WITHOUT ROWID"}[i/7%4]
	if strings.Contains(options, "WITHOUT") && (i%7 == 1 || i%7 == 6) { // AUTOINCREMENT, and no key
		options = " STRICT"
	}
	sql := fmt.Sprintf("CREATE TABLE T (\n  %s -- the end\n)%s;\n", strings.Join(columns, ",\n  "), options)
	sql += []string{"", "CREATE INDEX iN ON T (a COLLATE BINARY DESC, b);\n", "CREATE UNIQUE INDEX \"i N\" ON T (lower(a)) WHERE c IS NOT NULL;\n",
		"CREATE INDEX iN ON T (abs(c), \"g h\");\nCREATE TRIGGER gN AFTER UPDATE OF a ON T WHEN new.b > 1 BEGIN UPDATE T SET c = 0 WHERE id = old.id; END;\n"}[(i+i/4)%4]
	sql += []string{"", "CREATE VIEW vN AS SELECT a, count(*) AS n FROM T GROUP BY a;\n", "CREATE TRIGGER hN BEFORE DELETE ON T BEGIN SELECT RAISE(IGNORE) WHERE old.b > 100; END;\n"}[i/3%3]
	sql += "INSERT INTO T (id, a, b, c, d, \"g h\", up) SELECT i * 3, 'A' || i, i, iif(i % 3, i * 0.5, NULL), CAST(i AS BLOB), iif(i % 4, 'x', 'y' || i), iif(i > 3, 3, NULL) FROM n;\n"
	return regexp.MustCompile(`\b[Tighv]?[TN]\b`).ReplaceAllStringFunc(sql, func(s string) string {
		if s == "T" {
			return name
		}
		return strings.Replace(s, "N", fmt.Sprint(i), 1)
	})
}

// TestRebuildsAsTheyAreDraftedAreSilent: of each of 139 tables, a draft of author.Rebuild that
// nobody edits warns of nothing, and changes nothing of the schema.
func TestRebuildsAsTheyAreDraftedAreSilent(t *testing.T) {
	all := 0
	_, shapes, _ := strings.Cut(readFile(t, "shapes.sql"), "\n\n")
	all += rebuildAll(t, twelve+shapes+readFile(t, "app.sql")+readFile(t, "rows.sql"))
	for i := 0; i < 107; i += 15 {
		sql := twelve
		for k := i; k < min(i+15, 107); k++ {
			sql += combined(k)
		}
		all += rebuildAll(t, sql)
	}
	if all != 139 {
		t.Errorf("%d tables", all)
	}
}

// rebuildAll rehearses a rebuild of each table that a migration makes, and gives their number.
func rebuildAll(t *testing.T, first string) (tables int) {
	t.Helper()
	path := newDB(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "0001-shapes.sql"), []byte(first), 0o600); err != nil {
		t.Fatal(err)
	}
	migrate(t, path, os.DirFS(dir), core.Options{})
	schema, err := core.Schema(t.Context(), path, core.Options{})
	if err != nil {
		t.Fatal(err)
	}
	pairs := []string{"0001-shapes.sql", first}
	for _, o := range schema {
		if o.Type != "table" {
			continue
		}
		tables++
		draft, err := author.Rebuild(t.Context(), path, dir, o.Name, "", core.Options{})
		if err != nil {
			t.Errorf("%s: %v", o.Name, err)
			continue
		}
		text, err := os.ReadFile(draft)
		if err == nil {
			err = os.Remove(draft)
		}
		if err != nil {
			t.Fatal(err)
		}
		pairs = append(pairs, fmt.Sprintf("%04d-rebuild.sql", len(pairs)/2+1), string(text))
	}
	o := rehearsing(t)
	migrate(t, path, files(pairs...), o)
	list, err := rehearse.Of(o).Report(t.Context(), o)
	if err != nil || len(list) != 1 || len(list[0].Applied) != tables {
		t.Fatalf("Report() = %v, %v", list, err)
	}
	for _, m := range list[0].Applied {
		if len(m.Rebuilt) != 1 || len(m.Schema) > 0 || len(warningsOf(m)) > 0 {
			t.Errorf("a draft does something: %v", m)
		}
	}
	if len(list[0].Schema)+len(list[0].Problems) > 0 {
		t.Errorf("%v", list[0])
	}
	const sequences = "SELECT group_concat(name || seq) FROM (SELECT * FROM sqlite_sequence ORDER BY name)"
	if was, is := query(t, path, sequences), query(t, rehearse.Of(o).Where(path), sequences); was != is {
		t.Errorf("sequences are %s, were %s", is, was)
	}
	return tables
}

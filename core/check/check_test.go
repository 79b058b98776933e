package check_test

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"fastmigrate/core"
	"fastmigrate/core/check"
	"fastmigrate/core/fault"
	"fastmigrate/core/internal/sqlite"
)

// newDB makes a versioned database and gives its path.
func newDB(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	if _, _, err := core.CreateDB(t.Context(), path, core.Options{}); err != nil {
		t.Fatal(err)
	}
	return path
}

// byHand runs statements on one connection.
func byHand(t testing.TB, path string, statements ...string) {
	t.Helper()
	c, err := sqlite.Open(t.Context(), path, sqlite.ReadWrite, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, sql := range statements {
		if err := c.Exec(sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

// content is what is in each file of a directory.
func content(t testing.TB, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(text)
	}
	return files
}

// TestCheck finds what was made wrong, and nothing else, and leaves every file as
// it is.
func TestCheck(t *testing.T) {
	const schema = `CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(x REFERENCES p, y CHECK (y > 0), z UNIQUE);
		CREATE TABLE w(k PRIMARY KEY, x REFERENCES p) WITHOUT ROWID; INSERT INTO c VALUES (NULL, 1, 1)`
	absent := map[string]int{ // parts of which there is nothing to check
		"no version": 1, "another _meta": 1, "a view": 1, "another _meta_history": 1, "no history": 1, "unversioned": 2,
		"full text": -1, "stale full text": -1, "another's tokenizer": -1, "lost content": -1, "lost column": -1, "lost table of a view": -1, // and one more
	}
	for _, c := range []struct {
		name, sql       string
		problems, notes string
	}{
		{"whole", "SELECT 1", "", ""},
		{"no parent", "INSERT INTO c VALUES (4, 1, 2)", "foreign keys: row 2 (x = 4) of c has no parent in p", ""},
		{"no rowid", "INSERT INTO w VALUES (4, 1)", "foreign keys: a row of w has no parent in p", ""},
		{"mismatch", "CREATE TABLE m(x REFERENCES c(y))", `foreign keys: foreign key mismatch - "m" referencing "c"`, ""},
		{"constraint", "PRAGMA ignore_check_constraints = 1; INSERT INTO c VALUES (NULL, -1, 2)", "integrity: CHECK constraint failed in c", ""},
		{"constraint of many rows", "PRAGMA ignore_check_constraints = 1; INSERT INTO c VALUES (NULL, -1, 2), (NULL, -1, 3), (NULL, -1, 4)", "integrity: CHECK constraint failed in c (3 times)\n", ""},
		{"constraint of more rows", "PRAGMA ignore_check_constraints = 1; WITH n(i) AS (VALUES (2) UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO c SELECT NULL, -1, i FROM n",
			"integrity: CHECK constraint failed in c (at least 100 times)\n", ""},
		{"index", "PRAGMA writable_schema = 1; UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'w') WHERE name = 'sqlite_autoindex_c_1'",
			"integrity: ", ""},
		{"full text", "CREATE VIRTUAL TABLE f USING fts5(y, content='c'); INSERT INTO f(f) VALUES ('rebuild')", "", ""},
		{"stale full text", "CREATE VIRTUAL TABLE [f t] USING fts5(y, content='c'); CREATE VIRTUAL TABLE g USING fts5(y, content='c'); INSERT INTO g(g) VALUES ('rebuild')",
			"full text: f t does not match the rows of its content c, so searches find wrong rows or none: INSERT INTO \"f t\"(\"f t\") VALUES ('rebuild') repairs it\n", ""},
		{"lost content", "CREATE VIRTUAL TABLE f USING fts5(y, content='lost')", "full text: f cannot be read, because its content lost does not exist: drop f, or create it again with what its content is called now and run INSERT INTO f(f) VALUES ('rebuild')\n", ""},
		{"lost column", "CREATE VIRTUAL TABLE f USING fts5(y, nope, content='c')", "full text: f cannot be read, because its content c has no column nope: ", ""},
		{"lost table of a view", "CREATE VIEW v AS SELECT 1 AS y, 1 AS rowid FROM lost; CREATE VIRTUAL TABLE f USING fts5(y, content='v')", "full text: f cannot be read, because its content v reads lost, which does not exist: ", ""},
		{"no external content", "CREATE VIRTUAL TABLE f USING fts5(y, content=''); CREATE VIRTUAL TABLE g USING fts5(y)", "", ""},
		{"another's tokenizer", "CREATE VIRTUAL TABLE f USING fts5(y, content='c'); INSERT INTO f(f) VALUES ('rebuild'); PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql = replace(sql, 'y,', 'y, tokenize=mine,') WHERE name = 'f'",
			"", "full text: the table f was not checked, because only its application can do that: no such tokenizer: mine"},
		{"no version", "DELETE FROM _meta", "version: its table _meta does not hold one version: it has no row", ""},
		{"another _meta", "ALTER TABLE _meta ADD x", "version: its table _meta is not the version table: it has the columns id, version, x", ""},
		{"a view", "ALTER TABLE _meta RENAME TO m; CREATE VIEW _meta AS SELECT * FROM m", "version: its table _meta is not the version table: it is a view", ""},
		{"another _meta_history", "DROP TABLE _meta_history; CREATE TABLE _meta_history(mine)", "", "history: none is kept: its table _meta_history is not one that this package made: it has the columns mine, and no version"},
		{"another that may be ours", "ALTER TABLE _meta_history RENAME COLUMN position TO at", "history: its table _meta_history is not one that this package made: ", ""},
		{"a record that none is", "UPDATE _meta_history SET position = -7 WHERE version = 2", "history: the record of version 2 in its table _meta_history is damaged: position is -7", ""},
		{"ahead", "UPDATE _meta SET version = 1", "history: 0002-b.sql was applied, but the version is 1", ""},
		{"behind", "UPDATE _meta SET version = 3", "", "history: version 3 is missing"},
		{"gap", "DELETE FROM _meta_history WHERE version = 2; INSERT INTO _meta_history(version, file, sha256, state, started) SELECT 3, '0003-c.sql', sha256, state, started FROM _meta_history; UPDATE _meta SET version = 3",
			"", "history: version 2 is missing"},
		{"interrupted", "UPDATE _meta_history SET state = 'failed' WHERE version = 2; UPDATE _meta SET version = 1",
			"history: 0002-b.sql: an earlier run was interrupted: ", ""},
		{"half done", "UPDATE _meta_history SET state = 'running' WHERE version = 1", "history: 0001-a.sql is running, but the version is 2", ""},
		{"unversioned", "DROP TABLE _meta", "", ""},
		{"no history", "DROP TABLE _meta_history", "", ""},
	} {
		path := newDB(t)
		if c.name > "m" {
			byHand(t, path, "PRAGMA journal_mode = WAL")
		}
		fsys := fstest.MapFS{"0001-a.sql": {Data: []byte(schema)}, "0002-b.sql": {Data: []byte("SELECT 1")}}
		if _, err := core.RunMigrations(t.Context(), path, fsys, core.Options{NoForeignKeyCheck: true}); err != nil {
			t.Fatal(err)
		}
		byHand(t, path, strings.Split(c.sql, "; ")...)
		before := content(t, filepath.Dir(path))
		r, err := check.DB(t.Context(), path, core.Options{})
		problems := ""
		for _, p := range r.Problems {
			problems += p.String() + "\n"
		}
		if err != nil || r.OK != (c.problems == "") || !strings.HasPrefix(problems, c.problems) || (c.problems == "" && len(r.Problems) > 0) ||
			strings.Join(r.Notes, "\n") != c.notes || len(r.Checked) != 5-absent[c.name] {
			t.Errorf("%s: CheckDB() = %+v, %v", c.name, r, err)
		}
		if after := content(t, filepath.Dir(path)); !maps.Equal(after, before) {
			t.Errorf("%s: there is %v, was %v", c.name, slices.Sorted(maps.Keys(after)), slices.Sorted(maps.Keys(before)))
		}
	}
}

// TestCheckDamaged looks at damage of every kind: a report and not an error,
// unless the file is no database at all, and never too long.
func TestCheckDamaged(t *testing.T) {
	path := newDB(t)
	byHand(t, path, "CREATE TABLE a(x, n INTEGER PRIMARY KEY, y)",
		"INSERT INTO a(x, y) WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT 2000) SELECT 'x', randomblob(200) FROM r")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := 100; at < len(good); at += 997 {
		b := append([]byte(nil), good...)
		copy(b[at:], "damaged damaged damaged damaged")
		path := filepath.Join(t.TempDir(), "app.db")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := check.DB(t.Context(), path, core.Options{})
		if err != nil || len(r.Problems) > 102 {
			t.Errorf("byte %d: CheckDB() = %+v, %v", at, r, err)
		}
	}
	if err := os.WriteFile(path, good[:len(good)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if r, err := check.DB(t.Context(), path, core.Options{}); err != nil || r.OK {
		t.Errorf("cut off: CheckDB() = %+v, %v", r, err)
	}
	os.WriteFile(path, []byte(strings.Repeat("text", 1000)), 0o600)
	if _, err := check.DB(t.Context(), path, core.Options{}); !errors.Is(err, fault.ErrNotDatabase) {
		t.Errorf("text: CheckDB() = %v", err)
	}
	if _, err := check.DB(t.Context(), path+"x", core.Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: CheckDB() = %v", err)
	}
}

// TestWithin: of some tables, their indexes and foreign keys, and the keys to them; of some parts,
// no other.
func TestWithin(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.db")
	if _, _, err := core.CreateDB(t.Context(), path, core.Options{}); err != nil {
		t.Fatal(err)
	}
	c, err := sqlite.Open(t.Context(), path, sqlite.ReadWrite, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, sql := range []string{
		"CREATE TABLE t (id INTEGER PRIMARY KEY, x)",
		"CREATE INDEX t_x ON t (x) WHERE x <> 'b'",
		"CREATE TABLE child (t REFERENCES t (id))",
		"CREATE TABLE other (x)",
		"INSERT INTO t VALUES (1, 'a'), (2, 'b')",
		"INSERT INTO child VALUES (7)",
		"PRAGMA writable_schema = ON", // now the index lacks a row
		"UPDATE sqlite_master SET sql = 'CREATE INDEX t_x ON t (x)' WHERE name = 't_x'",
	} {
		if err := c.Exec(sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	const damage, orphan = "integrity integrity ", "foreign keys "
	for _, test := range []struct {
		in   check.Scope
		want string
	}{
		{check.Scope{}, damage + orphan},
		{check.Scope{Tables: []string{"other"}}, ""},
		{check.Scope{Tables: []string{}}, ""},
		{check.Scope{Tables: []string{"other", "T"}}, damage + orphan},
		{check.Scope{Tables: []string{"child"}}, orphan},
		{check.Scope{Parts: []fault.Part{fault.ForeignKeys}}, orphan},
		{check.Scope{Parts: []fault.Part{fault.Integrity, fault.Version}, Tables: []string{"t", "gone"}}, damage},
	} {
		r, err := check.Within(t.Context(), path, core.Options{}, test.in)
		found := ""
		for _, p := range r.Problems {
			found += string(p.Part) + " "
		}
		if err != nil || found != test.want {
			t.Errorf("Within(%v) finds %q (%v), want %q", test.in, r.Problems, err, test.want)
		}
		if test.in.Parts != nil && len(r.Checked) != len(test.in.Parts) {
			t.Errorf("Within(%v) checks %v", test.in, r.Checked)
		}
	}
}

package coretest_test

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"fastmigrate/core"
	"fastmigrate/core/coretest"
)

//go:embed testdata/people
var people embed.FS

// TestMigrations is how a program tests the migrations that it embeds.
func TestMigrations(t *testing.T) {
	migrations, _ := fs.Sub(people, "testdata/people")
	coretest.Check(t, migrations, coretest.Options{})
}

// TestWholeProject checks a whole project, programs included.
func TestWholeProject(t *testing.T) {
	start := time.Now()
	list, err := coretest.Run(t.Context(), os.DirFS("../../examples/shop/migrations"), coretest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		t.Logf("%s: %v, stopped %d times", m.Name, m.Duration.Round(time.Millisecond), m.Stops)
		if len(m.Problems) > 0 || len(m.Notes) > 0 {
			t.Errorf("%s: %v %v", m.Name, m.Problems, m.Notes)
		}
	}
	t.Log(time.Since(start))
}

// Two tables, and what may go wrong with them.
const start = `CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, phone TEXT, email TEXT);
CREATE INDEX people_by_name ON people (name);
CREATE TABLE log (person INTEGER, name TEXT);
CREATE TRIGGER people_log AFTER UPDATE OF name ON people BEGIN INSERT INTO log VALUES (old.id, old.name); END;
CREATE TABLE pets (id INTEGER PRIMARY KEY, owner INTEGER REFERENCES people (id) ON DELETE CASCADE, name TEXT CHECK (length(name) BETWEEN 3 AND 5));
CREATE TABLE settings (id INTEGER PRIMARY KEY, value TEXT NOT NULL);
CREATE VIEW owners AS SELECT owner, count(*) AS pets FROM pets GROUP BY owner;
`

const rebuild = `CREATE TABLE people_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL, phone TEXT, email TEXT);
INSERT INTO people_new SELECT id, name, phone, email FROM people;
DROP TABLE people;
ALTER TABLE people_new RENAME TO people;
CREATE INDEX people_by_name ON people (name);
CREATE TRIGGER people_log AFTER UPDATE OF name ON people BEGIN INSERT INTO log VALUES (old.id, old.name); END;
`

// bugs are changes of a migration that does nothing wrong, and what is found.
var bugs = []struct{ name, text, want string }{
	{"none", rebuild, ""},
	{"a deletion that is meant so", "DELETE FROM pets WHERE owner IS NULL;", ""},
	{"an index that is meant to go", "DROP INDEX people_by_name;", ""},
	{"rows lost in a rebuild", "CREATE TABLE settings_new (id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE);\nINSERT OR IGNORE INTO settings_new SELECT * FROM settings;\nDROP TABLE settings;\nALTER TABLE settings_new RENAME TO settings; -- never DELETE FROM settings",
		"0002-bug.sql: rows lost: settings had 8 rows and has 7, without a DELETE FROM settings"},
	{"values lost in a rebuild", strings.Replace(rebuild, "INSERT INTO people_new SELECT id, name, phone, email", "INSERT INTO people_new (id, name, phone) SELECT id, name, phone", 1),
		"0002-bug.sql: values lost: people.email had 6 values, now all are NULL"},
	{"children deleted by a rebuild", "PRAGMA foreign_keys = ON;\nCREATE TEMP TABLE kept AS SELECT * FROM people;\nDELETE FROM people;\nINSERT INTO people SELECT * FROM kept;",
		"0002-bug.sql: rows lost: pets had 8 rows and has 2, without a DELETE FROM pets"},
	{"index lost in a rebuild", strings.Replace(rebuild, "CREATE INDEX people_by_name ON people (name);", "", 1),
		"0002-bug.sql: index lost: people_by_name of people is gone, without a DROP INDEX"},
	{"an index that is given another name", strings.Replace(rebuild, "INDEX people_by_name ON", "INDEX by_name\nON", 1), ""},
	{"an index that goes with its column", strings.NewReplacer("name TEXT NOT NULL, ", "full TEXT, ", "SELECT id, name,", "SELECT id, upper(name),", "CREATE INDEX people_by_name ON people (name);", "",
		"CREATE TRIGGER people_log AFTER UPDATE OF name ON people BEGIN INSERT INTO log VALUES (old.id, old.name); END;", "DROP TRIGGER IF EXISTS people_log;").Replace(rebuild), ""},
	{"an index lost with the name of its column", strings.NewReplacer("name TEXT NOT NULL, ", "full TEXT NOT NULL, ", "CREATE INDEX people_by_name ON people (name);", "",
		"CREATE TRIGGER people_log AFTER UPDATE OF name ON people BEGIN INSERT INTO log VALUES (old.id, old.name); END;", "DROP TRIGGER IF EXISTS people_log;").Replace(rebuild),
		"0002-bug.sql: index lost: people_by_name of people is gone, without a DROP INDEX"},
	{"trigger lost in a rebuild", rebuild[:strings.Index(rebuild, "CREATE TRIGGER")],
		"0002-bug.sql: trigger lost: people_log of people is gone, without a DROP TRIGGER"},
	{"type changed by a rebuild", strings.Replace(rebuild, "phone TEXT", "phone INTEGER", 1),
		"0002-bug.sql: type changed: values of people.phone that were text are now integer, without a CAST (3 of 8)"},
	{"NOT NULL over NULLs", strings.Replace(rebuild, "email TEXT", "email TEXT NOT NULL", 1),
		"0002-bug.sql:2:1: on rows that version 1 permits: NOT NULL constraint failed: people_new.email"},
	{"UNIQUE over duplicates", "CREATE UNIQUE INDEX people_once ON people (name);",
		"0002-bug.sql:1:1: on rows that version 1 permits: UNIQUE constraint failed: people.name"},
	{"a row that has to be there", "INSERT INTO settings (value) VALUES ((SELECT name FROM people ORDER BY id LIMIT 1));",
		"0002-bug.sql:1:1: without rows: NOT NULL constraint failed: settings.value"},
	{"no NULL may be there", "ALTER TABLE people ADD COLUMN handle TEXT NOT NULL DEFAULT '';\nUPDATE people SET handle = lower(email);",
		"0002-bug.sql:2:1: on rows that version 1 permits: NOT NULL constraint failed: people.handle"},
	{"a view left broken", "DROP VIEW owners;\nALTER TABLE pets RENAME COLUMN owner TO person;\nCREATE VIEW owners AS SELECT owner FROM pets;",
		"0002-bug.sql: view owners is broken: no such column: owner"},
	{"a trigger left broken", "DROP TABLE log;",
		"0002-bug.sql: a trigger of people is broken: no such table: main.log"},
	{"rows without a parent", "UPDATE pets SET owner = owner + 1000000000;",
		"0002-bug.sql: on rows that version 1 permits: foreign key violated: "},
	{"not to be run again", "CREATE TEMP TABLE names AS SELECT name FROM people;\nVACUUM;\nINSERT INTO settings (value) SELECT name FROM names;",
		"0002-bug.sql: stopped before statement 2 of 3 and run again: an earlier run was interrupted after line 1, and the temporary objects that the script created in line 1 are gone"},
	{"a schema that depends on rows", "CREATE TABLE sizes (n);\nINSERT INTO sizes SELECT count(*) FROM people;\nPRAGMA writable_schema = ON;\nUPDATE sqlite_master SET sql = 'CREATE TABLE sizes (n, more)' WHERE name = 'sizes' AND (SELECT n FROM sizes) > 0;\nPRAGMA writable_schema = OFF;",
		"0002-bug.sql: the schema depends on the rows: with some, table sizes changed from"},
}

// TestEachBugIsFound: it, and nothing else; also after migrations that touch other tables, from
// which those of the bug have no more rows.
func TestEachBugIsFound(t *testing.T) {
	for _, bug := range bugs {
		for _, others := range []int{0, 3} {
			t.Run(fmt.Sprintf("%s, after %d others", bug.name, others), func(t *testing.T) {
				fsys := fstest.MapFS{"0001-start.sql": {Data: []byte(start)}}
				for i := range others {
					fsys[fmt.Sprintf("%04d-other.sql", i+2)] = &fstest.MapFile{Data: fmt.Appendf(nil, "CREATE TABLE other%d (x TEXT);", i)}
				}
				fsys[fmt.Sprintf("%04d-bug.sql", others+2)] = &fstest.MapFile{Data: []byte(bug.text)}
				fsys[fmt.Sprintf("%04d-end.sql", others+3)] = &fstest.MapFile{Data: []byte("CREATE TABLE the_end (x);")}
				want := strings.NewReplacer("0002-bug", fmt.Sprintf("%04d-bug", others+2), "version 1", fmt.Sprint("version ", others+1)).Replace(bug.want)
				list, err := coretest.Run(t.Context(), fsys, coretest.Options{})
				if err != nil {
					t.Fatal(err)
				}
				var found []string
				for _, m := range list {
					for _, p := range m.Problems {
						found = append(found, p.Error())
					}
					if len(m.Notes) > 0 {
						t.Errorf("%s: %v", m.Name, m.Notes)
					}
				}
				if want == "" && found != nil || want != "" && (len(found) != 1 || !strings.HasPrefix(found[0], want)) {
					t.Errorf("found\n%s\nwant\n%s", strings.Join(found, "\n"), want)
				}
			})
		}
	}
}

// TestRowsMeetConstraints: also those that no single value meets by chance.
func TestRowsMeetConstraints(t *testing.T) {
	const schema = `CREATE TABLE countries (code TEXT PRIMARY KEY CHECK (length(code) = 2 AND code = upper(code)));
CREATE TABLE kinds (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES kinds, CHECK (parent <> id)) STRICT;
CREATE TABLE things (sku TEXT NOT NULL UNIQUE CHECK (sku GLOB '[A-Z][A-Z]-[0-9][0-9][0-9]'), state TEXT CHECK (state IN ('new', 'it''s old')),
	low INT NOT NULL, high INT NOT NULL, share REAL CHECK (share BETWEEN 0.25 AND 0.75), made TEXT CHECK (made IS date(made) OR made IS datetime(made)),
	kind INTEGER NOT NULL REFERENCES kinds, doc JSON CHECK (json_valid(doc)), twice INT GENERATED ALWAYS AS (low * 2), CHECK (low < high));
CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER REFERENCES b);
CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER NOT NULL REFERENCES a DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE pairs (x TEXT, y INT, PRIMARY KEY (x, y)) WITHOUT ROWID;
CREATE TABLE "of ""pairs" ("x y" TEXT, y INT, FOREIGN KEY ("x y", y) REFERENCES pairs);
CREATE TABLE never (x CHECK (x = 'a' AND x = 'b'), y INT NOT NULL CHECK (y > 5 AND y < 5));
CREATE VIRTUAL TABLE texts USING fts5 (body);`
	const want = "no rows for table never: CHECK constraint failed"
	fsys := fstest.MapFS{"0001-a.sql": {Data: []byte(schema)}, "0002-b.sql": {Data: []byte("SELECT 1;")}}
	list, err := coretest.Run(t.Context(), fsys, coretest.Options{})
	if err != nil || len(list[0].Problems) > 0 || len(list[1].Problems) > 0 {
		t.Fatal(err, list)
	}
	if notes := list[0].Notes; len(notes) != 1 || !strings.HasPrefix(notes[0], want) {
		t.Errorf("notes are %q, want %q", notes, want)
	}
}

// TestRowsDifferFromDefaultsAndFromEachOther, wherever the constraints permit: what a rebuild
// leaves out, swaps or replaces then shows. Each migration fails if that is not so.
func TestRowsDifferFromDefaultsAndFromEachOther(t *testing.T) {
	const schema = `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT DEFAULT 'Ada Lovelace', b TEXT NOT NULL DEFAULT '0171', n INT NOT NULL DEFAULT 1, m INT DEFAULT (1 + 1), r REAL DEFAULT 1.5, d BLOB DEFAULT x'00ff10',
		at TEXT DEFAULT '2024-02-29 12:00:00', doc JSON DEFAULT '{}' CHECK (json_valid(doc)), flag BOOLEAN NOT NULL DEFAULT 0 CHECK (flag IN (0, 1)), state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'old', 'gone')),
		one TEXT NOT NULL DEFAULT 'a' CHECK (one IN ('a')), short TEXT NOT NULL DEFAULT 'ab' CHECK (length(short) = 2), code TEXT DEFAULT 'A-1' CHECK (code GLOB '[A-Z]-[0-9]'));
		CREATE TABLE pairs (x INT NOT NULL REFERENCES t, y INT NOT NULL REFERENCES t, PRIMARY KEY (x, y));`
	broken := []string{
		"SELECT 1 FROM t WHERE id = (SELECT min(id) FROM t) AND flag = 0",
		"SELECT 1 FROM t WHERE id = (SELECT min(id) FROM t) AND (a = b OR n = m OR short = b OR doc = a)",
		"SELECT 1 FROM (SELECT count(*) AS all_rows, sum(x = y) AS same FROM pairs) WHERE all_rows > 0 AND (all_rows < 5 OR same * 2 > all_rows)",
	}
	for column, value := range map[string]string{"a": "'Ada Lovelace'", "b": "'0171'", "n": "1", "m": "2", "r": "1.5", "d": "x'00ff10'", "at": "'2024-02-29 12:00:00'", "doc": "'{}'", "state": "'new'", "short": "'ab'", "code": "'A-1'"} {
		broken = append(broken, "SELECT 1 FROM t WHERE "+column+" = "+value)
	}
	for column, least := range map[string]int{"a": 5, "b": 7, "n": 7, "m": 5, "r": 5, "flag": 2, "state": 2, "short": 7} {
		broken = append(broken, fmt.Sprintf("SELECT 1 FROM (SELECT count(%s) AS all_rows, count(DISTINCT %[1]s) AS several FROM t) WHERE all_rows > 0 AND several < %d", column, least))
	}
	for _, query := range broken {
		fsys := fstest.MapFS{"0001-a.sql": {Data: []byte(schema)}, "0002-b.sql": {Data: []byte("CREATE TABLE proof (found CHECK (found = 0));\nINSERT INTO proof SELECT count(*) FROM (" + query + ");")}}
		list, err := coretest.Run(t.Context(), fsys, coretest.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range list {
			if len(m.Problems)+len(m.Notes) > 0 {
				t.Errorf("%s: %v %v", query, m.Problems, m.Notes)
			}
		}
	}
}

// TestRowsMeetKeysOfEachType: at each version, however often the table had some
// before.
func TestRowsMeetKeysOfEachType(t *testing.T) {
	for _, column := range []string{"BLOB", "REAL", "JSON CHECK (json_valid(id))", "BLOB CHECK (length(id) = 16)", "REAL CHECK (id BETWEEN 0 AND 1)",
		"TEXT", "DATETIME", "NUMERIC", "BOOLEAN", "DOUBLE CHECK (id > 0)", "BLOB CHECK (typeof(id) = 'blob')", "UUID", ""} {
		fsys := fstest.MapFS{"0001-a.sql": {Data: []byte("CREATE TABLE s (id " + column + " NOT NULL UNIQUE);")}}
		for _, name := range []string{"0002", "0003", "0004", "0005"} {
			fsys[name+"-b.sql"] = &fstest.MapFile{Data: []byte("ALTER TABLE s ADD COLUMN extra" + name + " TEXT;")}
		}
		fsys["0006-c.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE n (extra INTEGER CHECK (extra IS NULL));\nINSERT INTO n SELECT extra0005 FROM s;")}
		list, err := coretest.Run(t.Context(), fsys, coretest.Options{})
		if err != nil || len(list[5].Problems) == 0 {
			t.Errorf("%s: no problem is found: %v", column, err)
		}
		for _, m := range list {
			if len(m.Notes) > 0 {
				t.Errorf("%s: %s: %v", column, m.Name, m.Notes)
			}
		}
	}
}

// TestTableWithoutRowsIsNoted: once, and not if it has some.
func TestTableWithoutRowsIsNoted(t *testing.T) {
	fsys := fstest.MapFS{
		"0001-a.sql": {Data: []byte("CREATE TABLE never (x CHECK (x = 'a' AND x = 'b'), y NOT NULL CHECK (y < 0 AND y > 0));\nCREATE TABLE one (id INTEGER PRIMARY KEY CHECK (id = 1), x);\nINSERT INTO one VALUES (1, 2);")},
		"0002-b.sql": {Data: []byte("ALTER TABLE one ADD COLUMN y;")},
		"0003-c.sql": {Data: []byte("UPDATE one SET y = x = 3;\nCREATE TABLE c (x);")},
	}
	list, err := coretest.Run(t.Context(), fsys, coretest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var notes []string
	for _, m := range list {
		notes = append(notes, m.Notes...)
	}
	if len(notes) != 1 || !strings.HasPrefix(notes[0], "no rows for table never: ") {
		t.Errorf("notes are %q", notes)
	}
}

// TestProgramsSkipped: it does without them, and with versions that are as they are.
func TestProgramsSkipped(t *testing.T) {
	fsys := fstest.MapFS{
		"0001-a.sql": {Data: []byte("CREATE TABLE a (x TEXT); INSERT INTO a VALUES ('1');")},
		"0002-b.sql": {Data: []byte("CREATE UNIQUE INDEX a_once ON a (x);")},
		"0003-c.sh":  {Data: []byte("exit 1")},
		"0004-d.sql": {Data: []byte("SELECT 1")},
	}
	list, err := coretest.Run(t.Context(), fsys, coretest.Options{From: 2, NoPrograms: true})
	if err != nil {
		t.Fatal(err)
	}
	var skipped []string
	for _, m := range list {
		if m.Skipped {
			skipped = append(skipped, m.Name)
		}
		if len(m.Problems) > 0 {
			t.Error(m.Problems)
		}
	}
	if want := []string{"0003-c.sh", "0004-d.sql"}; !slices.Equal(skipped, want) {
		t.Errorf("skipped are %v, want %v", skipped, want)
	}
	other := filepath.Join(t.TempDir(), "other.db")
	fsys["0003-c.sql"] = &fstest.MapFile{Data: []byte("ATTACH '" + other + "' AS other; CREATE TABLE other.once (x);")}
	c := fsys["0003-c.sh"]
	delete(fsys, "0003-c.sh")
	if list, err = coretest.Run(t.Context(), fsys, coretest.Options{From: 2, NoPrograms: true}); err != nil || !list[2].Skipped {
		t.Errorf("%v %v", list, err)
	}
	if _, err := os.Stat(other); err == nil {
		t.Error("it was attached")
	}
	delete(fsys, "0003-c.sql")
	fsys["0003-c.sh"] = c
	if list, err = coretest.Run(t.Context(), fsys, coretest.Options{From: 2}); err != nil || len(list[2].Problems) != 1 || !list[3].Skipped {
		t.Errorf("%v %v", list, err)
	}
	if _, err = coretest.Run(t.Context(), fstest.MapFS{}, coretest.Options{Core: core.Options{}}); err == nil {
		t.Error("no migrations are no problem")
	}
}

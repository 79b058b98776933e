package quoted_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fastmigrate/core/finding"
	"fastmigrate/core/internal/quoted"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

func open(t *testing.T) *sqlite.Conn {
	t.Helper()
	c, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "a.db"), sqlite.ReadWrite|sqlite.Create, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	for _, sql := range []string{
		"CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, status TEXT)",
		"CREATE TABLE copy(id INTEGER PRIMARY KEY, name TEXT, code TEXT)",
		`CREATE VIEW old AS SELECT "zip" AS a FROM users`,
		`CREATE TABLE fired(a)`,
		`CREATE TRIGGER fires AFTER INSERT ON fired BEGIN UPDATE users SET name = "zip"; END`,
	} {
		if err := c.Exec(sql); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// compile compiles the first statement of a text as a script's.
func compile(t *testing.T, q *quoted.Compiler, text string) (quoted.Quotes, string) {
	t.Helper()
	script := q.Conn.NewScript([]byte(text))
	defer script.Close()
	s, end, has, err := q.Compile([]byte(text), 0, len(text), func() (*sqlite.Stmt, int, error) { return script.Compile(0) })
	if err != nil {
		return has, err.Error()
	}
	s.Close()
	return has, text[:end]
}

func TestStringsAreFoundWhereSQLiteMakesThem(t *testing.T) {
	for _, test := range []struct {
		sql   string
		names string // with their offsets' text
		level finding.Level
		says  string
	}{
		{sql: `INSERT INTO copy("id", "name", "code") SELECT "id", "name", "code" FROM users`, names: `code`, level: finding.Warning, says: `copy has a column of that name`},
		{sql: `INSERT INTO copy(id, code) SELECT id, "sttaus" FROM users`, names: `sttaus`, level: finding.Warning, says: `did you mean "status" of users?`},
		{sql: `UPDATE users SET name = "typo"`, names: `typo`, level: finding.Warning, says: `for every row`},
		{sql: `UPDATE users SET name = 'x' WHERE "statsus" = "name"`, names: `statsus`, level: finding.Warning, says: `did you mean "status" of users?`},
		{sql: `DELETE FROM users WHERE "nobody" = 1`, names: `nobody`, level: finding.Warning, says: `for every row`},
		{sql: `INSERT INTO users(name) VALUES ("some text")`, names: `some text`, level: finding.Note},
		{sql: `INSERT INTO users(name, status) VALUES ("a ""b""", "c"), ('x', "d")`, names: `a "b" c d`, level: finding.Note},
		{sql: `INSERT INTO users(name) VALUES ("nmae")`, names: `nmae`, level: finding.Warning, says: `did you mean "name" of users?`},
		{sql: `INSERT INTO users(id) VALUES (1) ON CONFLICT DO UPDATE SET name = "typo"`, names: `typo`, level: finding.Warning},
		{sql: `WITH x AS (SELECT 1 AS a) INSERT INTO users(name) SELECT "other" FROM x`, names: `other`, level: finding.Warning},
		{sql: `SELECT replace(name, "from", "into") FROM users`, names: `from into`, level: finding.Note},
		{sql: `SELECT "x" FROM (SELECT "x")`, names: `x`, level: finding.Note},
		{sql: `CREATE TABLE n AS SELECT "zip" FROM users`, names: `zip`, level: finding.Warning},
		{sql: `CREATE INDEX i ON users("nickname" DESC, name) WHERE "zip" > 1`, names: `nickname zip`, level: finding.Warning, says: "RENAME COLUMN"},
		{sql: `CREATE TABLE n(kind CHECK (kind IN ("one", "two")), g AS ("suffix"))`, names: `one two suffix`, level: finding.Note},
		{sql: `CREATE TABLE n(kind CHECK ("kin" <> ''))`, names: `kin`, level: finding.Warning, says: `did you mean "kind" of n?`},
		{sql: `CREATE TABLE n(a DEFAULT "legal", [b "c"] TEXT DEFAULT '"x"')`},
		{sql: `ALTER TABLE users ADD COLUMN a DEFAULT "legal"`},
		{sql: `SELECT [name], ` + "`name`" + `, "name", '"zip"' FROM "users" -- "zip"`},
		{sql: `EXPLAIN UPDATE users SET name = "zip"`},
		{sql: `PRAGMA "user_version" = "on"`},
		{sql: `ATTACH ":memory:" AS "other"`},
		{sql: `SELECT "a" FROM old`},                // whose mistake is older
		{sql: `INSERT INTO "fired" VALUES ('zip')`}, // and that of the trigger
		{sql: `INSERT INTO users(name) VALUES ('; "x"')`},
	} {
		c := open(t)
		has, ran := compile(t, &quoted.Compiler{Conn: c}, test.sql)
		if ran != test.sql {
			t.Errorf("%s: compiled %s", test.sql, ran)
		}
		var names []string
		if has == quoted.Strings {
			for _, n := range quoted.Find(c, []byte(test.sql)) {
				names = append(names, n.Name)
				if at := test.sql[n.Offset:]; !strings.HasPrefix(at, sqlite.Quote(n.Name)) {
					t.Errorf("%s: %s is said to stand at %s", test.sql, n.Name, at)
				}
			}
		}
		if got := strings.Join(names, " "); got != test.names {
			t.Errorf("%s: found %q, want %q", test.sql, got, test.names)
		}
		if len(names) == 0 {
			continue
		}
		if f := quoted.Say(c, []byte(test.sql), names[0], "here"); f.Level != test.level || !strings.Contains(f.Message, test.says) {
			t.Errorf("%s: %s: %s, want %s: ...%s", test.sql, f.Level, f.Message, test.level, test.says)
		}
	}
}

func TestErrorsAreThoseOfSQLite(t *testing.T) {
	for sql, want := range map[string]string{
		`UPDATE users SET name = "typo", nope = 1`: "no such column: nope",
		`SELECT users."typo" FROM users`:           "no such column: users.typo",
		`SELECT "name" FROM`:                       "incomplete input",
	} {
		if has, got := compile(t, &quoted.Compiler{Conn: open(t)}, sql); got != want || has == quoted.Strings {
			t.Errorf("%s: %v %q, want %q", sql, has, got, want)
		}
	}
}

func TestManyInsertsAreCompiledOnce(t *testing.T) {
	c := open(t)
	q := &quoted.Compiler{Conn: c}
	var each []int
	for _, sql := range slices.Concat(slices.Repeat([]string{`INSERT INTO users(name) VALUES ("text")`}, 6),
		[]string{`UPDATE users SET name = "typo"`, `INSERT INTO users(name) SELECT "text"`, `INSERT INTO users(name) VALUES ('text')`}) {
		n := 0
		s, _, _, err := q.Compile([]byte(sql), 0, len(sql), func() (*sqlite.Stmt, int, error) {
			n++
			s, err := c.Prepare(sql)
			return s, len(sql), err
		})
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
		each = append(each, n)
	}
	if want := []int{2, 2, 2, 2, 1, 1, 2, 3, 1}; !slices.Equal(each, want) {
		t.Errorf("compiled %v times, want %v", each, want)
	}
}

func TestViewsAndTriggersAreLookedAtAfterwards(t *testing.T) {
	for _, test := range []struct{ sql, names string }{
		{`CREATE VIEW v(a, "b") AS SELECT "zip", name FROM users WHERE status = "x"`, "zip x"},
		{`CREATE TEMP VIEW v AS SELECT "zip" FROM users`, "zip"},
		{`CREATE VIEW main.v AS SELECT "name" FROM users`, ""},
		{`CREATE VIEW v AS SELECT "zip" FROM not_there`, ""},
		{`CREATE VIEW v AS SELECT "a" FROM old`, ""},
		{`CREATE TRIGGER v BEFORE DELETE ON users BEGIN INSERT INTO copy(code) VALUES (old."name" || "zip"); END`, "zip"},
		{`CREATE TRIGGER IF NOT EXISTS v AFTER UPDATE OF "name" ON users WHEN "zip" = new.name BEGIN SELECT 1; END`, "zip"},
		{`CREATE TRIGGER v INSTEAD OF INSERT ON old BEGIN DELETE FROM users WHERE name = "zip"; END`, "zip"},
		{`CREATE TRIGGER v AFTER INSERT ON fired BEGIN SELECT "a" FROM fired; END`, ""}, // not that of fires
	} {
		c := open(t)
		if err := c.Exec(test.sql); err != nil {
			t.Fatal(err)
		}
		d, ok := split.DeferredObject([]byte(test.sql))
		if !ok || !quoted.Exists(c, d) {
			t.Fatalf("%s: %v", test.sql, d)
		}
		if got := strings.Join(quoted.InDeferred(c, d), " "); got != test.names {
			t.Errorf("%s: found %q, want %q", test.sql, got, test.names)
		}
	}
}

func TestAddedColumnsAreLookedAtAfterwards(t *testing.T) {
	c := open(t)
	for sql, want := range map[string]string{
		`ALTER TABLE users ADD COLUMN a CHECK (a <> "zip")`:          "zip",
		`ALTER TABLE "users" ADD b AS (name || "x") CHECK (b > "x")`: "x",
		`ALTER TABLE users ADD COLUMN "d" DEFAULT "y"`:               "",
	} {
		if err := c.Exec(sql); err != nil {
			t.Fatal(err)
		}
		table, _ := split.AddedColumn([]byte(sql))
		var names []string
		for _, n := range quoted.InAdded(c, table, []byte(sql)) {
			names = append(names, n.Name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: found %q, want %q", sql, got, want)
		}
	}
}

func TestNear(t *testing.T) {
	columns := []quoted.Column{{"t", "id"}, {"t", "name"}, {"u", "names"}, {"u", "status"}, {"u", "größe"}}
	for name, want := range map[string]string{
		"naem": "name", "nmae": "name", "NAM": "name", "nme": "name", "names": "name", "namesx": "names", "sttaus": "status", "stautus": "status",
		"grösse": "größe", "dI": "id", "name": "names", "status": "status",
		"x": "", "on": "", "nickname": "", "statement": "", "": "", "active": "",
	} {
		if got, ok := quoted.Near(name, columns); got.Name != want || ok != (want != "") {
			t.Errorf("Near(%q) = %v, %v, want %q", name, got, ok, want)
		}
	}
}

func TestGravestAreToldFirst(t *testing.T) {
	var g quoted.Gravest[int]
	note, warning, accepted := finding.Finding{Level: finding.Note, Message: "note"}, finding.Finding{Level: finding.Warning, Message: "warning"}, finding.Finding{Accepted: true, Message: "accepted"}
	for i, f := range []finding.Finding{accepted, note, note, note, warning} {
		g.Add(f, i)
	}
	told := func() (list []string) {
		for _, x := range g.Take() {
			list = append(list, x.Message)
		}
		return list
	}
	if got, want := told(), []string{"warning", "note", "note (and more in this file)"}; !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
	if g.Add(warning, 1); len(told()) != 0 {
		t.Error("a fourth was told")
	}
	g = quoted.Gravest[int]{}
	for range 3 {
		g.Add(warning, 1)
	}
	if !g.Full() || len(told()) != 3 {
		t.Error("three were not told")
	}
	g.Add(warning, 1)
	if got, want := told(), []string{"warning (and more in this file)"}; !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
}

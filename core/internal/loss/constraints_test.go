package loss_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"fastmigrate/core/internal/loss"
	"fastmigrate/core/internal/sqlite"
)

// TestCompareConstraintsFindsWhatATableLost: what a rebuild forgets is found; what it keeps
// in other words, or adds, is silent.
func TestCompareConstraintsFindsWhatATableLost(t *testing.T) {
	const u = "id INTEGER PRIMARY KEY AUTOINCREMENT, mail TEXT NOT NULL UNIQUE COLLATE NOCASE, n INT NOT NULL DEFAULT 7 CHECK(n > 0), " +
		"pid INTEGER REFERENCES p(id) ON DELETE CASCADE, x TEXT, UNIQUE (n, x)"
	const before = "PRAGMA synchronous = OFF; CREATE TABLE p (id INTEGER PRIMARY KEY, code UNIQUE); INSERT INTO p VALUES (1, 'a');" +
		"CREATE TABLE u (" + u + "); INSERT INTO u VALUES (1, 'a', 11, 1, 'x'), (2, 'b', 12, NULL, 'y');" +
		"CREATE TABLE w (k TEXT PRIMARY KEY, v TEXT DEFAULT 'a') STRICT, WITHOUT ROWID;" +
		"CREATE TABLE k (id INTEGER PRIMARY KEY, a INT, b INT, full AS (a + b), CHECK (a < b), CHECK (a <> \"none\"));" +
		"CREATE TABLE f (a INT, b INT, c INT REFERENCES p ON UPDATE SET NULL ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED, d REFERENCES p (code), FOREIGN KEY (a, b) REFERENCES pair (x, y));" +
		"CREATE TABLE pair (x INT, y INT, PRIMARY KEY (x, y));" +
		"CREATE TABLE i (id INTEGER PRIMARY KEY, s TEXT UNIQUE ON CONFLICT REPLACE, t TEXT); CREATE UNIQUE INDEX i_t ON i (t); CREATE UNIQUE INDEX i_e ON i (lower(t)) WHERE id > 1;" +
		"CREATE TABLE self (id INTEGER PRIMARY KEY, up REFERENCES self ON DELETE CASCADE);" +
		"CREATE TABLE nn (a INTEGER NOT NULL DEFAULT 1, b TEXT NOT NULL);" +
		"CREATE VIRTUAL TABLE v USING fts5 (x)"
	rebuild := func(table, definition string) string {
		return "PRAGMA foreign_keys = OFF; CREATE TABLE t (" + definition + "; DROP TABLE " + table + "; ALTER TABLE t RENAME TO " + table
	}
	without := func(from, to string) string {
		if !strings.Contains(u, from) {
			t.Fatal(from)
		}
		return rebuild("u", strings.Replace(u, from, to, 1)+")")
	}
	const pk = "PRIMARY KEY (id) AUTOINCREMENT"
	for _, test := range []struct{ name, sql, want string }{
		{"rebuilt as it was", rebuild("u", u+")"), ""},
		{"a foreign key", without(" REFERENCES p(id) ON DELETE CASCADE", ""), "u: REFERENCES p ON DELETE CASCADE"},
		{"ON DELETE", without(" ON DELETE CASCADE", ""), "u: REFERENCES p ON DELETE CASCADE"},
		{"another action", without("CASCADE", "RESTRICT"), "u: REFERENCES p ON DELETE CASCADE"},
		{"another parent", without("p(id)", "self"), "u: REFERENCES p ON DELETE CASCADE"},
		{"another column of the parent", without("p(id)", "p(code)"), "u: REFERENCES p ON DELETE CASCADE"},
		{"UNIQUE", without(" UNIQUE COLLATE", " COLLATE"), "u: UNIQUE (mail)"},
		{"COLLATE", without(" COLLATE NOCASE", ""), "u: mail COLLATE NOCASE"},
		{"the primary key", without(" PRIMARY KEY AUTOINCREMENT", ""), "u: " + pk},
		{"AUTOINCREMENT", without(" AUTOINCREMENT", ""), "u: AUTOINCREMENT"},
		{"NOT NULL", without(" NOT NULL UNIQUE", " UNIQUE"), "u: mail NOT NULL"},
		{"DEFAULT", without(" DEFAULT 7", ""), "u: n DEFAULT 7"},
		{"CHECK", without(" CHECK(n > 0)", ""), "u: CHECK (n > 0)"},
		{"UNIQUE of two columns", without(", UNIQUE (n, x)", ""), "u: UNIQUE (n, x)"},
		{"CREATE TABLE AS SELECT", "PRAGMA foreign_keys = OFF; CREATE TABLE t AS SELECT * FROM u; DROP TABLE u; ALTER TABLE t RENAME TO u",
			"u: " + pk + ", mail NOT NULL, UNIQUE (mail), mail COLLATE NOCASE, n NOT NULL, n DEFAULT 7, CHECK (n > 0), REFERENCES p ON DELETE CASCADE, UNIQUE (n, x)"},
		{"in two tables", rebuild("self", "id INTEGER PRIMARY KEY, up)") + "; " + without(" DEFAULT 7", ""), "self: REFERENCES self ON DELETE CASCADE; u: n DEFAULT 7"},
		{"another DEFAULT and CHECK", without("7 CHECK(n > 0)", "8 CHECK (n >= 0)"), "u changed: n DEFAULT 7 = n DEFAULT 8, CHECK (n > 0) = CHECK (n >= 0)"},
		{"a CHECK of another column", without("CHECK(n > 0)", "CHECK (x > 0)"), "u: CHECK (n > 0)"},
		{"a primary key that is only unique", without("INTEGER PRIMARY KEY AUTOINCREMENT", "INTEGER UNIQUE NOT NULL"), "u: " + pk},
		{"another primary key", without("id INTEGER PRIMARY KEY AUTOINCREMENT, mail TEXT", "id INTEGER, mail TEXT PRIMARY KEY"), "u: " + pk},
		{"a larger primary key", rebuild("pair", "x INT, y INT, z INT, PRIMARY KEY (x, y, z))"), "pair: PRIMARY KEY (x, y)"},
		{"a key that is no rowid any more", without("INTEGER PRIMARY KEY AUTOINCREMENT", "INT PRIMARY KEY"), "u: id INTEGER PRIMARY KEY AUTOINCREMENT"},
		{"STRICT and WITHOUT ROWID", rebuild("w", "k TEXT PRIMARY KEY, v TEXT DEFAULT 'a')"), "w: STRICT, WITHOUT ROWID"},
		{"STRICT", rebuild("w", "k TEXT PRIMARY KEY, v TEXT DEFAULT 'a') WITHOUT ROWID"), "w: STRICT"},
		{"ON CONFLICT", rebuild("i", "id INTEGER PRIMARY KEY, s TEXT UNIQUE, t TEXT UNIQUE)"), "i: UNIQUE (s) ON CONFLICT REPLACE"},
		{"foreign keys", rebuild("f", "a INT, b INT, c INT REFERENCES p ON UPDATE SET NULL, d)"),
			"f: FOREIGN KEY (c) REFERENCES p ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED, FOREIGN KEY (d) REFERENCES p (code), FOREIGN KEY (a, b) REFERENCES pair"},
		{"a foreign key of swapped columns", rebuild("f", "a INT, b INT, c INT REFERENCES p ON UPDATE SET NULL ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED, d REFERENCES p (code), FOREIGN KEY (b, a) REFERENCES pair (x, y))"),
			"f: FOREIGN KEY (a, b) REFERENCES pair"},
		{"the expression of a column", rebuild("k", "id INTEGER PRIMARY KEY, a INT, b INT, full, CHECK (a < b), CHECK (a <> 'none'))"), "k: full GENERATED ALWAYS AS (a + b)"},
		{"the parent is rebuilt in a way that takes the child along", "PRAGMA foreign_keys = OFF; ALTER TABLE p RENAME TO old; CREATE TABLE p (id INTEGER PRIMARY KEY, code UNIQUE); INSERT INTO p SELECT * FROM old; DROP TABLE old",
			"f: FOREIGN KEY (c) REFERENCES p ON DELETE RESTRICT ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED, FOREIGN KEY (d) REFERENCES p (code); u: REFERENCES p ON DELETE CASCADE"},
		{"a table that ALTER TABLE changes as well", "ALTER TABLE u ADD COLUMN y; " + without(" DEFAULT 7", ""), "u: n DEFAULT 7"},

		{"in other words", rebuild("u", "\"ID\" integer, /* of the user */ [mail] varchar(20) collate \"nocase\" not null, N int default ('7') not null, pid int constraint fk references P, x, extra, "+
			"primary key (id autoincrement), unique (MAIL), unique (x, n), check ((\"n\">0)), foreign key (pid) references \"p\" on delete cascade)"), ""},
		{"a unique index in the place of UNIQUE", without(" UNIQUE COLLATE", " COLLATE") + "; CREATE UNIQUE INDEX u_mail ON u (mail DESC)", ""},
		{"a partial index in its place", without(" UNIQUE COLLATE", " COLLATE") + "; CREATE UNIQUE INDEX u_mail ON u (mail) WHERE n > 0", "u: UNIQUE (mail)"},
		{"an index of an expression in its place", without(" UNIQUE COLLATE", " COLLATE") + "; CREATE UNIQUE INDEX u_mail ON u (lower(mail))", "u: UNIQUE (mail)"},
		{"an index that is not unique in its place", without(" UNIQUE COLLATE", " COLLATE") + "; CREATE INDEX u_mail ON u (mail)", "u: UNIQUE (mail)"},
		{"an index of another collation in its place", without(" UNIQUE COLLATE", " COLLATE") + "; CREATE UNIQUE INDEX u_mail ON u (mail COLLATE BINARY)", "u: UNIQUE (mail)"},
		{"UNIQUE in the place of a unique index", rebuild("i", "id INTEGER PRIMARY KEY, s TEXT UNIQUE ON CONFLICT REPLACE, t TEXT UNIQUE)"), ""},
		{"unique by fewer columns", without("UNIQUE (n, x)", "UNIQUE (x)"), ""},
		{"unique by more columns", without(" UNIQUE COLLATE NOCASE", " COLLATE NOCASE") + "; CREATE UNIQUE INDEX u_mail ON u (mail, n)", "u: UNIQUE (mail)"},
		{"a unique index that is another now", "DROP INDEX i_t; CREATE INDEX i_t ON i (t)", "i: UNIQUE (t)"},
		{"a unique index of some rows now", "DROP INDEX i_t; CREATE UNIQUE INDEX i_t ON i (t) WHERE id > 0", "i: UNIQUE (t)"},
		{"a unique index in a rebuild, not unique now", rebuild("i", "id INTEGER PRIMARY KEY, s TEXT UNIQUE ON CONFLICT REPLACE, t TEXT)") + "; CREATE INDEX i_t ON i (t)", "i: UNIQUE (t)"},
		{"an index of expressions, not unique now", "DROP INDEX i_e; CREATE INDEX i_e ON i (lower(t)) WHERE id > 1", "i: UNIQUE (lower(t)) WHERE id > 1"},
		{"unique indexes in other words", "DROP INDEX i_t; CREATE UNIQUE INDEX \"i_t\" ON \"i\" ([T] DESC); DROP INDEX i_e; CREATE UNIQUE INDEX i_e ON i ( lower( t ) ) WHERE id>1", ""},
		{"a column is gone", rebuild("u", "id INTEGER PRIMARY KEY AUTOINCREMENT, mail TEXT NOT NULL UNIQUE COLLATE NOCASE, x TEXT)"), ""},
		{"constraints are added", without("x TEXT", "x TEXT NOT NULL DEFAULT 'x' UNIQUE CHECK (x <> '') COLLATE NOCASE REFERENCES p (code)"), ""},
		{"a stricter table", rebuild("k", "id INTEGER PRIMARY KEY, a INT, b INT, full INT AS (a + b) STORED, CHECK (a < b), CHECK (a != 'none')) STRICT"), ""},
		{"without rowids", rebuild("self", "id INTEGER PRIMARY KEY, up REFERENCES self (id) ON DELETE CASCADE) WITHOUT ROWID"), ""},
		{"an action is added", rebuild("f", "a INT, b INT, c INT REFERENCES p ON UPDATE SET NULL ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED, d REFERENCES p (code) ON DELETE CASCADE, FOREIGN KEY (b, a) REFERENCES pair (y, x))"), ""},
		{"NOT NULL of what is the rowid now", rebuild("nn", "a INTEGER PRIMARY KEY, b TEXT NOT NULL)"), ""},
		{"NOT NULL of a key without rowids", rebuild("nn", "a INTEGER NOT NULL DEFAULT 1, b TEXT PRIMARY KEY) WITHOUT ROWID"), ""},
		{"NOT NULL of a strict key", rebuild("nn", "a INTEGER NOT NULL DEFAULT 1, b TEXT PRIMARY KEY) STRICT"), ""},
		{"NOT NULL of another key", rebuild("nn", "a INTEGER NOT NULL DEFAULT '1', b TEXT PRIMARY KEY)"), "nn: b NOT NULL"},
		{"CREATE TABLE AS SELECT in the name's place", "PRAGMA foreign_keys = OFF; ALTER TABLE w RENAME TO old; CREATE TABLE w AS SELECT * FROM old; DROP TABLE old", "w: PRIMARY KEY (k), v DEFAULT 'a', STRICT, WITHOUT ROWID"},
		{"ALTER TABLE", "ALTER TABLE u ADD COLUMN y REFERENCES p; ALTER TABLE w ADD COLUMN z TEXT; ALTER TABLE self RENAME TO selves; ALTER TABLE p RENAME TO parents; ALTER TABLE pair RENAME COLUMN x TO z", ""},
		{"columns are renamed", "ALTER TABLE k RENAME COLUMN a TO low; ALTER TABLE u RENAME COLUMN mail TO address; ALTER TABLE u RENAME COLUMN n TO amount; ALTER TABLE u RENAME TO people; ALTER TABLE p RENAME COLUMN code TO name; ALTER TABLE f RENAME COLUMN c TO cc", ""},
		{"a self reference", rebuild("self", "id INTEGER PRIMARY KEY, up REFERENCES t ON DELETE CASCADE)"), ""},
		{"the parent is gone", "PRAGMA foreign_keys = OFF; DROP TABLE p; " + without(" REFERENCES p(id) ON DELETE CASCADE", ""), ""},
		{"the table is gone", "DROP TABLE u; CREATE TABLE u2 (id)", ""},
		{"a virtual table", "DROP TABLE v; CREATE VIRTUAL TABLE v USING fts5 (x, y)", ""},
	} {
		for _, watched := range []bool{true, false} {
			if !watched && strings.Contains(test.sql, "RENAME COLUMN") { // nobody knows it of a program
				continue
			}
			c, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "app.db"), sqlite.ReadWrite|sqlite.Create, 0)
			if err != nil {
				t.Fatal(err)
			}
			run(t, c, before, nil)
			was := read(t, c)
			var seen *loss.Trace
			if watched {
				seen = loss.NewTrace(c, nil)
			}
			run(t, c, test.sql, seen)
			is := read(t, c)
			var got []string
			for _, f := range loss.CompareConstraints(was, is, seen) {
				switch f.Kind {
				case loss.ConstraintLost:
					got = append(got, f.Table+": "+strings.Join(f.Constraints, ", "))
				case loss.ConstraintChanged:
					var list []string
					for i, text := range f.Constraints {
						list = append(list, fmt.Sprintf("%s = %s", text, f.Replacements[i]))
					}
					got = append(got, f.Table+" changed: "+strings.Join(list, ", "))
				}
			}
			if got := strings.Join(got, "; "); got != test.want {
				t.Errorf("%s, watched: %v:\n%s\nwant\n%s", test.name, watched, got, test.want)
			}
			c.Close()
		}
	}
}

// TestUniqueIndexThatIsAConstraintNowIsNotLost, in the eyes of Compare.
func TestUniqueIndexThatIsAConstraintNowIsNotLost(t *testing.T) {
	for sql, want := range map[string]string{
		"a TEXT UNIQUE, b":                "index-lost i_b of t rebuilt",
		"a TEXT PRIMARY KEY, b UNIQUE":    "index-lost i_b of t rebuilt",
		"a TEXT COLLATE NOCASE, b":        "index-lost i_a of t rebuilt, index-lost i_b of t rebuilt",
		"a TEXT, b, UNIQUE (a, b)":        "index-lost i_a of t rebuilt, index-lost i_b of t rebuilt",
		"a TEXT, b, UNIQUE (a COLLATE x)": "index-lost i_a of t rebuilt, index-lost i_b of t rebuilt",
	} {
		c, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "app.db"), sqlite.ReadWrite|sqlite.Create, 0)
		if err != nil {
			t.Fatal(err)
		}
		run(t, c, "PRAGMA synchronous = OFF; CREATE TABLE t (a TEXT, b); CREATE UNIQUE INDEX i_a ON t (a); CREATE UNIQUE INDEX i_b ON t (b) WHERE b > 0", nil)
		was := read(t, c)
		sql = strings.ReplaceAll(sql, "COLLATE x", "COLLATE NOCASE")
		seen := loss.NewTrace(c, nil)
		run(t, c, "CREATE TABLE n ("+sql+"); DROP TABLE t; ALTER TABLE n RENAME TO t", seen)
		var got []string
		for _, f := range loss.Compare(was, read(t, c), seen) {
			got = append(got, text(f))
		}
		if got := strings.Join(got, ", "); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", sql, got, want)
		}
		c.Close()
	}
}

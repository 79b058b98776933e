package rehearse_test

import (
	"fmt"
	"strings"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/rehearse"
)

// TestFindings: what a migration did, by the code, level and line of each finding.
func TestFindings(t *testing.T) {
	const app = `CREATE TABLE p(id INTEGER PRIMARY KEY, a TEXT, b TEXT, n INT);
		INSERT INTO p VALUES (1, 'x', 'k', 5), (2, 'y', 'l', 6);
		CREATE TABLE ch(id INTEGER PRIMARY KEY, p INT REFERENCES p, q TEXT UNIQUE COLLATE NOCASE);
		INSERT INTO ch VALUES (1, 1, 'a'), (2, 2, 'b');
		CREATE INDEX ch_p ON ch(p); CREATE UNIQUE INDEX p_n ON p(n); CREATE TABLE e(x);
		CREATE TABLE auto(id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO auto VALUES (7); DELETE FROM auto;
		CREATE TABLE docs(id INTEGER PRIMARY KEY, title, body); INSERT INTO docs VALUES (1, 'a', 'apple'), (2, 'b', 'banana');
		CREATE VIRTUAL TABLE f USING fts5(title, body, content=docs, content_rowid=id); INSERT INTO f(f) VALUES ('rebuild');
		CREATE TABLE kept(id INTEGER PRIMARY KEY, body); CREATE VIRTUAL TABLE k USING fts5(body, content=kept, content_rowid=id);
		CREATE TRIGGER kept_i AFTER INSERT ON kept BEGIN INSERT INTO k(rowid, body) VALUES (new.id, new.body); END;
		CREATE TRIGGER kept_d AFTER DELETE ON kept BEGIN INSERT INTO k(k, rowid, body) VALUES ('delete', old.id, old.body); END;
		INSERT INTO kept VALUES (1, 'one'), (2, 'two'), (3, 'three');
		CREATE TABLE base(id INTEGER PRIMARY KEY, body); INSERT INTO base VALUES (1, 'one'); CREATE VIEW v AS SELECT id, body FROM base;
		CREATE VIRTUAL TABLE fv USING fts5(body, content=v, content_rowid=id); INSERT INTO fv(fv) VALUES ('rebuild');
		CREATE TABLE late(id INTEGER PRIMARY KEY, body); INSERT INTO late VALUES (1, 'one'); CREATE VIRTUAL TABLE stale USING fts5(body, content=late, content_rowid=id);
		CREATE VIRTUAL TABLE odd USING fts5(nope, content=late);`
	for _, test := range []struct{ name, sql, want string }{
		{"nothing", "SELECT 1", ""},
		{"new tables", "CREATE TABLE n(a UNIQUE NOT NULL, b INT PRIMARY KEY)", ""},

		{"unique index", "SELECT 1;\nCREATE UNIQUE INDEX i ON p(a)", "data-dependent@2"},
		{"unique index of some rows", "CREATE UNIQUE INDEX i ON p(a) WHERE b > 'k'", "data-dependent@1"},
		{"unique index of an expression", "CREATE UNIQUE INDEX i ON p(lower(a))", "data-dependent@1"},
		{"unique with more columns", "CREATE UNIQUE INDEX i ON p(n, a)", ""},
		{"unique with the key", "CREATE UNIQUE INDEX i ON p(id, a)", ""},
		{"unique as before, with another name", "DROP INDEX p_n; CREATE UNIQUE INDEX i ON p(n)", ""},
		{"unique in binary order, was in any case", "CREATE UNIQUE INDEX i ON ch(q COLLATE BINARY)", ""},
		{"unique in any case, was in binary order", "CREATE UNIQUE INDEX i ON p(n COLLATE NOCASE)", "data-dependent@1"},
		{"unique after rows that repeat are deleted", "DELETE FROM p WHERE id NOT IN (SELECT min(id) FROM p GROUP BY a); CREATE UNIQUE INDEX i ON p(a)", ""},
		{"unique of a table without rows", "CREATE UNIQUE INDEX i ON e(x)", ""},
		{"unique of a new column", "ALTER TABLE p ADD COLUMN u TEXT; UPDATE p SET u = hex(randomblob(9)); CREATE UNIQUE INDEX i ON p(u)", ""},
		{"rebuild with UNIQUE", "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT UNIQUE, b TEXT, n INT UNIQUE);\nINSERT INTO t SELECT * FROM p;\nDROP TABLE p; ALTER TABLE t RENAME TO p", "data-dependent@1"},
		{"rebuild with UNIQUE that copies one of each", "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT UNIQUE, b TEXT, n INT UNIQUE);\nINSERT OR IGNORE INTO t SELECT * FROM p;\nDROP TABLE p; ALTER TABLE t RENAME TO p", ""},
		{"rebuild with NOT NULL", "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT NOT NULL, b TEXT, n INT UNIQUE);\nINSERT INTO t SELECT * FROM p;\nDROP TABLE p; ALTER TABLE t RENAME TO p", "data-dependent@1"},
		{"rebuild with NOT NULL that fills in", "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT NOT NULL, b TEXT, n INT UNIQUE);\nINSERT INTO t SELECT id, coalesce(a, ''), b, n FROM p;\nDROP TABLE p; ALTER TABLE t RENAME TO p", ""},
		{"rebuild with NOT NULL after an UPDATE", "UPDATE p SET \"a\" = '' WHERE \"a\" IS NULL; CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT NOT NULL, b TEXT, n INT UNIQUE);\nINSERT INTO t SELECT * FROM p;\nDROP TABLE p; ALTER TABLE t RENAME TO p", ""},
		{"rebuild with a unique index as UNIQUE", "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b TEXT, n INT UNIQUE);\nINSERT INTO t SELECT * FROM p;\nDROP TABLE p; ALTER TABLE t RENAME TO p", ""},
		{"ADD COLUMN NOT NULL", "ALTER TABLE p ADD COLUMN z INT NOT NULL DEFAULT 0", ""},

		{"the same index again", "CREATE INDEX i ON ch(p)", "repeated-index@1"},
		{"the same as UNIQUE", "CREATE INDEX i ON ch(q)", "repeated-index@1"},
		{"the same as a unique index", "CREATE INDEX i ON p(n)", "repeated-index@1"},
		{"two new that are the same", "CREATE INDEX i ON p(a);\nCREATE INDEX j ON p(a)", "repeated-index@2"},
		{"an index of more columns", "CREATE INDEX i ON ch(p, q)", ""},
		{"an index in another order", "CREATE INDEX i ON p(a, b); CREATE INDEX j ON p(b, a)", ""},
		{"an index downwards", "CREATE INDEX i ON ch(p DESC)", ""},
		{"an index of some rows", "CREATE INDEX i ON ch(p) WHERE p > 0", ""},
		{"an index with a collation", "CREATE INDEX i ON ch(p COLLATE NOCASE)", ""},
		{"an index of an expression", "CREATE INDEX i ON p(lower(a)); CREATE INDEX j ON p(lower(a))", ""},
		{"an index in the place of another", "DROP INDEX ch_p; CREATE INDEX i ON ch(p)", ""},

		{"a new child without an index", "CREATE TABLE c2(p REFERENCES p)", "unindexed-foreign-key@1 note"},
		{"a new child whose key is an index", "CREATE TABLE c2(p PRIMARY KEY REFERENCES p)", ""},
		{"a new child whose key is its rowid", "CREATE TABLE c2(p INTEGER PRIMARY KEY REFERENCES p)", ""},
		{"a new child with a longer index", "CREATE TABLE c2(p REFERENCES p, x, UNIQUE (p, x))", ""},
		{"a new child with an index that begins otherwise", "CREATE TABLE c2(p REFERENCES p, x, UNIQUE (x, p))", "unindexed-foreign-key@1 note"},
		{"a new child with an index of some rows", "CREATE TABLE c2(p REFERENCES p); CREATE INDEX i ON c2(p) WHERE p > 0", "unindexed-foreign-key@1 note"},
		{"ADD COLUMN with a foreign key", "SELECT 1;\nALTER TABLE e ADD COLUMN p REFERENCES p", "unindexed-foreign-key@2 note"},
		{"its index is dropped", "SELECT 1;\nDROP INDEX ch_p", "unindexed-foreign-key@2 note"},
		{"a renamed child", "ALTER TABLE ch RENAME COLUMN p TO parent; ALTER TABLE ch RENAME TO child", ""},

		{"a column copied away and back", "ALTER TABLE p ADD COLUMN a2 TEXT; UPDATE p SET a2 = a; ALTER TABLE p DROP COLUMN a; ALTER TABLE p RENAME COLUMN a2 TO a", ""},
		{"another column copied in its place", "ALTER TABLE p ADD COLUMN a2 TEXT; UPDATE p SET a2 = b; ALTER TABLE p DROP COLUMN a; ALTER TABLE p RENAME COLUMN a2 TO a", "values@1"},
		{"a new child with an index of all that refer", "CREATE TABLE c2(p REFERENCES p); CREATE INDEX i ON c2(p) WHERE p IS NOT NULL", ""},
		{"unique as before, of some rows", "DROP INDEX p_n; CREATE UNIQUE INDEX p_n ON p(n) WHERE b IS NULL", "constraint@1"},
		{"unique twice, in another order", "CREATE UNIQUE INDEX i ON p(a, b);\nCREATE UNIQUE INDEX j ON p(b, a)", "data-dependent@1"},
		{"rebuild with NOT NULL that leaves rows out", "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT NOT NULL, b TEXT, n INT UNIQUE);\nINSERT OR IGNORE INTO t SELECT * FROM p;\nDROP TABLE p; ALTER TABLE t RENAME TO p", ""},
		{"other rows in their place", "DELETE FROM ch;\nINSERT INTO ch VALUES (10, 1, 'q'), (11, 2, 'r')", "destructive@1"},
		{"texts become blobs", "SELECT 1;\nUPDATE p SET a = CAST(a AS BLOB)", "values@2"},
		{"numbers in texts become numbers", "UPDATE p SET n = CAST(n AS INTEGER)", ""},

		{"an AUTOINCREMENT that begins again", "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT);\nINSERT INTO t SELECT id FROM auto;\nDROP TABLE auto;\nALTER TABLE t RENAME TO auto", "values@3"},
		{"an AUTOINCREMENT that goes on", "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT);\nINSERT INTO t SELECT id FROM auto;\nINSERT INTO sqlite_sequence SELECT 't', seq FROM sqlite_sequence WHERE name = 'auto';\nDROP TABLE auto;\nALTER TABLE t RENAME TO auto", ""},

		{"a table without rows", "DROP TABLE e", "destructive@1 note"},
		{"a column without values", "ALTER TABLE p ADD COLUMN z; ALTER TABLE p DROP COLUMN z", ""},
		{"a column that has none, later", "ALTER TABLE e ADD COLUMN z; ALTER TABLE e DROP COLUMN x", "destructive@1 note"},
		{"two UPDATEs, each with its line", "UPDATE p SET a = 'q';\nUPDATE p SET b = 'r'", "values@1 values@2"},
		{"DELETE", "SELECT 1;\nDELETE FROM ch", "destructive@2"},
		{"DELETE that cascades", "CREATE TRIGGER t AFTER DELETE ON p BEGIN DELETE FROM ch; END;\nDELETE FROM p WHERE id = 1;\nSELECT 1", "destructive@2 destructive@2"},

		{"a content table is renamed", "SELECT 1;\n\nALTER TABLE docs RENAME TO d2;\nSELECT 1", "fts@3"},
		{"a content table is renamed twice", "ALTER TABLE docs RENAME TO d2;\nALTER TABLE d2 RENAME TO d3", "fts@1"},
		{"a content table is renamed and back", "ALTER TABLE docs RENAME TO d2;\nALTER TABLE d2 RENAME TO docs", ""},
		{"a column of the content is renamed", "SELECT 1;\nALTER TABLE docs RENAME COLUMN body TO text", "fts@2"},
		{"the rowid of the content is renamed", "ALTER TABLE docs RENAME id TO k;\nALTER TABLE docs ADD COLUMN z", "fts@1"},
		{"another column of the content", "ALTER TABLE docs ADD COLUMN z; ALTER TABLE docs RENAME z TO y; ALTER TABLE docs DROP COLUMN y", ""},
		{"a column of the content is dropped", "ALTER TABLE docs DROP COLUMN body", "destructive@1 fts@1"},
		{"a content table is dropped", "SELECT 1;\nDROP TABLE docs", "destructive@2 fts@2"},
		{"a content table is dropped with its index", "DROP TABLE docs; DROP TABLE f", "destructive@1"},
		{"only the index is dropped", "DROP TABLE f", ""},
		{"the index is made again", "ALTER TABLE docs RENAME TO d2; DROP TABLE f; CREATE VIRTUAL TABLE f USING fts5(body, content=d2, content_rowid=id); INSERT INTO f(f) VALUES ('rebuild')", ""},
		{"a rebuild without a column of the content", "CREATE TABLE t(id INTEGER PRIMARY KEY, title);\nINSERT INTO t SELECT id, title FROM docs;\nDROP TABLE docs;\nALTER TABLE t RENAME TO docs", "destructive@1 fts@3"},
		{"what was broken stays so", "ALTER TABLE late ADD COLUMN z; UPDATE late SET z = 1", ""},
		{"a view as content is dropped", "SELECT 1;\nDROP VIEW v", "fts@2"},
		{"the table of a view as content is dropped", "DROP TABLE base", "destructive@1 fts@1"},
		{"a column of it is renamed", "ALTER TABLE base RENAME body TO text", "fts@1"},
		{"the table of a view as content is renamed", "ALTER TABLE base RENAME TO base2", ""},

		{"UPDATE of content", "SELECT 1;\nUPDATE docs SET title = 'k' WHERE id = 1;\nSELECT 1", "fts@2"},
		{"UPDATE of content, indexed again", "UPDATE docs SET title = 'k' WHERE id = 1; INSERT INTO f(f) VALUES ('rebuild')", ""},
		{"UPDATE of a column that is not indexed", "ALTER TABLE docs ADD COLUMN z;\nUPDATE docs SET z = 1", ""},
		{"UPDATE of the table of a view", "SELECT 1;\nUPDATE base SET body = 'k'", "fts@2"},
		{"DELETE of content", "SELECT 1;\nDELETE FROM docs WHERE id = 1", "destructive@2 fts@2"},
		{"INSERT of content", "SELECT 1;\nINSERT INTO docs VALUES (3, 'c', 'cherry')", "fts@2"},
		{"UPDATE by a trigger", "CREATE TRIGGER t AFTER INSERT ON e BEGIN UPDATE docs SET title = 'k' WHERE id = 1; END;\nINSERT INTO e VALUES (1)", "fts@2"},
		{"INSERT of content that triggers index", "INSERT INTO kept VALUES (4, 'four'); DELETE FROM kept WHERE id = 4", ""},
		{"UPDATE of content that other triggers index", "INSERT INTO kept VALUES (4, 'four');\nUPDATE kept SET body = 'six' WHERE id = 4;\nINSERT INTO kept VALUES (5, 'five')", "fts@2"},
		{"UPDATE of content that was not indexed before", "UPDATE late SET body = 'k' || body", ""},
		{"rows of the index alone", "SELECT 1;\nDELETE FROM f WHERE rowid = 1", "fts@2"},
		{"a new index without rows", "SELECT 1;\nCREATE VIRTUAL TABLE n USING fts5(body, content=docs)", "fts@2"},
		{"a new index with rows", "CREATE VIRTUAL TABLE n USING fts5(body, content=docs); INSERT INTO n(n) VALUES ('rebuild')", ""},
		{"a new index that lacks some", "CREATE VIRTUAL TABLE n USING fts5(body, content=docs);\nINSERT INTO n(rowid, body) SELECT rowid, body FROM docs LIMIT 1", "fts@2"},
	} {
		path := newDB(t)
		o := rehearsing(t)
		migrate(t, path, files("0001-app.sql", app), core.Options{})
		migrate(t, path, files("0001-app.sql", app, "0002-x.sql", test.sql), o)
		list, err := rehearse.Of(o).Report(t.Context(), core.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range list[0].Applied[0].Findings {
			s := fmt.Sprintf("%s@%d", f.Code, f.Line)
			if f.Level == "note" {
				s += " note"
			}
			if f.File != "0002-x.sql" || f.Why == "" || f.Do == "" || f.Accepted {
				t.Errorf("%s: %+v", test.name, f)
			}
			got = append(got, s)
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%s: %q, want %q\n%v", test.name, got, test.want, list[0].Applied[0].Findings)
		}
	}
}

// TestFindingsAreAccepted: a comment accepts what the statement below it does alone.
func TestFindingsAreAccepted(t *testing.T) {
	const app = "CREATE TABLE p(id INTEGER PRIMARY KEY, a TEXT, b TEXT); INSERT INTO p VALUES (1, 'x', 'k'), (2, 'y', 'l'), (3, 'z', 'm')"
	const accept = "-- fastmigrate: accept values, destructive\n"
	for _, test := range []struct{ name, sql, want string }{
		{"the only statement", "SELECT 1;\n" + accept + "UPDATE p SET a = NULL", "true@3"},
		{"the later of two", "SELECT 1;\nUPDATE p SET a = NULL;\n" + accept + "UPDATE p SET a = NULL WHERE id = 1", "false@2"},
		{"the earlier of two", "SELECT 1;\n" + accept + "UPDATE p SET a = NULL WHERE id = 1;\nUPDATE p SET a = NULL", "false@4"},
		{"both", "SELECT 1;\n" + accept + "UPDATE p SET a = NULL WHERE id = 1;\n" + accept + "UPDATE p SET a = NULL", "true@5"},
		{"one of another column", "SELECT 1;\nUPDATE p SET b = NULL;\n" + accept + "UPDATE p SET a = NULL", "true@4 false@2"},
		{"one of two DELETEs", "SELECT 1;\n" + accept + "DELETE FROM p WHERE id = 1;\nDELETE FROM p", "false@4"},
		{"the copy of a rebuild", "CREATE TABLE n(id INTEGER PRIMARY KEY, a TEXT DEFAULT 'd', b TEXT);\n" + accept + "INSERT INTO n(id, b) SELECT id, b FROM p;\nDROP TABLE p; ALTER TABLE n RENAME TO p", "true@3"},
		{"the DROP of a rebuild", "CREATE TABLE n(id INTEGER PRIMARY KEY, a TEXT DEFAULT 'd', b TEXT);\nINSERT INTO n(id, b) SELECT id, b FROM p;\n" + accept + "DROP TABLE p; ALTER TABLE n RENAME TO p", "true@2"},
		{"an INSERT beside the UPDATE", "SELECT 1;\n" + accept + "INSERT INTO p VALUES (4, 'u', 'v');\nUPDATE p SET a = NULL", "false@4"},
		{"in the first lines", "-- what it does\r\n" + accept + "UPDATE p SET a = NULL;\nUPDATE p SET b = NULL", "true@3 true@4"},
		{"in the statement", "SELECT 1;\nUPDATE p\n" + accept + "SET a = NULL", "true@2"},
	} {
		path := newDB(t)
		o := rehearsing(t)
		migrate(t, path, files("0001-app.sql", app), core.Options{})
		migrate(t, path, files("0001-app.sql", app, "0002-x.sql", test.sql), o)
		list, err := rehearse.Of(o).Report(t.Context(), core.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range list[0].Applied[0].Findings {
			got = append(got, fmt.Sprintf("%t@%d", f.Accepted, f.Line))
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%s: %q, want %q\n%v", test.name, got, test.want, list[0].Applied[0].Findings)
		}
	}
}

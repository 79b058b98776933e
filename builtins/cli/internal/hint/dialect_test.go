package hint

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"fastmigrate/core"
	"fastmigrate/core/fault"
)

// TestDialects runs statements of other systems, so that it is SQLite's own error
// that each hint is for. Every row of the table is for one of them.
func TestDialects(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.db")
	if _, _, err := core.CreateDB(t.Context(), path, core.Options{}); err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, test := range []struct{ script, want string }{
		{"TRUNCATE TABLE t;", "in SQLite: DELETE FROM t;"},
		{"truncate \"t 2\"", `in SQLite: DELETE FROM "t 2";`},
		{"INSERT /* x */ IGNORE INTO t(id) VALUES (1);", "INSERT OR IGNORE"},
		{"INSERT INTO t(id, a) VALUES (1, 'b') ON DUPLICATE KEY UPDATE a = 'b';", "ON CONFLICT"},
		{"INSERT INTO t SET a = 1;", "INSERT INTO t(a, b)"},
		{"INSERT INTO t VALUES (DEFAULT, 'x');", "leave the column out"},
		{"UPDATE t x SET a = 1;", "UPDATE t AS x"},
		{"UPDATE t, u SET a = 1;", "UPDATE t AS x"},
		{"DELETE t FROM t JOIN u;", "DELETE FROM t WHERE"},
		{"DELETE FROM t USING u WHERE 1;", "DELETE FROM t WHERE"},
		{"UPDATE t SET a = 1 LIMIT 1;", "UPDATE ... WHERE rowid IN"},
		{"MERGE INTO t USING u ON 1;", "ON CONFLICT"},
		{"COPY t (id, a) FROM stdin;", "--inserts"},
		{"CREATE OR REPLACE VIEW v AS SELECT 1;", "DROP VIEW IF EXISTS v; CREATE VIEW v"},
		{"CREATE OR REPLACE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END;", "DROP TRIGGER IF EXISTS g;"},
		{"CREATE PROCEDURE p() BEGIN SELECT 1; END;", "no stored functions"},
		{"CREATE MATERIALIZED VIEW v AS SELECT 1;", "CREATE VIEW v"},
		{"CREATE TYPE mood AS ENUM ('a', 'b');", "CHECK"},
		{"CREATE SEQUENCE s;", "INTEGER PRIMARY KEY"},
		{"CREATE EXTENSION IF NOT EXISTS pgcrypto;", "no CREATE EXTENSION"},
		{"CREATE SCHEMA x;", "one schema"},
		{"GRANT ALL ON t TO x;", "no users"},
		{"CREATE USER x;", "no users"},
		{"COMMENT ON TABLE t IS 'x';", "COMMENT ON"},
		{"ALTER INDEX i RENAME TO j;", "DROP INDEX i;"},
		{"ALTER TABLE t RENAME INDEX i TO j;", "DROP INDEX i;"},
		{"ALTER TABLE t RENAME CONSTRAINT i TO j;", "leave it out"},
		{"ALTER TABLE main.t OWNER TO postgres;", "no such table option"},
		{"ALTER TABLE ONLY t OWNER TO postgres;", "ALTER TABLE t"},
		{"ALTER VIEW v AS SELECT 1;", "DROP VIEW v;"},
		{"RENAME TABLE t TO s;", "ALTER TABLE t RENAME TO s;"},
		{"DROP INDEX i ON t;", "DROP INDEX i;"},
		{"DROP TABLE t CASCADE;", "leave CASCADE out"},
		{"DROP TABLE t, u;", "DROP TABLE t;"},
		{"CREATE TABLE m(id INT NOT NULL AUTO_INCREMENT, PRIMARY KEY (id));", "id INTEGER PRIMARY KEY"},
		{"CREATE TABLE m(id SERIAL PRIMARY KEY, a TIMESTAMP DEFAULT now());", "CURRENT_TIMESTAMP"},
		{"CREATE TABLE m(id bigint DEFAULT nextval('s'::regclass));", "id INTEGER PRIMARY KEY"},
		{"CREATE TABLE m(id text DEFAULT gen_random_uuid());", "randomblob"},
		{"CREATE TABLE m(id text DEFAULT lower('A'));", "DEFAULT (lower(...))"},
		{"CREATE TABLE m(a TIMESTAMP DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP);", "trigger"},
		{"CREATE TABLE m(id int) ENGINE=InnoDB;", "no such table option"},
		{"CREATE TABLE m(id int) DEFAULT CHARSET=utf8;", "no such table option"},
		{"CREATE TABLE m(a text CHARACTER SET utf8);", "Unicode"},
		{"CREATE TABLE m(s ENUM('a','b'));", "CHECK"},
		{"CREATE TABLE m(id int, KEY k (id));", "ON m("},
		{"CREATE TABLE m(id int, UNIQUE KEY k (id));", "ON m("},
		{"CREATE TABLE m LIKE t;", "CREATE TABLE m AS"},
		{"CREATE INDEX CONCURRENTLY x ON t(a);", "leave CONCURRENTLY"},
		{"CREATE INDEX x ON t USING btree (a);", "leave USING"},
		{"CREATE FULLTEXT INDEX x ON t(a);", "fts5"},
		{"CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE PROCEDURE f();", "BEGIN"},
		{"CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1;", "NEW.rowid"},
		{"CREATE TRIGGER g AFTER INSERT OR UPDATE ON t BEGIN SELECT 1; END;", "one event"},
		{"CREATE TRIGGER g AFTER INSERT ON t FOR EACH STATEMENT BEGIN SELECT 1; END;", "FOR EACH ROW"},
		{"USE db;", "leave USE out"},
		{"SET FOREIGN_KEY_CHECKS = 0;", "foreign keys"},
		{"SET search_path = public;", "PRAGMA"},
		{"SET @a = 1;", "PRAGMA"},
		{"LOCK TABLES t WRITE;", "no one else can write"},
		{"START TRANSACTION; SELECT 1; COMMIT;", "leave it and its COMMIT out"},
		{"SHOW TABLES;", "prints no rows"},
		{"ANALYZE TABLE t;", "ANALYZE t;"},
		{"IF 1 THEN SELECT 1; END IF;", "no procedures"},
		{`INSERT INTO t(a) VALUES ('it\'s'); SELECT 1;`, "in a string twice"},
		{`INSERT INTO t(a) VALUES (E'a\nb');`, "char(10)"},
		{`INSERT INTO t(a) VALUES (N'a');`, "leave N out"},
		{"SELECT a::int FROM t;", "CAST"},
		{"SELECT 1 WHERE 'a' ILIKE 'x';", "LIKE"},
		{"SELECT 1 WHERE 'a' ~ 'x';", "GLOB"},
		{"SELECT 1 + INTERVAL 1 DAY;", "+1 day"},
		{"SELECT EXTRACT(YEAR FROM a);", "strftime"},
		{"SELECT substring(a from 1 for 2);", "substr("},
		{"SELECT TOP 5 a;", "LIMIT"},
		{"SELECT * INTO x FROM t;", "CREATE TABLE x AS"},
		{"SELECT 1 FOR UPDATE;", "no one else can write"},
		{"SELECT 1 LIMIT 1 FOR SHARE;", "no one else can write"},
		{"SELECT pg_catalog.set_config('search_path', '', false);", "PostgreSQL"},
		{"DELIMITER //\nCREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END//\nDELIMITER ;", "leave DELIMITER out"},
		{"CREATE TABLE m(a)\nGO\nCREATE TABLE n(a)\nGO\n", "leave GO out"},
		{"SELECT 1;\nGO\n", "leave GO out"},
		{`\connect app`, "psql"},
		{".mode csv", "shell"},
		{"# a comment", "--"},

		// a word that is a name, a string or a comment, or that stands elsewhere
		{"CREATE TABLE truncate(comment, use, serial, engine, go, delimiter, type FORM);;; SELECT 1 1;", ""},
		{"SELECT 'TRUNCATE TABLE t' 'x' y;", ""},
		{"-- TRUNCATE TABLE t;\nSELECT 1 /* AUTO_INCREMENT */ 1;", ""},
		{`SELECT ' ENGINE = ' = = 1;`, ""},
		{"CREATE TABLE m(a TEXT DEFAULT 'AUTO_INCREMENT' DEFUALT);CREATE TABLE use(a b,,);", ""},
		{"INSERT INTO t VALUES ('it''s' 'x');", ""},
		{"SELECT substring(a, 1, 2), FROM t;", ""},
		{"SELECT a, FROM t WHERE b = ' ON DUPLICATE KEY';", ""},
	} {
		_, err := core.RunMigrations(t.Context(), path, fstest.MapFS{"0001-a.sql": {Data: []byte(test.script)}}, core.Options{})
		var why *fault.Reason
		if !errors.As(err, &why) || why.Key != fault.Syntax {
			t.Errorf("%s: %v, and why is not known", test.script, err)
			continue
		}
		row, got := dialect(why)
		if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: %v: %q, want %q", test.script, err, got, test.want)
		}
		used[row] = true
	}
	for _, d := range dialects {
		if !used[d.stopped] {
			t.Errorf("nothing is for the row %s", d.stopped)
		}
	}
}

package schema_test

import (
	"testing"

	"fastmigrate/core/schema"
)

func TestSameIsWhatSQLiteReadsAlike(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"CREATE TABLE t(a INTEGER, b)", "create  table t ( a INTEGER,b )", true},
		{"CREATE TABLE t(a /* of x */, b)", "CREATE TABLE t(a, -- of x\n b)", true},
		{"CREATE TABLE t(a, b)", `CREATE TABLE "t"([a], "b")`, true},
		{"CREATE TABLE t(a not null)", "CREATE TABLE t(a NOT NULL)", true},
		{"CREATE TABLE t(a integer, b text)", "CREATE TABLE t(a INTEGER, b TEXT)", true},
		{"CREATE TABLE t(text integer)", "CREATE TABLE t(TEXT integer)", false},
		{"CREATE TABLE t(a DEFAULT 'x')", "CREATE TABLE t(a DEFAULT 'X')", false},
		{"CREATE TABLE t(a DEFAULT 'x  y')", "CREATE TABLE t(a DEFAULT 'x y')", false},
		{"CREATE TABLE t(a DEFAULT null)", `CREATE TABLE t(a DEFAULT "null")`, false},
		{"CREATE TABLE t(a DEFAULT true)", `CREATE TABLE t(a DEFAULT "true")`, false},
		{"CREATE TABLE t(a DEFAULT current_time)", `CREATE TABLE t(a DEFAULT "current_time")`, false},
		{`CREATE TABLE t("order" INT, "a b" CHECK ("a b" > 0))`, "CREATE TABLE [t]([order] INT, `a b` CHECK ([a b] > 0))", true},
		{`CREATE TABLE "t a"("x""y")`, "CREATE TABLE [t a]([x\"y])", true},
		{`CREATE TABLE t("a b")`, "CREATE TABLE t([a  b])", false},
		{`CREATE UNIQUE INDEX "i a" ON t("a b")`, "CREATE UNIQUE INDEX [i a] ON t(`a b`)", true},
		{`CREATE VIEW v AS SELECT "a b" FROM t`, "CREATE VIEW v AS SELECT [a b] FROM t", false}, // the first may be a string
		{"CREATE TABLE key(a)", `CREATE TABLE "key"(a)`, true},                                  // as ALTER TABLE writes it
		{"CREATE TABLE left(left INT, right INT, UNIQUE (left, right))", `CREATE TABLE [left]("left" INT, "right" INT, UNIQUE ("left", "right"))`, true},
		{"CREATE VIEW v AS SELECT raise.x FROM raise, always WHERE unbounded = 1", `CREATE VIEW v AS SELECT "raise".x FROM "raise", "always" WHERE "unbounded" = 1`, true},
		{"CREATE UNIQUE INDEX i ON raise(generated)", `CREATE UNIQUE INDEX i ON "raise"("generated")`, true},
		{"CREATE TRIGGER g AFTER INSERT ON a BEGIN SELECT 1 FROM a JOIN b ON raise(ignore); END", `CREATE TRIGGER g AFTER INSERT ON a BEGIN SELECT 1 FROM a JOIN b ON "raise"(ignore); END`, false},
		{"CREATE TABLE t(a, b INT GENERATED ALWAYS AS (a))", `CREATE TABLE t(a, b INT "generated" "always" AS (a))`, false},
		{"CREATE VIEW v AS SELECT sum(x) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM a", `CREATE VIEW v AS SELECT sum(x) OVER (ROWS BETWEEN "unbounded" PRECEDING AND CURRENT ROW) FROM a`, false},
		{"CREATE TABLE current_date(a)", `CREATE TABLE "current_date"(a)`, true},
		{"CREATE TABLE t(key integer, action text)", `CREATE TABLE t("key" INTEGER, [action] TEXT)`, true},
		{"CREATE TABLE t(a REFERENCES groups(key))", "CREATE TABLE t(a REFERENCES `groups`(\"key\"))", true},
		{"CREATE TABLE t(key)", `CREATE TABLE t("Key")`, false},
		{`CREATE TABLE t("KEY")`, `CREATE TABLE t("Key")`, false},
		{"CREATE TRIGGER a AFTER INSERT ON rows BEGIN UPDATE match SET view = new.temp; END",
			`CREATE TRIGGER a AFTER INSERT ON "rows" BEGIN UPDATE "match" SET "view" = new."temp"; END`, true},
		{"CREATE VIEW v AS SELECT a AS replace FROM rows WHERE view = 1", `CREATE VIEW v AS SELECT a AS "replace" FROM "rows" WHERE "view" = 1`, true},
		{"CREATE VIEW v AS SELECT 1 FROM a LEFT JOIN b", `CREATE VIEW v AS SELECT 1 FROM a "left" JOIN b`, false},
		{"CREATE TABLE t(a, b)", "CREATE TABLE t(b, a)", false},
		{"CREATE TABLE t(a, b)", "CREATE TABLE t(A, b)", false},
		{"CREATE TABLE t(a INT)", "CREATE TABLE t(a INTEGER)", false},
		{"CREATE TABLE t(a)", "CREATE TABLE t(a) STRICT", false},
		{"CREATE VIEW v AS SELECT x'00' FROM t", "CREATE VIEW v AS SELECT x '00' FROM t", false},
		{"CREATE VIEW v AS SELECT a--1\nFROM t", "CREATE VIEW v AS SELECT a - -1 FROM t", false},
		{"CREATE VIRTUAL TABLE f USING fts5(a, tokenize = 'porter')", "CREATE VIRTUAL TABLE f USING fts5(a,tokenize='porter')", false},
	} {
		a, b := []schema.Object{{Type: "table", Name: "t", Table: "t", SQL: c.a}}, []schema.Object{{Type: "table", Name: "T", Table: "T", SQL: c.b}}
		changes := schema.Compare(a, b)
		if got := schema.SameSQL(c.a, c.b); len(changes) == 0 != c.same || got != c.same {
			t.Errorf("%s and %s: Compare() = %v, SameSQL() = %v", c.a, c.b, changes, got)
		}
	}
}

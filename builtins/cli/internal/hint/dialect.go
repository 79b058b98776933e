// SQLite's equivalents of statements of other database systems and of their shells. A row
// matches a statement by its beginning and by the place where SQLite stopped reading it,
// never by a word that may be a name or in a string.

package hint

import (
	"strings"
	"sync"

	"fastmigrate/core/fault"
	"fastmigrate/core/regex"
)

// dialects are tried in order. In a pattern, ^ is the beginning of the statement, ¦ the
// place where SQLite stopped, and • a name; $t in a hint is the group t.
var dialects = []struct{ stopped, hint string }{
	// rows
	{`^¦TRUNCATE (?:TABLE )?(?P<t>•)`, "in SQLite: DELETE FROM $t;"},
	{`^INSERT ¦IGNORE\b`, "in SQLite: INSERT OR IGNORE INTO ..."},
	{` ON ¦DUPLICATE KEY\b`, "in SQLite: ... ON CONFLICT (column) DO UPDATE SET a = excluded.a"},
	{`^(?:INSERT|REPLACE) (?:OR \w+ )?INTO (?P<t>•) ¦SET\b`, "in SQLite: INSERT INTO $t(a, b) VALUES (1, 2);"},
	{`^INSERT .* VALUES .*[(,] ¦DEFAULT\b`, "leave the column out to get its default; for all columns: INSERT INTO ... DEFAULT VALUES;"},
	{`^UPDATE (?P<t>•) ¦(?:,|(?:\w+ SET|(?:\w+ )?JOIN)\b)`, "in SQLite: UPDATE $t AS x SET ... FROM other WHERE ..."},
	{`^DELETE ¦• FROM\b`, "in SQLite: DELETE FROM t WHERE id IN (SELECT ...);"},
	{`^DELETE FROM (?P<t>•) ¦(?:USING|AS|JOIN)\b`, "in SQLite: DELETE FROM $t WHERE id IN (SELECT ...);"},
	{`^(?P<k>DELETE|UPDATE) .* ¦(?:LIMIT|ORDER)\b`, "in SQLite: $k ... WHERE rowid IN (SELECT rowid FROM ... LIMIT n);"},
	{`^¦MERGE\b`, "in SQLite: INSERT INTO ... SELECT ... WHERE true ON CONFLICT (column) DO UPDATE SET ..."},
	{`^¦COPY\b`, "SQLite has no COPY: write INSERT INTO ... VALUES (...); as pg_dump --inserts does"},

	// schema
	{`^CREATE ¦OR REPLACE (?P<k>VIEW|TRIGGER) (?P<n>•)`, "in SQLite: DROP $k IF EXISTS $n; CREATE $k $n ..."},
	{`^CREATE ¦(?:OR REPLACE )?(?:FUNCTION|PROCEDURE|AGGREGATE)\b`, "SQLite has no stored functions: use a trigger, or do it in the application"},
	{`^CREATE ¦MATERIALIZED VIEW (?P<n>•)`, "in SQLite: CREATE VIEW $n AS ... or, once, CREATE TABLE $n AS ..."},
	{`^(?:CREATE|ALTER|DROP) ¦(?:TYPE|DOMAIN)\b`, "SQLite has no CREATE TYPE: use a column TEXT CHECK (name IN ('a', 'b'))"},
	{`^(?:CREATE|ALTER|DROP) ¦SEQUENCE\b`, "SQLite has no sequences: id INTEGER PRIMARY KEY numbers rows automatically"},
	{`^(?:CREATE|ALTER|DROP) ¦EXTENSION\b`, "SQLite has no CREATE EXTENSION: leave it out"},
	{`^(?:CREATE|ALTER|DROP) ¦(?:SCHEMA|DATABASE)\b`, "an SQLite database is one file with one schema: leave it out"},
	{`^(?:(?:CREATE|ALTER|DROP) ¦(?:USER|ROLE|POLICY)|¦(?:GRANT|REVOKE))\b`, "SQLite has no users: leave it out; file permissions control access"},
	{`^¦COMMENT ON\b`, "SQLite has no COMMENT ON: put a -- comment into CREATE TABLE, which keeps it"},
	{`^ALTER ¦INDEX (?P<n>•) RENAME\b`, "in SQLite: DROP INDEX $n; CREATE INDEX ..."},
	{`^ALTER TABLE • RENAME ¦(?:INDEX|KEY) (?P<n>•)`, "in SQLite: DROP INDEX $n; CREATE INDEX ..."},
	{`^ALTER TABLE • RENAME ¦CONSTRAINT\b`, "SQLite cannot rename constraints: leave it out"},
	{`^ALTER TABLE (?:ONLY )?• ¦(?:OWNER|ENABLE|DISABLE|REPLICA|CLUSTER|INHERIT|ENGINE|AUTO_INCREMENT|DEFAULT|CONVERT|COMMENT|CHARACTER|COLLATE|SET)\b`, "SQLite has no such table option: leave it out"},
	{`^ALTER TABLE ONLY ¦(?P<t>•)`, "in SQLite: ALTER TABLE $t ..."},
	{`^ALTER ¦VIEW (?P<n>•)`, "in SQLite: DROP VIEW $n; CREATE VIEW $n AS ..."},
	{`^¦RENAME TABLE (?P<t>•) TO (?P<n>•)`, "in SQLite: ALTER TABLE $t RENAME TO $n;"},
	{`^DROP INDEX (?P<n>•) ¦ON\b`, "in SQLite: DROP INDEX $n;"},
	{`^DROP (?:TABLE|VIEW|INDEX|TRIGGER) (?:IF EXISTS )?• ¦(?P<k>CASCADE|RESTRICT)\b`, "leave $k out: first drop everything that uses it, with statements of its own"},
	{`^DROP (?P<k>TABLE|VIEW|INDEX|TRIGGER) (?:IF EXISTS )?(?P<n>•) ¦,`, "SQLite drops one per statement: DROP $k $n;"},

	// tables
	{`^CREATE (?:TEMP )?TABLE .* ¦(?:AUTO_INCREMENT|AUTOINCREMENT|IDENTITY)\b`, "in SQLite: id INTEGER PRIMARY KEY, which numbers rows automatically"},
	{`^CREATE (?:TEMP )?TABLE .* DEFAULT (?:now|getdate|sysdate|localtimestamp|CURRENT_TIMESTAMP|transaction_timestamp|statement_timestamp|clock_timestamp) ¦\(`, "in SQLite: DEFAULT CURRENT_TIMESTAMP"},
	{`^CREATE (?:TEMP )?TABLE .* DEFAULT nextval ¦\(`, "in SQLite: id INTEGER PRIMARY KEY, which numbers rows automatically"},
	{`^CREATE (?:TEMP )?TABLE .* DEFAULT (?:uuid|gen_random_uuid|uuid_generate_v4|newid) ¦\(`, "in SQLite: DEFAULT (lower(hex(randomblob(16))))"},
	{`^CREATE (?:TEMP )?TABLE .* DEFAULT (?P<n>•) ¦\(`, "SQLite needs parentheses around it: DEFAULT ($n(...))"},
	{`^CREATE (?:TEMP )?TABLE .* ¦ON UPDATE CURRENT_TIMESTAMP\b`, "use a trigger: CREATE TRIGGER ... AFTER UPDATE ON ... BEGIN UPDATE ...; END;"},
	{`^CREATE (?:TEMP )?TABLE .* \) (?:(?:ENGINE|CHARSET|COLLATE|COMMENT|AUTO_INCREMENT|ROW_FORMAT) ¦=|¦(?:DEFAULT|CHARACTER|COLLATE|COMMENT|PARTITION|TABLESPACE|INHERITS)\b)`, "SQLite has no such table option: end the statement with the parenthesis, or with STRICT"},
	{`^CREATE (?:TEMP )?TABLE .* CHARACTER ¦SET\b`, "leave CHARACTER SET out: text is always Unicode"},
	{`^CREATE (?:TEMP )?TABLE .* ENUM \( ¦'`, "in SQLite: TEXT CHECK (name IN ('a', 'b'))"},
	{`^CREATE (?:TEMP )?TABLE (?P<t>•) .*, (?:UNIQUE ¦(?:KEY|INDEX)|¦INDEX|(?:KEY|INDEX) • \( ¦)`, "SQLite needs a separate statement: CREATE INDEX ... ON $t(...); or use UNIQUE (...)"},
	{`^CREATE (?:TEMP )?TABLE (?P<t>•) (?:¦LIKE|\( LIKE .*¦)`, "in SQLite: CREATE TABLE $t AS SELECT * FROM ... WHERE false; which copies the columns, but no constraints"},
	{`^CREATE (?:UNIQUE )?INDEX CONCURRENTLY ¦`, "leave CONCURRENTLY out: SQLite builds an index in one go"},
	{`^CREATE (?:UNIQUE )?INDEX (?:• )?ON (?P<t>•) ¦USING\b`, "leave USING and the word after it out: every SQLite index is a B-tree"},
	{`^CREATE ¦(?:FULLTEXT|SPATIAL|CLUSTERED|NONCLUSTERED) INDEX\b`, "in SQLite: CREATE INDEX ... or, for full-text search, CREATE VIRTUAL TABLE ... USING fts5(...)"},

	// triggers
	{`^CREATE (?:TEMP )?TRIGGER .* ¦EXECUTE (?:FUNCTION|PROCEDURE)\b`, "in SQLite, write the statements into the trigger: ... BEGIN UPDATE ...; END;"},
	{`^CREATE (?:TEMP )?TRIGGER .* ¦SET NEW \.`, "an SQLite trigger changes a row with UPDATE: AFTER INSERT ... BEGIN UPDATE ... WHERE rowid = NEW.rowid; END;"},
	{`^CREATE (?:TEMP )?TRIGGER .* (?:INSERT|UPDATE|DELETE) ¦OR\b`, "an SQLite trigger has one event: write a trigger for each"},
	{`^CREATE (?:TEMP )?TRIGGER .* FOR EACH ¦STATEMENT\b`, "SQLite has only FOR EACH ROW"},

	// the session
	{`^¦USE •`, "leave USE out: a migration runs on one database"},
	{`^¦SET (?:SESSION |GLOBAL |@@)?FOREIGN_KEY_CHECKS\b`, "leave it out: foreign keys are checked once, at the end of the migration"},
	{`^¦SET (?:LOCAL|SESSION|GLOBAL|NAMES|SQL_MODE|@|• =|• TO)`, "SQLite has no SET and no variables: leave it out; SQLite's settings are PRAGMAs"},
	{`^¦(?:UN)?LOCK TABLES?\b`, "leave it out: no one else can write meanwhile"},
	{`^¦START TRANSACTION\b`, "leave it and its COMMIT out, because a migration runs in a transaction; or in SQLite: BEGIN;"},
	{`^¦(?:SHOW|DESCRIBE|DESC)\b`, "leave it out: a migration prints no rows"},
	{`^(?:ANALYZE ¦TABLE|¦OPTIMIZE TABLE) (?P<t>•)`, "in SQLite: ANALYZE $t;"},
	{`^¦(?:IF|DO|DECLARE|EXEC|EXECUTE|CALL|PRINT|WHILE|PERFORM|PREPARE)\b`, "SQLite has no procedures, conditions or variables: a .star migration has if, for and db.execute"},

	// expressions
	{`\\' ¦`, `SQLite has no backslash escapes: write a quote in a string twice, as in 'it''s'`},
	{`[(,=|] E ¦'`, `SQLite has no E'...' and no escapes: for a newline, 'a' || char(10) || 'b'`},
	{`[(,=|] N ¦'`, "leave N out: text is always Unicode"},
	{`¦: ?:`, "in SQLite: CAST(x AS type) for x::type"},
	{`\S ¦ILIKE\b`, "in SQLite: LIKE, which ignores the case of ASCII letters"},
	{`\S ¦~`, "SQLite has GLOB and LIKE for patterns"},
	{`\bINTERVAL ¦(?:'|\d)`, "in SQLite: datetime('now', '+1 day')"},
	{`\bEXTRACT \( (?:YEAR|MONTH|DAY|HOUR|MINUTE|SECOND|EPOCH|DOW) ¦FROM\b`, "in SQLite: strftime('%Y', x)"},
	{`\bsubstring \( [^(),]+ ¦FROM\b`, "in SQLite: substr(x, 1, 2)"},
	{`^SELECT TOP ¦\d`, "in SQLite: SELECT ... LIMIT n;"},
	{`^SELECT .* ¦INTO (?P<t>•) FROM\b`, "in SQLite: CREATE TABLE $t AS SELECT ..."},
	{`^SELECT .* (?:¦FOR |FOR ¦)(?:UPDATE|SHARE)\b`, "leave it out: no one else can write meanwhile"},

	{`^SELECT pg_catalog \. \w+ ¦\(`, "leave it out: it sets up PostgreSQL"},

	// shells
	{`^¦DELIMITER\b`, "leave DELIMITER out: SQLite knows that a trigger ends with END;"},
	{`^¦GO(?: |$)| GO ¦(?:CREATE|ALTER|DROP|INSERT|UPDATE|DELETE|SELECT|GO)\b`, "leave GO out: in SQLite, each statement ends with ;"},
	{`^¦\\`, "lines that begin with a backslash are commands of psql, not SQL"},
	{`^¦\. ?\w`, "lines that begin with a dot are commands of the sqlite3 shell, not SQL"},
	{`^¦#`, "in SQL, a comment begins with --"},
}

// place marks where SQLite stopped, in a text that cannot have this byte.
const place = "\x00"

// dialectPatterns are the expressions of dialects.
var dialectPatterns = sync.OnceValue(func() (list []*regex.Pattern) {
	word := "(?:\"(?:[^\"]|\"\")*\"|\\[[^\\]]*\\]|`[^`]*`|[^\\s\"\\[(),;.\x00]+)"
	for _, d := range dialects {
		list = append(list, regex.New(`(?is)`+strings.NewReplacer("¦", place, "•", `(?:`+word+` \. )?`+word).Replace(d.stopped)))
	}
	return list
})

// dialect returns the hint for a statement of another system that SQLite could not read,
// and its row of the table. Both are "" if the statement is in none.
func dialect(why *fault.Reason) (row, hint string) {
	text := strings.TrimPrefix(why.Name+" ", " ") + place + why.Detail
	for i, p := range dialectPatterns() {
		if m := p.Regexp().FindStringSubmatchIndex(text); m != nil {
			return dialects[i].stopped, string(p.Regexp().ExpandString(nil, dialects[i].hint, text, m))
		}
	}
	return "", ""
}

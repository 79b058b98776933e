package core_test

import (
	"errors"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/fault"
)

// What SQLite tells only in words is a state; the same words in a name or a value
// are none.
func TestToldInWords(t *testing.T) {
	const before = `CREATE TABLE t(x); CREATE INDEX i ON t(x); CREATE VIEW v AS SELECT 1; CREATE TABLE "a
b"(x); CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END;`
	for script, want := range map[string]error{
		"CREATE TABLE t(x);":                                      fault.ErrExists,
		"CREATE INDEX i ON t(x);":                                 fault.ErrExists,
		"CREATE VIEW v AS SELECT 2;":                              fault.ErrExists,
		"CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END;": fault.ErrExists,
		"CREATE TABLE \"a\nb\"(x);":                               fault.ErrExists,
		"ALTER TABLE t RENAME TO i;":                              fault.ErrExists,
		"CREATE INDEX t ON t(x);":                                 fault.ErrExists,
		"ALTER TABLE t ADD COLUMN x;":                             fault.ErrColumn,
		"CREATE TABLE p(y); CREATE TABLE c(p REFERENCES p(y));":   fault.ErrMismatch,
		"SELECT * FROM \"table t already exists\";":               nil,
		"SELECT \"duplicate column name: x\" FROM nope;":          nil,
		"CREATE TRIGGER h AFTER INSERT ON t BEGIN SELECT raise(ABORT, 'table t already exists'); END; INSERT INTO t VALUES (1);": nil,
	} {
		path := newDB(t, false)
		_, err := core.RunMigrations(t.Context(), path, files("0001-a.sql", before, "0002-b.sql", script), core.Options{})
		for _, state := range []error{fault.ErrExists, fault.ErrColumn, fault.ErrMismatch} {
			if errors.Is(err, state) != (state == want) {
				t.Errorf("%s: %v; Is(%v) = %v", script, err, state, errors.Is(err, state))
			}
		}
	}
}

package core_test

import (
	"errors"
	"testing"

	"fastmigrate/core"
)

// TestForeignKeysOfOthers: a violation that was in one table before does not
// excuse the same value in another.
func TestForeignKeysOfOthers(t *testing.T) {
	path := newDB(t, false)
	for _, sql := range []string{"CREATE TABLE p(id INTEGER PRIMARY KEY)", "CREATE TABLE old(pid REFERENCES p)", "CREATE TABLE c(rowid, pid REFERENCES p)",
		"INSERT INTO old VALUES (7)", "INSERT INTO c VALUES ('a', 8)"} {
		query(t, path, sql)
	}
	for _, script := range []string{"INSERT INTO c VALUES ('b', 7)", "INSERT INTO c VALUES ('b', 9); DELETE FROM c WHERE pid = 8"} {
		_, err := core.RunMigrations(t.Context(), path, files("0001-x.sql", script), core.Options{})
		if !errors.Is(err, core.ErrForeignKey) {
			t.Errorf("%s: RunMigrations() = %v", script, err)
		}
	}
	migrate(t, path, files("0001-x.sql", "UPDATE c SET rowid = 'c'; INSERT INTO p VALUES (1); INSERT INTO c VALUES ('d', 1)"), core.Options{})
}

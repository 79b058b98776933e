package rehearse_test

import (
	"fmt"
	"strings"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/rehearse"
)

// TestAtomicFindsTheSame: of several migrations in one transaction, each is told what it did,
// as if it were alone.
func TestAtomicFindsTheSame(t *testing.T) {
	const app = `CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, code TEXT, age INT);
		INSERT INTO users VALUES (1, 'Ann', 'c1', 30), (2, 'Bob', 'c2', 40), (3, 'Cy', 'c3', 50);
		CREATE TABLE child(u REFERENCES users); INSERT INTO child VALUES (77);`
	const rebuild = "CREATE TABLE n(id INTEGER PRIMARY KEY, name TEXT, code TEXT, age INT); INSERT INTO n%s FROM users; DROP TABLE users; ALTER TABLE n RENAME TO users"
	for name, list := range map[string][]string{
		"emptied, then dropped":         {"UPDATE users SET age = NULL", "ALTER TABLE users DROP COLUMN age"},
		"renamed, then emptied":         {"ALTER TABLE users RENAME COLUMN age TO years", "UPDATE users SET years = NULL"},
		"the table renamed, emptied":    {"ALTER TABLE users RENAME TO people", "UPDATE people SET age = NULL"},
		"one value, then dropped":       {"UPDATE users SET age = 0", "ALTER TABLE users DROP COLUMN age"},
		"emptied, then filled":          {"UPDATE users SET age = NULL", "UPDATE users SET age = 7"},
		"a bad rebuild, then a good":    {fmt.Sprintf(rebuild, "(id, name, age) SELECT id, name, age"), fmt.Sprintf(rebuild, " SELECT *")},
		"a good rebuild, then a bad":    {fmt.Sprintf(rebuild, " SELECT *"), fmt.Sprintf(rebuild, "(id, name, age) SELECT id, name, age"), "UPDATE users SET name = 'x'"},
		"rows deleted, others inserted": {"DELETE FROM users WHERE id > 1", "INSERT INTO users VALUES (9, 'New', 'c9', 1)", "UPDATE users SET code = name"},
		"nothing between":               {"UPDATE users SET age = NULL", "SELECT 1", "UPDATE users SET name = NULL"},
		"an old violation is excused":   {"UPDATE users SET age = NULL", "UPDATE child SET u = u; UPDATE users SET code = NULL"},
	} {
		var found [2]string
		for i, atomic := range []bool{false, true} {
			path := newDB(t)
			o := rehearsing(t)
			o.Atomic = atomic
			pairs := []string{"0001-app.sql", app}
			migrate(t, path, files(pairs...), core.Options{NoForeignKeyCheck: true})
			for i, sql := range list {
				pairs = append(pairs, fmt.Sprintf("%04d-x.sql", i+2), sql)
			}
			migrate(t, path, files(pairs...), o)
			reports, err := rehearse.Of(o).Report(t.Context(), core.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range reports[0].Applied {
				for _, f := range m.Findings {
					found[i] += fmt.Sprintln(f.File, f)
				}
			}
		}
		if found[0] != found[1] || !strings.Contains(found[0], "warning") {
			t.Errorf("%s: together\n%s\neach alone\n%s", name, found[1], found[0])
		}
	}
}

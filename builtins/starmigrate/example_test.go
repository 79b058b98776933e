package starmigrate_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing/fstest"

	"fastmigrate/builtins/starmigrate"
	"fastmigrate/core"
	"fastmigrate/core/data"
	"fastmigrate/core/runner"
)

func ExampleRunner() {
	dir, err := os.MkdirTemp("", "example-*")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	db := filepath.Join(dir, "app.db")
	ctx := context.Background()
	migrations := fstest.MapFS{ // a program would embed a directory
		"0001-people.sql": {Data: []byte("CREATE TABLE people (name TEXT); INSERT INTO people VALUES (' ada '), ('grace')")},
		"0002-names.star": {Data: []byte(`
def migrate(db):
    for row in db.query("select rowid, name from people"):
        db.execute("update people set name = ? where rowid = ?", [row.name.strip().title(), row.rowid])
`)},
	}
	o := core.Options{Runners: map[string]runner.Runner{"star": starmigrate.Runner(starmigrate.Options{})}}
	if _, _, err := core.CreateDB(ctx, db, o); err != nil {
		panic(err)
	}
	if _, err := core.RunMigrations(ctx, db, migrations, o); err != nil {
		panic(err)
	}
	rows, err := data.Query(ctx, db, "SELECT name FROM people", nil, 0, o)
	fmt.Println(rows.Values, err)
	// Output:
	// [[Ada] [Grace]] <nil>
}

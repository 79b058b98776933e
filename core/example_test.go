package core_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing/fstest"

	"fastmigrate/core"
)

func Example() {
	dir, err := os.MkdirTemp("", "example-*")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	db := filepath.Join(dir, "app.db")
	ctx := context.Background()
	migrations := fstest.MapFS{ // a program would embed a directory
		"0001-create-users.sql": {Data: []byte("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)")},
		"0002-first-user.sql":   {Data: []byte("INSERT INTO users (name) VALUES ('Ada'), ('Grace')")},
	}
	if _, _, err := core.CreateDB(ctx, db, core.Options{}); err != nil {
		panic(err)
	}
	result, err := core.RunMigrations(ctx, db, migrations, core.Options{})
	if err != nil {
		panic(err)
	}
	for _, m := range result.Applied {
		fmt.Println(m.Version, m.Name, m.Rows)
	}
	fmt.Println("version", result.To)
	// Output:
	// 1 0001-create-users.sql 0
	// 2 0002-first-user.sql 2
	// version 2
}

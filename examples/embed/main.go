// Embed is a program that carries its migrations and applies them when it
// starts, before it uses its database.
package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"

	"fastmigrate/core"
)

//go:embed migrations
var files embed.FS

func main() {
	path := flag.String("db", "notes.db", "database file")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := migrate(ctx, *path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("ready")
}

// migrate migrates the database at path to the version that this program needs. Even if
// several programs call it at once, each migration is applied once.
func migrate(ctx context.Context, path string) error {
	migrations, err := fs.Sub(files, "migrations")
	if err != nil {
		return err
	}
	options := core.Options{Logger: slog.Default(), Tool: "notes 1.0"}
	if _, _, err := core.CreateDB(ctx, path, options); err != nil {
		return err
	}
	result, err := core.RunMigrations(ctx, path, migrations, options)
	for _, m := range result.Applied {
		fmt.Printf("applied %s\n", m.Name)
	}
	var failure *core.Error
	if errors.As(err, &failure) {
		return fmt.Errorf("%w (the database is at version %d)", err, failure.Version)
	}
	return err
}

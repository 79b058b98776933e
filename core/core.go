// Package core migrates SQLite databases from version to version and never leaves one
// half-migrated. Most programs need one call when they start:
//
//	//go:embed migrations
//	var files embed.FS
//
//	migrations, _ := fs.Sub(files, "migrations")
//	if _, _, err := core.CreateDB(ctx, "app.db", core.Options{}); err != nil {
//		return err
//	}
//	result, err := core.RunMigrations(ctx, "app.db", migrations, core.Options{})
//
// A database is versioned if it has the one-row table _meta, which holds its version; the
// Python package fastmigrate reads and writes the same table. A migration is a file
// NNNN-description.sql, .star, .py or .sh, where NNNN is the version it leads to. The
// table _meta_history records what was applied.
//
// Functions hold no state, print nothing, and may be called concurrently, even from
// several processes on one database. Functions that only some programs need have packages
// of their own, built on this one:
//
//	rehearse   run migrations on private copies and report what they do
//	check      look for every problem that a database may have
//	drift      compare a schema with the one its migrations produce
//	adopt      take over a database and its migrations from another tool
//	author     write new migrations, rebuild tables, renumber
//	repair     resolve an interrupted migration, accept an edited one
//	data       run a caller's SQL, with foreign keys enforced as in an application
//	runner     run migrations of other kinds: see [Options.Runners]
//	schema     compare, draw and rebuild schemas
//	fault      tell errors apart: their states, places and reasons
//	coretest   test migrations
package core

import "fastmigrate/core/internal/sqlite"

// SQLiteVersion is the version of SQLite that this package links.
const SQLiteVersion = sqlite.Version

// Package core brings SQLite databases from version to version and never leaves
// one wrong. Most programs need one call, at their start:
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
// NNNN-description.sql, .star, .py or .sh, where NNNN is the version that it leads to.
// The table _meta_history records what was applied.
//
// Functions hold no state, print nothing, and may be called concurrently, even from
// several processes on one database. What only some programs need is a package over
// this one:
//
//	rehearse   run migrations on private copies, and report what they do
//	check      look for everything that may be wrong with a database
//	drift      compare a schema with what its migrations make
//	adopt      take over a database and the migrations of another tool
//	author     write new migrations, rebuild tables, renumber
//	repair     resolve an interrupted migration, accept an edited one
//	data       run SQL of a caller, with foreign keys as an application has them
//	runner     what a migration of another kind works with: see Options.Runners
//	schema     compare, draw and rebuild schemas
//	fault      the states, places and reasons of errors
//	coretest   test migrations
package core

import "fastmigrate/core/internal/sqlite"

// SQLiteVersion is the version of SQLite that this package links.
const SQLiteVersion = sqlite.Version

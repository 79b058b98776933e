// Package result has the values that commands print with --json, where core has none that
// says all. Keys that version 0.1 printed stay as they are. A key says its unit, if it has
// one. Package schemas is made from these types and their comments.
package result

import (
	"fastmigrate/builtins"
	"fastmigrate/builtins/cli/internal/report"
	"fastmigrate/builtins/startest"
	"fastmigrate/core"
	"fastmigrate/core/adopt"
	"fastmigrate/core/author"
	"fastmigrate/core/check"
	"fastmigrate/core/coretest"
	"fastmigrate/core/drift"
	"fastmigrate/starlark"
)

// Migrated is that of run-migrations.
type Migrated struct {
	Database string `json:"database"` // its path
	core.Result
}

// Status is that of status.
type Status struct {
	Database string `json:"database"` // its path
	core.DatabaseStatus
	Warnings []string         `json:"warnings"` // of files that are misnamed
	Problems []string         `json:"problems"` // what would stop a run, each as one line
	Errors   []report.Problem `json:"errors"`   // the same problems
	Hints    []string         `json:"hints"`    // commands to type next
	report.Found
}

// Standing is that of what says or sets the version of a database: wait, resolve.
type Standing struct {
	Database string `json:"database"` // its path
	Version  int    `json:"version"`
}

// Written is that of what writes a migration: new, gen.
type Written struct {
	File string `json:"file"` // path of the migration
}

// Accepted is that of accept.
type Accepted struct {
	Database   string `json:"database"`   // its path
	File       string `json:"file"`       // name of the migration
	Difference string `json:"difference"` // between the text that was applied and the file, as a unified diff
}

// Renumbered is that of renumber.
type Renumbered struct {
	Renamed []author.Renamed `json:"renamed"` // in order
	DryRun  bool             `json:"dry_run"` // nothing was renamed
}

// Drifted is that of drift.
type Drifted struct {
	drift.Report
	Hints []string `json:"hints"` // commands to type next
	report.Found
}

// Created is that of create-db.
type Created struct {
	Database string `json:"database"` // its path
	Version  int    `json:"version"`
	Created  bool   `json:"created"` // it was not there before
}

// Versions is that of check-version.
type Versions struct {
	Program  string `json:"program"`  // version of the program
	SQLite   string `json:"sqlite"`   // version of SQLite
	Database string `json:"database"` // its path
	Version  *int   `json:"version"`  // nil: it is unversioned
}

// Adopted is that of adopt.
type Adopted struct {
	Database string `json:"database"` // its path
	adopt.Result
	DryRun bool `json:"dry_run"` // nothing was written
}

// Checked is that of check-db.
type Checked struct {
	Database string `json:"database"` // its path
	Version  *int   `json:"version"`  // nil: it has none that can be read
	check.Report
	Hints []string `json:"hints"` // commands to type next
	report.Found
}

// Backup is that of backup-db.
type Backup struct {
	core.Backup
	Version *int `json:"version"` // nil: the database is unversioned
}

// BackupFile is one of the list of backups, and of restore-db --list.
type BackupFile struct {
	core.BackupFile
	Version *int `json:"version"` // nil: it has none, or is not whole
}

// Restored is that of restore-db.
type Restored struct {
	core.Restored
	Version *int `json:"version"` // nil: the database is unversioned now
}

// VersionOf is the version of a database in a result; nil if v is below 0, as core has it
// of an unversioned one.
func VersionOf(v int) *int {
	if v < 0 {
		return nil
	}
	return &v
}

// SchemaWritten is that of schema --output.
type SchemaWritten struct {
	Database string `json:"database"` // its path
	File     string `json:"file"`     // path of the file
}

// SchemaCompared is that of schema --check.
type SchemaCompared struct {
	Database   string `json:"database"`   // its path
	File       string `json:"file"`       // path of the file
	Same       bool   `json:"same"`       // they are the same, but for order, white space and comments
	Difference string `json:"difference"` // as a unified diff; "" if they are the same
	report.Found
}

// Done is that of run.
type Done struct {
	Task string `json:"task"` // its name
}

// Tasks is that of tasks.
type Tasks struct {
	File  string `json:"file"`          // path of the Fastmigratefile
	Doc   string `json:"doc,omitempty"` // its docstring
	Tasks []Task `json:"tasks"`
}

// Task is one of [Tasks].
type Task struct {
	starlark.Task
	Timeout string            `json:"timeout,omitempty"` // after which it is ended, with its unit, such as 10m0s; "" if there is none
	Effects []builtins.Effect `json:"effects"`           // what it may do
}

// Tests is that of test.
type Tests struct {
	Tests  []Test `json:"tests"`
	Failed int    `json:"failed"` // how many of them
	report.Found
}

// Test is one of [Tests].
type Test struct {
	startest.Result
	Errors []report.Problem `json:"errors,omitempty"` // nil: it succeeded
}

// AllChecked is that of test --all.
type AllChecked struct {
	Migrations []Migration `json:"migrations"` // in order
	Problems   int         `json:"problems"`   // how many there are
	report.Found
}

// Migration is one of [AllChecked].
type Migration struct {
	coretest.Checked
	Problems []report.Problem `json:"problems"`
}

// Completion is that of completion.
type Completion struct {
	Shell  string `json:"shell"`
	Script string `json:"script"` // what the shell is to read
}

// Made is that of init.
type Made struct {
	Made  []string `json:"made"`  // paths
	Hints []string `json:"hints"` // commands to type next
}

// Page is that of man.
type Page struct {
	Page string `json:"page"` // in the macros of man(7)
}

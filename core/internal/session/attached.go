// Other files that a statement must not write to. A transaction over two files is committed as
// one only by a super-journal, and SQLite makes none for a file in WAL mode, nor
// for one whose journal is not on disk or not synced
// (https://sqlite.org/atomiccommit.html#_multi_file_commit).

package session

import (
	"fmt"
	"strings"

	"fastmigrate/core/internal/attach"
	"fastmigrate/core/internal/sqlite"
)

// forbidden is what the statements of the open transaction must not write to.
type forbidden struct {
	files map[string]string // the reason, by the name of an attached database
	pages map[string]bool   // tables that are the pages of a database, in lower case

	// shadows are tables, in lower case, that belong to a virtual one: an R*Tree compiles
	// statements that write to them even if it is only read. A script that writes is
	// refused at the virtual table.
	shadows map[string]bool
}

// read finds out for the transaction that has just begun, whose lock on every attached
// file keeps the journal modes as they are.
func (b *forbidden) read(x *Session) error {
	*b = forbidden{map[string]string{}, map[string]bool{"sqlite_dbpage": true}, map[string]bool{}}
	if x.Known != nil { // there is no virtual table
		return nil
	}
	schemas := append([]string{"main"}, x.attached...)
	for _, schema := range schemas {
		pages, err := x.Conn.Texts("SELECT name FROM " + sqlite.Quote(schema) + ".sqlite_schema WHERE type = 'table' AND rootpage = 0 AND instr(lower(sql), 'sqlite_dbpage')")
		if err != nil {
			return err
		}
		for _, table := range pages {
			b.pages[strings.ToLower(table)] = true
		}
	}
	if len(x.attached) == 0 {
		return nil
	}
	shadows, err := x.Conn.Texts("SELECT name FROM pragma_table_list WHERE type = 'shadow' AND schema NOT IN ('main', 'temp')")
	if err != nil {
		return err
	}
	for _, table := range shadows {
		b.shadows[strings.ToLower(table)] = true
	}
	ours, err := notAtomic(x.Conn, "main")
	if err != nil {
		return err
	}
	for _, schema := range schemas[1:] {
		file := x.Conn.Filename(schema)
		if file != "" && x.IsTrial() {
			if !attach.Redirects(x.DB) {
				b.files[schema] = trialWrite
				continue
			}
			file = attach.Original(x.DB, file)
		}
		theirs, err := notAtomic(x.Conn, schema)
		if err != nil {
			return err
		}
		why := ""
		switch {
		case file == "": // in memory, or temporary
			continue
		case ours != "":
			why = x.Name + " " + ours
		case theirs != "":
			why = file + " " + theirs
		default:
			if why := attach.Unwritable(x.DB, file); why != nil {
				b.files[schema] = fmt.Sprintf("this would write to %s: %v", file, why)
			}
			continue
		}
		b.files[schema] = fmt.Sprintf("this writes to %s too, and %s: a crash could leave the change in one of %[1]s and %[3]s only. "+
			"Give both a rollback journal (PRAGMA journal_mode = DELETE, synchronous on), or do it in a .py or .sh migration", file, why, x.Name)
	}
	return nil
}

// trialWrite refuses other files to a trial, which changes only the databases made for it.
const trialWrite = "this is only a trial, and would write to another file"

// notAtomic says what keeps a database from being committed together with another;
// "" if nothing does.
func notAtomic(c *sqlite.Conn, schema string) (why string, err error) {
	mode, err := c.Text("PRAGMA " + sqlite.Quote(schema) + ".journal_mode")
	if err != nil {
		return "", err
	}
	synchronous, err := c.Int("PRAGMA " + sqlite.Quote(schema) + ".synchronous")
	switch {
	case mode == "wal":
		return "is in WAL mode", err
	case mode == "memory" || mode == "off":
		return "has no journal on disk", err
	case synchronous == 0:
		return "has synchronous switched off", err
	}
	return "", err
}

// refusal says why the action must not happen; "" if it may.
func (b *forbidden) refusal(a sqlite.Action) string {
	database := a.Database
	switch a.Code {
	case sqlite.ActSelect, sqlite.ActRecursive, sqlite.ActTransaction, sqlite.ActSavepoint, sqlite.ActAttach, sqlite.ActDetach:
		return ""
	case sqlite.ActPragma:
		if !writingPragmas[strings.ToLower(a.Arg1)] || a.Arg2 == "" && strings.ToLower(a.Arg1) != "incremental_vacuum" {
			return ""
		}
	case sqlite.ActAlterTable:
		database = a.Arg1
	case sqlite.ActCreateVTable:
		if strings.EqualFold(a.Arg2, "sqlite_dbpage") {
			return pagesRefused
		}
	case sqlite.ActInsert, sqlite.ActUpdate, sqlite.ActDelete:
		table := strings.ToLower(a.Arg1)
		switch {
		case b.pages[table]:
			return pagesRefused
		case b.shadows[table]:
			return ""
		}
	}
	for schema, why := range b.files {
		if strings.EqualFold(database, schema) {
			return why
		}
	}
	return ""
}

const pagesRefused = "writing to the pages of a database (sqlite_dbpage) can destroy it: use SQL on its tables"

// writingPragmas are the PRAGMAs that write to the file of a database inside a
// transaction (https://sqlite.org/pragma.html). PRAGMA optimize does so by
// statements of its own, which the authorizer sees.
var writingPragmas = map[string]bool{
	"user_version": true, "application_id": true, "schema_version": true, "incremental_vacuum": true,
	"default_cache_size": true, "auto_vacuum": true, "encoding": true,
}

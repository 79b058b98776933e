// What a schema needs and SQLite here lacks, because only the application that made the
// schema adds it: functions, collations, tokenizers, modules of virtual tables.

package catalog

import (
	"errors"
	"slices"
	"strings"

	"fastmigrate/core/internal/sqlite"
)

// CannotCompile reports whether a statement failed because SQLite cannot compile it here,
// while the application that made the schema can.
func CannotCompile(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Primary() == sqlite.Generic
}

// LacksExtension reports whether the error names a function, module, collation or
// tokenizer that SQLite here lacks and an application may add.
func LacksExtension(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && slices.ContainsFunc(
		[]string{"no such function: ", "unknown function: ", "no such module: ", "no such collation sequence: ", "no such tokenizer: ", "unknown tokenizer: "},
		func(what string) bool { return strings.HasPrefix(e.Msg, what) })
}

// AbsentCollation names a collation that an index needs and SQLite here lacks; "" if
// there is none.
func AbsentCollation(c *sqlite.Conn) (string, error) {
	return c.Text(`SELECT x.coll FROM main.sqlite_schema AS s, pragma_index_xinfo(s.name, 'main') AS x
		WHERE s.type = 'index' AND s.sql IS NOT NULL AND upper(x.coll) NOT IN (SELECT upper(name) FROM pragma_collation_list)`)
}

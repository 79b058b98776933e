// Package prelude provides the functions that every file in Starlark can call, be it a
// Fastmigratefile, a migration or a test: they have no effect except printing.
//
//	rows := prelude.Rows(os.Stdout, os.Stderr)
package prelude

import (
	"io"
	"slices"

	"fastmigrate/builtins/internal/row"
)

// Rows returns print, warn, table, fail, attempt and quote_name. They print results to out
// and all else to log; while a file is loaded, they print everything to log.
func Rows(out, log io.Writer) []*row.Builtin {
	return slices.Concat(printing(out, log), outcome, quoting)
}

// Package prelude is what every file in Starlark can call, a Fastmigratefile, a
// migration and a test: functions that do nothing to the world but print.
//
//	rows := prelude.Rows(os.Stdout, os.Stderr)
package prelude

import (
	"io"
	"slices"

	"fastmigrate/builtins/internal/row"
)

// Rows gives print, warn, table, fail, attempt and quote_name. They print results to out, all else
// to log, and to log all that is printed while a file is loaded.
func Rows(out, log io.Writer) []*row.Builtin {
	return slices.Concat(printing(out, log), outcome, quoting)
}

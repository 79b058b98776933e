package prelude

import (
	"io"
	"slices"

	"fastmigrate/builtins/internal/row"
)

// Rows are the functions that every file in Starlark has, whatever it is for: they
// do nothing to the world but print, results to out and all else to log.
func Rows(out, log io.Writer) []*row.Builtin { return slices.Concat(printing(out, log), outcome) }

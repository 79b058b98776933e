package loss

import (
	"fmt"

	"fastmigrate/core/visible"
)

// Replaced describes a finding of the kind ValuesReplaced or RowsRepeated: "column
// users.code: all 3 values replaced by its own name".
func (f Finding) Replaced() string {
	if f.Kind == RowsRepeated {
		return fmt.Sprintf("table %s is rebuilt with %s in place of %d: %d are repeated", f.Now, visible.Count(f.RowsAfter, "row"), f.Rows, f.Lost)
	}
	place := f.Table + "." + f.Column
	some := fmt.Sprintf("%d of %s", f.Lost, visible.Count(f.Values, "value"))
	if f.By == ByNull {
		return fmt.Sprintf("column %s: %s became NULL", place, some)
	}
	if f.Lost == f.Values && f.Lost > 1 {
		some = "all " + visible.Count(f.Values, "value")
	}
	by := "others"
	switch f.By {
	case ByName:
		by = "its own name"
	case ByOne:
		by = shortened(f.Instead)
	case ByColumn:
		by = "those of " + f.Instead
	}
	return fmt.Sprintf("column %s: %s replaced by %s", place, some, by)
}

// shortened is a literal that fits into a line.
func shortened(literal string) string {
	if r := []rune(literal); len(r) > 40 {
		return string(r[:37]) + "..."
	}
	return literal
}

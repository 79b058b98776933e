package sqlite

import (
	"fmt"
	"strings"

	"fastmigrate/core/internal/split"
)

// Quote is a name as it stands in a statement.
func Quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Bare is a name as it stands in a statement, in quotes only if it needs them.
func Bare(name string) string { return split.Normal([]byte(Quote(name)), Words) }

// Comment is a text as it may stand in a comment that ends with its line.
func Comment(s string) string { return strings.NewReplacer("\n", " ", "\r", " ").Replace(s) }

// String is a string as it stands in a statement.
func String(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Literal is a value as SQL would write it, cut short.
func Literal(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		if r := []rune(v); len(r) > 40 {
			v = string(r[:40]) + "…"
		}
		return "'" + strings.ReplaceAll(v, "'", "''") + "'"
	case []byte:
		return fmt.Sprintf("x'%.20x'", v)
	}
	return fmt.Sprint(v)
}

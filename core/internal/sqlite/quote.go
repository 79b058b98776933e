package sqlite

import (
	"fmt"
	"strings"

	"fastmigrate/core/internal/split"
)

// Quote writes a name for a statement, always in quotes.
func Quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Bare writes a name for a statement, in quotes only if it needs them.
func Bare(name string) string { return split.Normal([]byte(Quote(name)), Words) }

// Comment writes a text for a comment of one line.
func Comment(s string) string { return strings.NewReplacer("\n", " ", "\r", " ").Replace(s) }

// String writes a string for a statement.
func String(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Literal writes a value, as [Stmt.Value] gives it, for a message: as in a statement, but
// cut short.
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

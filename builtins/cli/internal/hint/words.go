// Commands to type.

package hint

import (
	"strings"

	"fastmigrate/core/visible"
)

// InDir is a command on these migrations.
func (c Context) InDir(command string) string {
	if c.Dir == "migrations" {
		return command
	}
	return command + " --migrations " + QuotePath(c.Dir)
}

// On is a command on this database and these migrations.
func (c Context) On(command string) string {
	for _, f := range []struct{ flag, value, usual string }{{"--db", c.DB, "data/database.db"}, {"--migrations", c.Dir, "migrations"}} {
		if f.value == f.usual {
			continue
		}
		command += " " + f.flag + " " + QuotePath(f.value)
	}
	return command
}

// QuotePath is a path as a shell reads it, which no command takes for a flag.
func QuotePath(path string) string { return Quote(dashed(path)) }

// Quote is a word as a shell reads it, and as it can be shown.
func Quote(word string) string {
	if visible.Line(word) != word {
		return "$'" + visible.Line(strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(word)) + "'"
	}
	if word != "" && !strings.ContainsAny(word, " \t\n'\"\\$`&|;<>()*?[]#~!{}") {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// OnDB is a command on this database.
func (c Context) OnDB(command string) string {
	if c.DB == "data/database.db" {
		return command
	}
	return command + " --db " + QuotePath(c.DB)
}

// dashed is a path that no command takes for a flag.
func dashed(path string) string {
	if strings.HasPrefix(path, "-") {
		return "./" + path
	}
	return path
}

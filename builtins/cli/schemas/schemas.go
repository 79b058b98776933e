// Package schemas holds the JSON Schemas of what the program prints with --json: a file
// for the result of each command, named after it, and one for an error, which any command
// prints instead. One more describes the configuration file, as an object of its sections.
//
// All but that one are made from the Go types that are printed
// (go test ./builtins/cli -run TestSchemas -update).
package schemas

import (
	"embed"
	"strings"
)

//go:embed *.schema.json
var files embed.FS

// Of returns a schema by its name: that of a command, with - for a space, "error" or
// "config". It returns "" if there is none.
func Of(name string) string {
	text, _ := files.ReadFile(strings.ReplaceAll(name, " ", "-") + ".schema.json")
	return string(text)
}

// Names are the names of the schemas.
func Names() (names []string) {
	entries, _ := files.ReadDir(".")
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".schema.json"))
	}
	return names
}

package manual

import (
	"encoding/json"
	"strings"

	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/builtins/cli/schemas"
	"fastmigrate/starlark/command"
)

// Schema is the JSON Schema of a name that package schemas knows, as text and as a value.
// An unknown one is a [hint.Usage].
func Schema(name string) (text string, schema json.RawMessage, err error) {
	text = schemas.Of(name)
	if text == "" {
		return "", nil, hint.Usagef("there is no schema %q; they are %s", name, strings.Join(schemas.Names(), ", "))
	}
	return strings.TrimSuffix(text, "\n"), json.RawMessage(text), nil
}

// Schemas are the names that Schema knows, for a shell that completes them.
func Schemas() (list []command.Candidate) {
	for _, name := range schemas.Names() {
		list = append(list, command.Candidate{Word: name})
	}
	return list
}

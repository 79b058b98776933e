package command

import (
	"embed"
	"io/fs"
)

// Hidden is the command that the scripts call with the words that were typed. It
// prints the candidates, one a line, and nothing else, whatever happens.
const Hidden = "__complete"

//go:embed fastmigrate.*
var scripts embed.FS

// CompletionScript is what makes a shell (bash, zsh or fish) complete the commands of
// fastmigrate. Error: fs.ErrNotExist.
func CompletionScript(shell string) (string, error) {
	text, err := fs.ReadFile(scripts, "fastmigrate."+shell)
	return string(text), err
}

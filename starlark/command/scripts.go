package command

import (
	"embed"
	"io/fs"
)

// Hidden is the name of the command that the completion scripts call with the typed words.
// It prints the candidates, one a line, and nothing else, even if it fails.
const Hidden = "__complete"

//go:embed fastmigrate.*
var scripts embed.FS

// CompletionScript returns the script that makes a shell, bash, zsh, fish or powershell, complete the
// commands of fastmigrate. Error: [fs.ErrNotExist].
func CompletionScript(shell string) (string, error) {
	text, err := fs.ReadFile(scripts, "fastmigrate."+shell)
	return string(text), err
}

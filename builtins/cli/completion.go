// The command completion, and what its script calls.

package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"fastmigrate/builtins/cli/internal/manual"
	"fastmigrate/builtins/cli/internal/report"
	"fastmigrate/builtins/cli/internal/result"
	"fastmigrate/core"
	"fastmigrate/core/visible"
	"fastmigrate/starlark"
	"fastmigrate/starlark/command"
)

type completionScript struct {
	unconfigured `kong:"-"` // a shell that starts is anywhere
	Shell        string     `arg:"" enum:"bash,zsh,fish,powershell" help:"bash, zsh, fish or powershell."`
}

func (completionScript) Help() string {
	return `In ~/.bashrc:

    eval "$(fastmigrate completion bash)"

In ~/.zshrc, below compinit:

    eval "$(fastmigrate completion zsh)"

For fish, once:

    fastmigrate completion fish > ~/.config/fish/completions/fastmigrate.fish

For PowerShell, in the file that $PROFILE names:

    fastmigrate completion powershell | Out-String | Invoke-Expression`
}

func (c completionScript) Run(a *app) error {
	script, err := command.CompletionScript(c.Shell)
	if err != nil {
		return err
	}
	return a.Report(strings.TrimSuffix(script, "\n"), result.Completion{Shell: c.Shell, Script: script})
}

// complete prints the candidates for the last of words. A shell calls it while someone
// types, so it reports no errors, and soon gives up.
func complete(words []string) {
	found := make(chan []command.Candidate, 1)
	go func() { found <- candidates(words) }()
	select {
	case <-time.After(time.Second):
	case list := <-found:
		for _, c := range list {
			fmt.Println(command.Candidate{Word: visible.Line(c.Word), Help: visible.Line(c.Help)})
		}
	}
}

// candidates are what the last of words can become.
func candidates(words []string) []command.Candidate {
	a := &app{Context: context.Background(), Reporter: &report.Reporter{Results: io.Discard, Messages: io.Discard}}
	parser, err := (&grammar{}).parser(nil, io.Discard, io.Discard)
	if err != nil {
		return nil
	}
	return command.Complete(parser.Model.Node, words, map[string]command.Source{
		"command": func(_ map[string]string, words []string) []command.Candidate {
			return command.Complete(parser.Model.Node, words, nil)
		},
		"schema":   func(map[string]string, []string) []command.Candidate { return manual.Schemas() },
		"function": func(map[string]string, []string) []command.Candidate { return manual.Candidates() },
		"task": func(flags map[string]string, words []string) []command.Candidate {
			path := cmp.Or(flags["file"], os.Getenv("FASTMIGRATE_FILE"))
			if home, err := os.UserHomeDir(); err == nil && strings.HasPrefix(path, "~/") { // which no shell has read yet
				path = home + path[1:]
			}
			file, err := workflowFile{path, trustFlag{os.Getenv("FASTMIGRATE_TRUST") == "1"}}.load(a, core.Options{}, starlark.Options{})
			if err != nil {
				return nil
			}
			return command.CompleteTask(file, words)
		},
	})
}

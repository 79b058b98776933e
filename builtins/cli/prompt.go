// Questions on the terminal.

package cli

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"

	"fastmigrate/builtins/cli/internal/live"
	"fastmigrate/core/visible"
	"fastmigrate/starlark"
)

// confirm asks a question that is answered by yes or no.
func (a *app) confirm(ctx context.Context, question string) (bool, error) {
	if !live.IsTerminal(os.Stdin) {
		return false, &starlark.Error{Kind: "denied", Message: "there is no terminal to ask on: " + question, Hint: "--yes answers yes"}
	}
	answer, err := a.prompt(ctx, visible.Block(question)+" [y/N] ")
	answer = strings.ToLower(answer)
	return answer == "y" || answer == "yes", err
}

// ask asks for a parameter of a task that was not given.
func (a *app) ask(ctx context.Context, p starlark.Param) (string, error) {
	question := p.Name
	if p.Help != "" {
		question += " (" + strings.TrimSuffix(p.Help, ".") + ")"
	}
	return a.prompt(ctx, visible.Line(question)+": ")
}

// prompt reads a line from the terminal, unless ctx is done before.
func (a *app) prompt(ctx context.Context, text string) (string, error) {
	fmt.Fprint(os.Stderr, text) // what is typed ends the line
	type line struct {
		text string
		err  error
	}
	read := make(chan line, 1)
	go func() {
		text, err := bufio.NewReader(os.Stdin).ReadString('\n')
		read <- line{strings.TrimSpace(text), err}
	}()
	select {
	case <-ctx.Done():
		return "", context.Cause(ctx)
	case l := <-read:
		return l.text, l.err
	}
}

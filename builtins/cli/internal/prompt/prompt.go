// Package prompt asks questions on the terminal.
package prompt

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

// Confirm asks a question that is answered by yes or no. Errors: that of the kind denied if
// there is no terminal.
func Confirm(ctx context.Context, question string) (bool, error) {
	if !live.IsTerminal(os.Stdin) {
		return false, &starlark.Error{Kind: "denied", Message: "there is no terminal to ask on: " + question, Hint: "--yes answers yes"}
	}
	answer, err := read(ctx, visible.Block(question)+" [y/N] ")
	answer = strings.ToLower(answer)
	return answer == "y" || answer == "yes", err
}

// Parameter asks for a parameter of a task that was not given.
func Parameter(ctx context.Context, p starlark.Param) (string, error) {
	question := p.Name
	if p.Help != "" {
		question += " (" + strings.TrimSuffix(p.Help, ".") + ")"
	}
	return read(ctx, visible.Line(question)+": ")
}

// read reads a line from the terminal, unless ctx is done before.
func read(ctx context.Context, text string) (string, error) {
	fmt.Fprint(os.Stderr, text) // what is typed ends the line
	type line struct {
		text string
		err  error
	}
	got := make(chan line, 1)
	go func() {
		text, err := bufio.NewReader(os.Stdin).ReadString('\n')
		got <- line{strings.TrimSpace(text), err}
	}()
	select {
	case <-ctx.Done():
		return "", context.Cause(ctx)
	case l := <-got:
		return l.text, l.err
	}
}

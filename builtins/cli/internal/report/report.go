// Package report prints the result of a command or its error, as text for people or as
// JSON, and chooses the exit status. All other output of the program goes through it.
//
//	r := report.New(ctx)
//	os.Exit(r.End(command(r)))
package report

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/builtins/cli/internal/live"
	"fastmigrate/core/visible"
)

// Reporter prints the results and errors of a command. Its zero value needs writers.
type Reporter struct {
	Context  context.Context // that of the program, cancelled by a signal
	Names    hint.Context    // database, migrations and command that hints name
	Results  io.Writer       // on a terminal, without control characters
	Shown    io.Writer       // like Results, for text that is already safe to show, in colour
	Messages io.Writer       // all else
	JSON     bool            // results and errors are JSON
	Quiet    bool            // only errors are printed
	Verbose  bool            // every step is printed
	NoColor  bool
	Width    int // columns that results may take; 0 if they are not on a terminal

	stdout results
}

// New is a [Reporter] on standard output and standard error.
func New(ctx context.Context) *Reporter {
	r := &Reporter{Context: ctx, Messages: os.Stderr}
	r.Results = &r.stdout
	r.Width = live.Width(os.Stdout)
	if live.IsTerminal(os.Stderr) && !live.IsPlain() {
		line := live.On(os.Stderr)
		r.Results, r.Messages = line.Over(&r.stdout), line
	}
	if r.Shown = r.Results; live.IsTerminal(os.Stdout) {
		r.Results = visible.Results(r.Shown)
	}
	return r
}

// GiveWay hands standard output to the caller: from now on, results are printed like
// messages.
func (r *Reporter) GiveWay() (stdout io.Writer) {
	stdout = r.Results
	r.Results, r.Shown = r.Messages, r.Messages
	return stdout
}

// results is standard output, and its first write error. A reader that closes it early,
// as head does, is not an error.
type results struct{ err error }

func (r *results) Write(p []byte) (int, error) {
	n, err := os.Stdout.Write(p)
	if errors.Is(err, syscall.EPIPE) {
		return len(p), nil
	}
	r.err = cmp.Or(r.err, err)
	return n, err
}

// Tell prints a line that is not a result.
func (r *Reporter) Tell(text string) { fmt.Fprintln(r.Messages, visible.Message(text)) }

// Line is a line of a result: on a terminal it cannot break into several lines, elsewhere
// it is exact.
func (r *Reporter) Line(format string, args ...any) string {
	text := fmt.Sprintf(format, args...)
	if r.Shown != r.Results {
		text = visible.Line(text)
	}
	return text
}

// Lines makes each text a line of a report, which is always for people.
func Lines(texts []string) (list []string) {
	for _, text := range texts {
		list = append(list, visible.Line(text))
	}
	return list
}

// Advise prints hints below a report.
func (r *Reporter) Advise(hints []string) {
	if !r.Quiet && !r.JSON { // JSON has a key for them
		r.tellHints(hints)
	}
}

// Say prints a line of the result.
func (r *Reporter) Say(text string) {
	if !r.Quiet {
		fmt.Fprintln(r.Results, text)
	}
}

// Report prints the result of a command: the text, or with --json the data.
func (r *Reporter) Report(text string, data any) error {
	if !r.JSON {
		r.Say(text)
		return nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(data); err != nil {
		return err
	}
	_, err := r.Results.Write(visible.JSON(b.Bytes()))
	return err
}

func (r *Reporter) tellHints(hints []string) {
	for _, h := range hints {
		r.Tell("hint: " + h)
	}
}

// Show makes a text safe to show; on a terminal with colours, in the colour of code.
func (r *Reporter) Show(code, text string) string {
	text = visible.Text(text)
	if _, terminal := r.Messages.(*live.Line); code == "" || !terminal || r.NoColor || os.Getenv("NO_COLOR") != "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// Count returns "1 row" or "2 rows".
func Count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// Package report prints: the result of a command, or why there is none, as text for
// people or as JSON, and gives the exit status. What is printed elsewhere is printed
// through it.
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

// Reporter prints what a command did, or why it did not. Its zero value needs writers.
type Reporter struct {
	Context  context.Context // that of the program, which a signal ends
	Names    hint.Context    // what is known of what the command is about
	Results  io.Writer       // which a terminal shows without what controls it
	Shown    io.Writer       // as Results, for text that is fit to be shown already, in colour
	Messages io.Writer       // all else
	JSON     bool            // results and errors are JSON
	Quiet    bool            // only errors are printed
	Verbose  bool            // all that is done is printed
	NoColor  bool

	stdout results
}

// New is a [Reporter] on standard output and standard error.
func New(ctx context.Context) *Reporter {
	r := &Reporter{Context: ctx, Messages: os.Stderr}
	r.Results = &r.stdout
	if live.IsTerminal(os.Stderr) {
		line := live.On(os.Stderr)
		r.Results, r.Messages = line.Over(&r.stdout), line
	}
	if r.Shown = r.Results; live.IsTerminal(os.Stdout) {
		r.Results = visible.Results(r.Shown)
	}
	return r
}

// GiveWay has standard output to another: what is printed from now on is no result.
func (r *Reporter) GiveWay() (stdout io.Writer) {
	stdout = r.Results
	r.Results, r.Shown = r.Messages, r.Messages
	return stdout
}

// results is standard output, and what went wrong with it. A reader that went
// away, as head does, wants no more of it, which is nobody's failure.
type results struct{ err error }

func (r *results) Write(p []byte) (int, error) {
	n, err := os.Stdout.Write(p)
	if errors.Is(err, syscall.EPIPE) {
		return len(p), nil
	}
	r.err = cmp.Or(r.err, err)
	return n, err
}

// Tell prints a line that is no result.
func (r *Reporter) Tell(text string) { fmt.Fprintln(r.Messages, visible.Message(text)) }

// Line is a line of a result: on a terminal all that is in it is in that line, to
// others it is exact.
func (r *Reporter) Line(format string, args ...any) string {
	text := fmt.Sprintf(format, args...)
	if r.Shown != r.Results {
		text = visible.Line(text)
	}
	return text
}

// lines makes each text a line of a report, which is always for people.
func Lines(texts []string) (list []string) {
	for _, text := range texts {
		list = append(list, visible.Line(text))
	}
	return list
}

// Advise prints hints below a report.
func (r *Reporter) Advise(hints []string) {
	if !r.Quiet && !r.JSON { // which holds them
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

// Show makes a text fit to be shown, on a terminal that wants it in a colour.
func (r *Reporter) Show(code, text string) string {
	text = visible.Text(text)
	if _, terminal := r.Messages.(*live.Line); code == "" || !terminal || r.NoColor || os.Getenv("NO_COLOR") != "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// Count is as "1 row" or "2 rows".
func Count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

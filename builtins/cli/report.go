package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"syscall"

	"fastmigrate/builtins/cli/internal/live"
	"fastmigrate/core/visible"
)

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

// tell prints a line that is no result.
func (a *app) tell(text string) { fmt.Fprintln(a.err, visible.Message(text)) }

// line is a line of a result: on a terminal all that is in it is in that line, to
// others it is exact.
func (a *app) line(format string, args ...any) string {
	text := fmt.Sprintf(format, args...)
	if a.shown != a.out {
		text = visible.Line(text)
	}
	return text
}

// lines makes each text a line of a report, which is always for people.
func lines(texts []string) (list []string) {
	for _, text := range texts {
		list = append(list, visible.Line(text))
	}
	return list
}

// advise prints hints below a report.
func (a *app) advise(hints []string) {
	if !a.Quiet && !a.JSON { // which holds them
		a.tellHints(hints)
	}
}

// say prints a line of the result.
func (a *app) say(text string) {
	if !a.Quiet {
		fmt.Fprintln(a.out, text)
	}
}

// report prints the result of a command: the text, or with --json the data.
func (a *app) report(text string, data any) error {
	if !a.JSON {
		a.say(text)
		return nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(data); err != nil {
		return err
	}
	_, err := a.out.Write(visible.JSON(b.Bytes()))
	return err
}

func (a *app) tellHints(hints []string) {
	for _, h := range hints {
		a.tell("hint: " + h)
	}
}

// show makes a text fit to be shown, on a terminal that wants it in a colour.
func (a *app) show(code, text string) string {
	text = visible.Text(text)
	if _, terminal := a.err.(*live.Line); code == "" || !terminal || a.NoColor || os.Getenv("NO_COLOR") != "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

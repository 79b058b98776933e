// Package page writes the report of a rehearsal as a page for a browser or for printing:
// one file that needs nothing else.
package page

import (
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"fastmigrate/core"
	"fastmigrate/core/rehearse"
	"fastmigrate/core/visible"
)

//go:embed page.html
var source string

// page is parsed at its first use: no other command needs it.
var page = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{
		"version": func(v *int) string {
			if v == nil {
				return "none"
			}
			return fmt.Sprint(*v)
		},
		"words":  differ,
		"add":    func(a, b float64) float64 { return a + b },
		"draw":   draw,
		"took":   func(d time.Duration) string { return (core.Applied{Duration: d}).Took() },
		"count":  count,
		"has":    slices.Contains[[]string],
		"bar":    bar,
		"total":  total,
		"warned": warned,
		"clock":  clock,
	}).Parse(source))
})

// Write writes the page. failure is the error that ended the rehearsal, and hints say
// what to do about it; both are nil if it succeeded. made is the time that the page
// shows.
func Write(w io.Writer, list []rehearse.Report, failure error, hints []string, made time.Time) error {
	data := struct {
		List    []rehearse.Report
		Failure *failed
		Made    time.Time
	}{list, nil, made}
	if failure != nil {
		data.Failure = &failed{Text: failure.Error(), Hints: hints}
		if e := (*core.Error)(nil); errors.As(failure, &e) {
			data.Failure.Output = e.Output
			data.Failure.Source = point(e.Source, e.Column)
		}
	}
	var text strings.Builder
	if err := page().Execute(&text, data); err != nil {
		return err
	}
	_, err := io.WriteString(w, visible.Text(text.String())) // names and SQL may reverse the direction of text
	return err
}

// failed is the error that ended a rehearsal.
type failed struct {
	Text, Output string
	Source       []word // marked: where it failed
	Hints        []string
}

// point marks the token at a column of a line, in characters from 1; none at 0.
func point(source string, column int) []word {
	if source == "" {
		return nil
	}
	runes := []rune(source)
	if column < 1 || column > len(runes) {
		return []word{{source, ""}}
	}
	rest := string(runes[column-1:])
	n := max(len(token.Regexp().FindString(rest)), 1)
	return []word{{string(runes[:column-1]), ""}, {rest[:n], "mark"}, {rest[n:], ""}}
}

// clock is a time with its zone.
func clock(t time.Time) string {
	return strings.TrimSuffix(t.Format("2006-01-02 15:04 UTC-07:00"), "+00:00")
}

// bar is the share of d in the total time, in percent.
func bar(d time.Duration, r rehearse.Report) float64 {
	var longest time.Duration
	for _, m := range r.Applied {
		longest = max(longest, m.Duration)
	}
	return 100 * float64(d) / float64(max(longest, 1))
}

func total(r rehearse.Report) (sum time.Duration) {
	for _, m := range r.Applied {
		sum += m.Duration
	}
	return sum
}

// warned counts the warnings.
func warned(r rehearse.Report) int {
	n := len(r.Warnings)
	for _, m := range r.Applied {
		n += len(m.Warnings)
	}
	return n
}

func count(n any, noun string) string {
	if text := fmt.Sprint(n); text != "1" {
		return text + " " + noun + "s"
	}
	return "1 " + noun
}

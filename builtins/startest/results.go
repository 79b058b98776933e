package startest

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"fastmigrate/core/visible"
)

// Write prints the results of one file, at least one, as `go test` does: those that
// failed and, if all is true, the others too. show is as for [host.Error.Write].
func Write(w io.Writer, list []Result, all bool, show func(code, text string) string) {
	seconds, word := 0.0, "ok  "
	for _, r := range list {
		seconds += r.Seconds
		switch {
		case r.Errors != nil && r.Name != "":
			fmt.Fprintf(w, "--- FAIL: %s (%.2fs)\n", r.Name, r.Seconds)
		case r.Errors == nil && all:
			fmt.Fprintf(w, "--- PASS: %s (%.2fs)\n", r.Name, r.Seconds)
		}
		if r.Errors != nil || all {
			fmt.Fprint(w, indented(visible.Text(r.Output)))
		}
		if r.Errors != nil {
			word = "FAIL"
			fmt.Fprint(w, indented(r.explained(show)))
		}
	}
	fmt.Fprintf(w, "%s  %s  %.2fs\n", word, visible.Line(list[0].File), seconds)
}

func (r Result) explained(show func(code, text string) string) string {
	var b strings.Builder
	for _, e := range r.Errors {
		e.Write(&b, show)
	}
	return b.String()
}

// indented is a text in which each line begins with blanks.
func indented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("    " + strings.TrimRight(line, "\n") + "\n")
	}
	return b.String()
}

// JUnit returns the results in the XML that most servers for continuous integration
// read (https://github.com/testmoapp/junitxml).
func JUnit(list []Result) ([]byte, error) {
	type failure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	type testcase struct {
		Class   string   `xml:"classname,attr"`
		Name    string   `xml:"name,attr"`
		File    string   `xml:"file,attr"`
		Line    int      `xml:"line,attr,omitempty"`
		Time    string   `xml:"time,attr"`
		Failure *failure `xml:"failure"`
		Output  string   `xml:"system-out,omitempty"`
	}
	type suite struct {
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Cases    []testcase `xml:"testcase"`
	}
	top := struct {
		XMLName  xml.Name `xml:"testsuites"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Suites   []*suite `xml:"testsuite"`
	}{}
	for _, r := range list {
		if n := len(top.Suites); n == 0 || top.Suites[n-1].Name != visible.Line(r.File) {
			top.Suites = append(top.Suites, &suite{Name: visible.Line(r.File)})
		}
		s := top.Suites[len(top.Suites)-1]
		c := testcase{Class: visible.Line(r.File), Name: r.Name, File: visible.Line(r.File), Line: r.Line, Time: fmt.Sprintf("%.3f", r.Seconds), Output: visible.Text(r.Output)}
		if c.Name == "" {
			c.Name = "load"
		}
		if r.Errors != nil {
			c.Failure = &failure{visible.Text(r.Errors[0].Error()), r.explained(func(_, text string) string { return visible.Text(text) })}
			s.Failures++
			top.Failures++
		}
		s.Tests++
		top.Tests++
		s.Cases = append(s.Cases, c)
	}
	text, err := xml.MarshalIndent(top, "", "  ")
	return append([]byte(xml.Header), append(text, '\n')...), err
}

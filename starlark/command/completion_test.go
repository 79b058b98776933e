package command

import (
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// FuzzComplete: whatever was typed, a candidate begins with the last word.
func FuzzComplete(f *testing.F) {
	parser, err := kong.New(&struct {
		Text string   `short:"t"`
		Quit bool     `short:"q" negatable:""`
		List []string `short:"é"`
		Do   struct {
			Kind string   `arg:"" enum:"one,two"`
			Rest []string `arg:"" optional:"" passthrough:"" complete:"rest"`
		} `cmd:""`
	}{})
	if err != nil {
		f.Fatal(err)
	}
	sources := map[string]Source{"rest": func(_ map[string]string, words []string) []Candidate {
		return []Candidate{{Word: words[len(words)-1] + "x"}}
	}}
	for _, typed := range []string{"", "-qt\x00", "--no-q", "do\x00--text=a\x00o", "--\x00do\x00one\x00-é=\xff", "-qé"} {
		f.Add(typed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		words := strings.Split(typed, "\x00")
		for _, c := range Complete(parser.Model.Node, words, sources) {
			if !strings.HasPrefix(c.Word, words[len(words)-1]) || strings.ContainsAny(c.String(), "\n\x1b") {
				t.Errorf("Complete(%q) = %q", words, c)
			}
		}
	})
}

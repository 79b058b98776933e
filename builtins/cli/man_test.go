package cli

import (
	"io"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"fastmigrate/builtins/cli/internal/man"
	"fastmigrate/builtins/cli/internal/release"

	"github.com/alecthomas/kong"
)

// TestManPages: groff renders the page of each command without a warning, and the page has
// all that its help has: the texts, the flags, the examples.
func TestManPages(t *testing.T) {
	parser, err := (&grammar{}).parser(nil, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	words := func(text string) string {
		text = regexp.MustCompile("\x1b\\[[0-9;]*m|.\b").ReplaceAllString(text, "")
		return regexp.MustCompile("[\\s\u2010\u00ad]+").ReplaceAllString(text, "") // where a line is broken does not matter
	}
	for _, node := range append(parser.Model.Leaves(false), parser.Model.Node) {
		page := man.Page(node, release.Program)
		if node != parser.Model.Node && strings.Contains(page, "\n\n") {
			t.Errorf("%s: man(7) has no empty lines", node.Path())
		}
		cmd := exec.Command("groff", "-man", "-Tutf8", "-ww", "-Kutf8", "-P-c")
		cmd.Stdin = strings.NewReader(page)
		var warnings strings.Builder
		cmd.Stderr = &warnings
		out, err := cmd.Output()
		if err != nil || warnings.Len() > 0 {
			t.Fatalf("%s: %v: %s", node.Path(), err, warnings.String())
		}
		shown := words(string(out))
		want := []string{node.Help, node.Detail}
		for _, flags := range [][]*kong.Flag{node.Flags, parser.Model.Flags} {
			for _, f := range flags {
				if !f.Hidden {
					want = append(want, "--"+f.Name, f.Help)
				}
			}
		}
		for _, text := range want {
			for part := range strings.SplitSeq(text, "\n\n") {
				if !regexp.MustCompile(`^Examples?:$`).MatchString(part) && !strings.Contains(shown, words(part)) {
					t.Errorf("%s: the page lacks %q:\n%s", node.Path(), part, out)
				}
			}
		}
	}
}

package arguments

import (
	"slices"
	"strings"
	"testing"
)

func TestCommand(t *testing.T) {
	for args, want := range map[string]string{
		"":                         "",
		"--version":                "version",
		"-q -V --config none.ini":  "version",
		"--json --version":         "version --json",
		"status --version":         "status --version",
		"-V status":                "version",
		"test -run a -run=b":       "test --run a --run=b",
		"-v test -run a":           "-v test --run a",
		"run test -run a":          "run test -run a",
		"test --run a -running -r": "test --run a -running -r",
	} {
		if got := Command(strings.Fields(args)); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("Command(%s) = %q, want %s", args, got, want)
		}
	}
}

package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// TestParseOfNamedCommands: the model of the commands that the arguments name reads them as
// that of all commands does. The command lines are those of the scripts.
func TestParseOfNamedCommands(t *testing.T) {
	lines := [][]string{{}, {"--json"}, {"status"}, {"--db", "status", "run-migrations"}, {"runmigrations", "status"}, {"run_migrations", "--to", "3"},
		{"-v", "restore-db", "run"}, {"run", "status", "--help"}, {"test", "--help"}, {"-h"}, {"new", "wait", "-t", "py"}, {"wait", "--nope"}, {""}}
	scripts, err := filepath.Glob("../../testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, path := range scripts {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if _, args, ok := strings.Cut(line, "exec fastmigrate "); ok && !seen[args] {
				seen[args] = true
				lines = append(lines, strings.Fields(strings.ReplaceAll(args, "'", "")))
			}
		}
	}
	if len(lines) < 500 {
		t.Fatalf("%d command lines", len(lines))
	}
	alone := 0
	for _, args := range lines {
		if slices.Contains(args, "--help") || slices.Contains(args, "-h") { // after which kong exits, if it is not a task's
			_, k, err := parseBy(args, args, io.Discard, io.Discard, kong.NoDefaultHelp())
			if err == nil && k.Selected() != nil && k.Selected().Name != "run" {
				t.Errorf("%q: the help is not given", args)
			}
			continue
		}
		g, k, err := parse(args, io.Discard, io.Discard)
		want, wantK, wantErr := parseBy(nil, args, io.Discard, io.Discard)
		switch {
		case fmt.Sprint(err) != fmt.Sprint(wantErr):
			t.Errorf("%q: %v, want %v", args, err, wantErr)
		case err != nil:
		case k.Command() != wantK.Command() || !reflect.DeepEqual(read(g, k), read(want, wantK)):
			t.Errorf("%q: %s %+v, want %s %+v", args, k.Command(), read(g, k), wantK.Command(), read(want, wantK))
		case len(k.Model.Children) == 1:
			alone++
		}
	}
	if alone < len(lines)/2 {
		t.Errorf("%d of %d command lines are read by a model of their command alone", alone, len(lines))
	}
}

// read is what was read: the flags of every command, those of the command, and those of
// others that are heeded whatever the command is.
func read(g *grammar, k *kong.Context) []any {
	return []any{g.flags, k.Selected().Target.Interface(), g.RunMigrations, g.Rehearse, g.Status, g.Adopt.From, g.Completion}
}

// TestParseHeedsVariables: a variable of a setting counts whatever the command is.
func TestParseHeedsVariables(t *testing.T) {
	for name, got := range map[string]func(*grammar) *string{
		"FASTMIGRATE_DB":     func(g *grammar) *string { return g.DB },
		"FASTMIGRATE_PYTHON": func(g *grammar) *string { return g.RunMigrations.Python },
		"FASTMIGRATE_SHELL":  func(g *grammar) *string { return g.RunMigrations.Shell },
	} {
		t.Setenv(name, "x")
		g, _, err := parse([]string{"status"}, io.Discard, io.Discard)
		if err != nil || got(g) == nil || *got(g) != "x" {
			t.Errorf("%s=x is not heeded: %v", name, err)
		}
	}
}

// TestReadmeNamesCommands finds each command in the table of the README, and nothing else
// there.
func TestReadmeNamesCommands(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "\n## Commands\n")
	table, _, _ = strings.Cut(table, "\n## ")
	var shown []string
	for _, row := range strings.Split(table, "\n") {
		cell, _, _ := strings.Cut(strings.TrimPrefix(row, "| "), " | ")
		for _, name := range strings.Split(cell, ", ") {
			if name, ok := strings.CutPrefix(name, "`"); ok {
				shown = append(shown, strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == '`' })[0])
			}
		}
	}
	parser, err := (&grammar{}).parser(nil, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, c := range parser.Model.Children {
		names[c.Name] = true
		if !c.Hidden && !slices.Contains(shown, c.Name) {
			t.Errorf("the README does not name the command %s", c.Name)
		}
		for _, alias := range c.Aliases {
			names[alias] = true
		}
	}
	for _, name := range shown {
		if !names[name] {
			t.Errorf("the README names %s, which is no command", name)
		}
	}
}

package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"fastmigrate/builtins/cli/guide"
	"fastmigrate/builtins/cli/schemas/schematest"
	"fastmigrate/core/coretest/powerloss"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata")

func TestMain(m *testing.M) {
	recorded := func() { schematest.Record(main) }
	commands := map[string]func(){"fastmigrate": recorded}
	// The names that the Python package's commands have.
	for _, name := range []string{"create_db", "check_version", "backup_db", "run_migrations", "enroll_db"} {
		commands["fastmigrate_"+name] = recorded
	}
	testscript.Main(m, commands)
}

// TestScripts runs the program as its users do: testdata holds a script for each
// behaviour. What they have it print with --json has to have its schema.
func TestScripts(t *testing.T) {
	shop, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	old := os.Getenv("OLD_FASTMIGRATE") // the program of version 0.1
	if old == "" && os.Getenv("CI") != "" {
		t.Error("OLD_FASTMIGRATE does not name version 0.1, which .ci/run builds")
	}
	printed, scripts := t.TempDir(), atomic.Int64{}
	t.Cleanup(func() {
		files, err := filepath.Glob("testdata/*.txtar")
		schematest.Check(t, printed, err == nil && int(scripts.Load()) == len(files))
	})
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"synced": synced},
		Setup: func(env *testscript.Env) error {
			env.Setenv("EXAMPLES", shop+"/examples")
			env.Setenv("OLD", old)
			env.Setenv("JSON_SEEN", printed)
			scripts.Add(1)
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name != "old" {
				return false, fmt.Errorf("there is no condition %s", name)
			}
			return old != "", nil
		},
	})
}

// TestReadme pastes the README into one shell, in an empty directory, as a reader
// would: from the clone, which the stand-in for git makes, to the end.
func TestReadme(t *testing.T) {
	dir, bin := t.TempDir(), t.TempDir()
	git := fmt.Sprintf("#!/bin/sh\n[ \"$*\" = 'clone REPOSITORY fastmigrate' ] && mkdir fastmigrate && ln -s '%s'/* fastmigrate && rm -f fastmigrate/fastmigrate\n", directory(t))
	if err := os.WriteFile(filepath.Join(bin, "git"), []byte(git), 0o755); err != nil {
		t.Fatal(err)
	}
	paste(t, "README.md", dir, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	clone, err := os.ReadDir(filepath.Join(dir, "fastmigrate"))
	for _, file := range clone {
		if file.Type() != os.ModeSymlink && file.Name() != "fastmigrate" {
			t.Errorf("the README leaves %s in the clone", file.Name())
		}
	}
	if err != nil || len(clone) < 10 {
		t.Errorf("the clone has %v: %v", clone, err)
	}
	for _, made := range []string{"fastmigrate", "try"} {
		if err := os.RemoveAll(filepath.Join(dir, made)); err != nil {
			t.Error(err)
		}
	}
	if text, err := os.ReadFile("README.md"); err != nil || bytes.Count(text, []byte("\n")) > 250 {
		t.Errorf("README.md has more than 250 lines: what is long belongs in a guide (%v)", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("beside the clone and its own directory the README leaves %v, %v", left, err)
	}
}

// TestGuides pastes each guide into one shell, in an empty directory beside the clone.
func TestGuides(t *testing.T) {
	for _, g := range guide.All() {
		t.Run(g.Name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := errors.Join(os.Symlink(directory(t), filepath.Join(dir, "fastmigrate")), os.Mkdir(filepath.Join(dir, "try"), 0o755)); err != nil {
				t.Fatal(err)
			}
			paste(t, filepath.Join("builtins/cli/guide", g.Name+".md"), filepath.Join(dir, "try"))
		})
	}
}

// directory is that of this repository.
func directory(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// block is what a shell is given in a text, and what the text says that it prints: in the
// block below, or nothing.
var block = regexp.MustCompile("(?s)\n```sh\n(.*?)```\n(?:\n```text\n(.*?)```\n)?")

// paste gives the blocks of a text to one shell in dir. What each prints must be
// what the text shows, but for what changes from run to run; a line "..." in the text stands
// for any number of lines.
func paste(t *testing.T, name, dir string, env ...string) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	const end = "\036\n" // of what a block prints
	var input strings.Builder
	blocks := block.FindAllSubmatchIndex(text, -1)
	for _, at := range blocks {
		fmt.Fprintf(&input, "%sprintf '\\036\\n'\n", text[at[2]:at[3]])
	}
	shell := exec.Command("sh")
	shell.Dir, shell.Env, shell.Stdin = dir, append(os.Environ(), env...), strings.NewReader(input.String())
	out, err := shell.CombinedOutput()
	host, _ := os.Hostname()
	printed := strings.Split(strings.NewReplacer(" "+host+"\n", " host\n", `"`+host+`"`, `"host"`, filepath.Dir(dir), "/home/you").Replace(string(out)), end)
	if err != nil || len(printed) != len(blocks)+1 {
		t.Fatalf("%s has %d blocks, %d ended: %v\n%s", name, len(blocks), len(printed)-1, err, out)
	}
	result, done := "", 0
	for i, at := range blocks {
		want := ""
		if at[4] >= 0 {
			want = string(text[at[4]:at[5]])
		}
		if got := printed[i]; !shows(want, got) {
			t.Errorf("%s: this prints something else:\n%s\n%s", name, text[at[2]:at[3]], diff.Diff(name, []byte(want), "printed", []byte(got)))
			if at[4] >= 0 && !strings.Contains("\n"+want, "\n...\n") { // which a person has to edit
				result, done = result+string(text[done:at[4]])+renew(want, got), at[5]
			}
		}
	}
	if *update && done > 0 {
		if err := os.WriteFile(name, []byte(result+string(text[done:])), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// renew is an output with the lines of the text that show the same, such as another time.
func renew(text, output string) string {
	old, lines := strings.Split(text, "\n"), strings.Split(output, "\n")
	for i := range lines {
		if len(old) == len(lines) && shows(old[i], lines[i]) {
			lines[i] = old[i]
		}
	}
	return strings.Join(lines, "\n")
}

// changing is what of an output changes from run to run.
var changing = []struct {
	is *regexp.Regexp
	as string
}{
	{regexp.MustCompile(`\b[0-9.]+(µs|ms|s)\b`), "1ms"},
	{regexp.MustCompile(`\bpid [0-9]+`), "pid 1"},
	{regexp.MustCompile(` +`), " "}, // in columns
	{regexp.MustCompile(`"nanoseconds": [0-9]+`), `"nanoseconds": 0`},
	{regexp.MustCompile(`\b[0-9]{8}_[0-9]{6}\b`), "20260101_120000"},
	{regexp.MustCompile(`\b[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9:]{5}| [A-Z]{3,4})?)?`), "2026-01-01"},
	{regexp.MustCompile(`("program": "|"sqlite": "|FastMigrate version: )[0-9.]+`), "${1}1.0"},
	{regexp.MustCompile(`"(bytes|free)": [0-9]+`), `"$1": 0`},
	{regexp.MustCompile(`\b[0-9a-f]{64}\b`), "SHA-256"},
}

// shows reports whether an output is what a text says.
func shows(text, output string) bool {
	for _, c := range changing {
		text, output = c.is.ReplaceAllString(text, c.as), c.is.ReplaceAllString(output, c.as)
	}
	pattern := strings.ReplaceAll(regexp.QuoteMeta("\n"+text), "\n\\.\\.\\.\n", "\n(?s:.*\n)?")
	return regexp.MustCompile("^" + pattern + "$").MatchString("\n" + output)
}

// TestShows pins what counts as the same output.
func TestShows(t *testing.T) {
	for _, c := range []struct {
		text, output string
		want         bool
	}{
		{"", "", true},
		{"", "a\n", false},
		{"a.b\n", "axb\n", false},
		{"a.sql    1ms\n", "a.sql 120.5ms\n", true},
		{"app.db.20260101_120000.backup\n", "app.db.20261130_204128.backup\n", true},
		{"a\n...\nd\n", "a\nb\nc\nd\n", true},
		{"a\n...\nd\n", "a\nd\n", true},
		{"a\n...\nd\n", "a\nb\n", false},
		{"...\nd\n", "a\nd\n", true},
		{"a\n...\n", "a\nb\n", true},
		{"a\n...\n", "b\n", false},
	} {
		if got := shows(c.text, c.output); got != c.want {
			t.Errorf("shows(%q, %q) = %v, want %v", c.text, c.output, got, c.want)
		}
	}
}

// TestModuleElsewhere runs the command of CONTRIBUTING.md that gives the module another
// path on a copy of the source, and has Go find all that its packages import.
func TestModuleElsewhere(t *testing.T) {
	text, err := os.ReadFile("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	command := regexp.MustCompile(`(?m)^go mod edit -module ([^\n]*\\\n)*[^\n]*`).Find(text)
	if command == nil {
		t.Fatal("CONTRIBUTING.md has no go mod edit -module")
	}
	dir := t.TempDir()
	for _, top := range []string{"go.mod", "go.sum", "main.go", "main_test.go", "README.md", "builtins", "core", "starlark", "examples", "testdata"} {
		if out, err := exec.Command("cp", "-r", top, dir).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	cmd := exec.Command("sh", "-ec", string(command)+"\ngo list -deps -test ./... | grep -c '^example.org/fastmigrate/'")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
}

// TestEmbedExample runs the example of embedding twice: the second time there is
// nothing to do.
func TestEmbedExample(t *testing.T) {
	db := filepath.Join(t.TempDir(), "notes.db")
	for _, want := range []string{"applied 0001-create-notes.sql\napplied 0002-welcome.py\napplied 0003-pin-notes.sql\nready\n", "ready\n"} {
		out, err := exec.Command("go", "run", "./examples/embed", "-db", db).CombinedOutput()
		if err != nil || string(out) != want {
			t.Errorf("%v: %s", err, out)
		}
	}
}

// synced is the command "synced COMMAND": it runs it and fails if, when something is
// printed or at the end, a loss of power could take away what it made.
func synced(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: synced command")
	}
	trace := filepath.Join(ts.Getenv("TMPDIR"), "trace")
	d := powerloss.Watch(ts.MkAbs("."))
	ts.Check(ts.Exec("strace", powerloss.Arguments(trace, args)...))
	if problems := d.Replay(ts.ReadFile(trace)); len(problems) > 0 {
		ts.Fatalf("%s", strings.Join(problems, "\n"))
	}
	if d.Made+d.Commits == 0 {
		ts.Fatalf("nothing was made")
	}
}

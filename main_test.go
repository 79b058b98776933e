package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"fastmigrate/builtins/cli/guide"
	"fastmigrate/core/coretest/powerloss"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata")

func TestMain(m *testing.M) {
	commands := map[string]func(){"fastmigrate": main}
	// The names that the Python package's commands have.
	for _, name := range []string{"create_db", "check_version", "backup_db", "run_migrations", "enroll_db"} {
		commands["fastmigrate_"+name] = main
	}
	testscript.Main(m, commands)
}

// TestScripts runs the program as its users do: testdata holds a script for each
// behaviour.
func TestScripts(t *testing.T) {
	shop, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	old := os.Getenv("OLD_FASTMIGRATE") // the program of version 0.1
	if old == "" && os.Getenv("CI") != "" {
		t.Error("OLD_FASTMIGRATE does not name version 0.1, which .ci/run builds")
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"synced": synced},
		Setup: func(env *testscript.Env) error {
			env.Setenv("EXAMPLES", shop+"/examples")
			env.Setenv("OLD", old)
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

// TestReadme runs what the README shows: the command that builds the program,
// and each block of a console, whose output must be the same but for times.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	build := regexp.MustCompile(`(?m)^CGO_ENABLED=0 go build .*$`).FindString(string(readme))
	shell := func(dir, command string) string {
		cmd := exec.Command("sh", "-c", command)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			return fmt.Sprintf("%s[exit status %d]\n", out, exit.ExitCode())
		} else if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	if out := shell(root, strings.TrimSuffix(build, ".")+"-o "+dir+"/fastmigrate ."); build == "" || out != "" {
		t.Fatalf("%q: %s", build, out)
	}
	if err := os.Symlink(filepath.Join(root, "examples"), filepath.Join(dir, "examples")); err != nil {
		t.Fatal(err)
	}
	times := regexp.MustCompile(` +[0-9.]+(µs|ms|s)\b`)
	blocks := regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	if len(blocks) < 2 {
		t.Fatalf("the README shows %d consoles", len(blocks))
	}
	for _, block := range blocks {
		for _, shown := range strings.Split(block[1], "$ ")[1:] {
			command, want, _ := strings.Cut(shown, "\n")
			got := shell(dir, command)
			if times.ReplaceAllString(got, " T") != times.ReplaceAllString(want, " T") {
				t.Errorf("$ %s\n%s\nthe README shows\n%s", command, got, want)
			}
		}
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
	printed := strings.Split(string(out), end)
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
			if at[4] >= 0 {
				result, done = result+string(text[done:at[4]])+got, at[5]
			}
		}
	}
	if *update && done > 0 {
		if err := os.WriteFile(name, []byte(result+string(text[done:])), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// changing is what of an output changes from run to run.
var changing = []struct {
	is *regexp.Regexp
	as string
}{
	{regexp.MustCompile(` +[0-9.]+(µs|ms|s)\b`), " T"},
	{regexp.MustCompile(`"nanoseconds": [0-9]+`), `"nanoseconds": 0`},
	{regexp.MustCompile(`\b[0-9]{8}_[0-9]{6}\b`), "20260101_120000"},
	{regexp.MustCompile(`\b[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9:]{5}| [A-Z]{3,4})?`), "2026-01-01 12:00"},
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

// TestModuleOutside builds and runs a module elsewhere that imports core, as a
// user's would.
func TestModuleOutside(t *testing.T) {
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	sum, err := os.ReadFile("go.sum")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"go.mod": "module app\n\ngo 1.26.0\n\nrequire fastmigrate v0.0.0\n\nreplace fastmigrate => " + root + "\n",
		"go.sum": string(sum),
		"main.go": `package main

import (
	"context"
	"embed"
	"fmt"

	"fastmigrate/core"
)

//go:embed *.sql
var files embed.FS

func main() {
	ctx := context.Background()
	core.CreateDB(ctx, "app.db", core.Options{})
	fmt.Println(core.RunMigrations(ctx, "app.db", files, core.Options{To: 1}))
	fmt.Println(core.Version(ctx, "app.db", core.Options{}))
}
`,
		"0001-a.sql": "CREATE TABLE a(x)",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", "run", "-mod=mod", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.HasSuffix(string(out), "<nil>\n1 <nil>\n") {
		t.Fatalf("%v: %s", err, out)
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

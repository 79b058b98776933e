package builtins_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"fastmigrate/builtins"
	"fastmigrate/core"
	host "fastmigrate/starlark"
	"fastmigrate/starlark/command"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
	"go.starlark.net/starlarktest"
)

// project makes a directory with databases and migrations, and is in it.
func project(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"migrations/0001-customers.sql": "CREATE TABLE customers(id INTEGER PRIMARY KEY, name TEXT);\nINSERT INTO customers VALUES (1, 'Ada'), (2, 'Bob');\n",
		"migrations/0002-orders.sql":    "CREATE TABLE orders(id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers(id));\n",
		"migrations/0003-paid.sql":      "ALTER TABLE orders ADD COLUMN paid INTEGER;\n",
		"broken/0001-a.sql":             "CREATE TABLE a(x);\n",
		"broken/0002-b.sql":             "CREATE TABLE b(x);\nINSERT INTO nope VALUES (1);\n",
		"text.db":                       "not a database, but long enough that it could be one, as a header has a hundred bytes: it is not, though",
		"latin.txt":                     "caf\xe9",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	if _, _, err := core.CreateDB(ctx, "data/shop.db", core.Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := core.RunMigrations(ctx, "data/shop.db", os.DirFS("migrations"), core.Options{To: 2}); err != nil {
		t.Fatal(err)
	}
	// One that no migration has made.
	cmd := exec.Command("sqlite3", "data/legacy.db", "CREATE TABLE old(x); INSERT INTO old VALUES (1)")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// run runs the task of a file, or the file if it is a script, and gives what it
// printed.
func run(t *testing.T, text, task string, args []string, names starlark.StringDict) (string, error) {
	t.Helper()
	var out bytes.Buffer
	set := builtins.New(builtins.Options{Out: &out, Confirm: func(context.Context, string) (bool, error) { return true, nil }}).Predeclared()
	for name, v := range names {
		set[name] = v
	}
	if err := os.WriteFile(host.Name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	err := command.Run(t.Context(), os.DirFS("."), task, args, host.Options{Predeclared: set})
	return out.String(), err
}

// TestStarlark runs the tests that are written in Starlark.
func TestStarlark(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.star")
	if len(files) == 0 {
		t.Fatal("there are none")
	}
	module, err := starlarktest.LoadAssertModule()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".star"), func(t *testing.T) {
			project(t)
			assert := &starlarkstruct.Module{Name: "assert", Members: starlark.StringDict{}}
			for name, fn := range module["assert"].(*starlarkstruct.Module).Members {
				assert.Members[name] = starlark.NewBuiltin(name, func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
					starlarktest.SetReporter(thread, t)
					return starlark.Call(thread, fn, args, kwargs)
				})
			}
			if _, err := run(t, string(text), "", nil, starlark.StringDict{"assert": assert}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// printed is what the example of each function prints.
var printed = map[string]string{
	"arg": "", "task": "",
	"attempt":     "False not_found\n",
	"backup_db":   "2 True\n",
	"backups":     "[2]\n",
	"check_db":    "",
	"confirm":     "continuing\n",
	"create_db":   "0\n",
	"db_version":  "2\n",
	"defer":       "at work\nover\n",
	"drift":       "True\n",
	"enroll_db":   "1\n",
	"env":         "data/shop.db\n",
	"execute":     "1\n",
	"exists":      "True False\n",
	"fail":        "",
	"glob":        "data/shop.db 2\n",
	"pending":     "3 0003-paid.sql\n",
	"print":       "version 3\n",
	"quote_name":  "select count(*) from \"order\"\n",
	"transaction": "0 orders moved\n",
	"tx.query":    "2\n",
	"tx.execute":  "", "tx.execute_many": "",
	"query":          "1 Ada\n2 Bob\n2\n",
	"read_file":      "True\n",
	"restore_db":     "True\n",
	"run_migrations": "2 3\n",
	"schema":         "[\"customers\", \"orders\"]\n",
	"sh":             "hello\n\n1\n",
	"table":          "id  name\n1   Ada\n2   Bob\nversion  db\n3        a.db\n",
	"warn":           "",
}

// TestModules runs the example of each module. That of migrate is a migration, which
// is tested where they are.
func TestModules(t *testing.T) {
	want := map[string]string{"json": "{\"a\":[1,null]} 1\n", "math": "2 3.0\n", "time": "2024\n1m30s\n", "struct": "ada\n"}
	for _, b := range builtins.Modules() {
		if b.Name == "migrate" {
			continue
		}
		if got, err := run(t, b.Example+"\n", "", nil, nil); err != nil || got != want[b.Name] {
			t.Errorf("%s: %q, %v", b.Name, got, err)
		}
	}
}

// TestExamples runs what the documentation shows.
func TestExamples(t *testing.T) {
	for _, b := range slices.Concat(builtins.All(), builtins.Transaction()) {
		t.Run(b.Name, func(t *testing.T) {
			want, known := printed[b.Name]
			if !known {
				t.Fatal("what does its example print?")
			}
			project(t)
			if b.Name != "enroll_db" {
				os.Remove("data/legacy.db")
			}
			task, args := "", []string(nil)
			switch b.Name {
			case "task":
				args, want = []string{"test"}, "test\n"
			case "arg":
				task, args, want = "read", []string{"x.txt"}, "x.txt 10\n"
			case "fail":
				task = "check"
			case "transaction":
				task = "merge"
			}
			got, err := run(t, b.Example+"\n", task, args, nil)
			if b.Name == "fail" { // its task does
				err = nil
			}
			if err != nil || got != want {
				t.Errorf("%v\n%s\nprinted\n%s\nwant\n%s", err, b.Example, got, want)
			}
		})
	}
}

// TestDocumented: nothing is there without its documentation.
func TestDocumented(t *testing.T) {
	for _, b := range slices.Concat(builtins.All(), builtins.Transaction()) {
		summary, _, _ := strings.Cut(b.Doc, "\n")
		if summary == "" || !strings.HasSuffix(summary, ".") || b.Returns == "" || b.Effect == "" || !strings.Contains(b.Example, b.Name) {
			t.Errorf("%s: %+v", b.Name, b)
		}
		for _, p := range b.Params {
			if p.Name == "" || p.Type == "" || p.Doc == "" {
				t.Errorf("%s: %+v", b.Name, p)
			}
		}
		if !slices.IsSorted(b.Errors) {
			t.Errorf("%s: %v are not sorted", b.Name, b.Errors)
		}
		for _, kind := range b.Errors {
			if builtins.Kinds[kind] == "" {
				t.Errorf("%s: there is no kind %s", b.Name, kind)
			}
		}
		for _, part := range []string{b.Signature(), b.Doc, b.Returns} {
			if !strings.Contains(b.Text(), part) {
				t.Errorf("%s: its text lacks %q", b.Name, part)
			}
		}
	}
}

// sample is an argument of each type.
var sample = map[string]string{
	"string": `"int"`, "path": `"p"`, "int": "1", "bool": "True", "list": `["a"]`, "dict": "{}", "list or dict": `{"a": 1}`, "function": "f", "duration": `"1s"`, "any": "[]",
}

// TestParams: every parameter can be given in its place and by its name; what it is
// not is said.
func TestParams(t *testing.T) {
	for _, b := range builtins.All() {
		var places, names, wrong []string
		for _, p := range b.Params {
			v, ok := sample[p.Type]
			if !ok {
				t.Fatalf("%s: there is no type %s", b.Name, p.Type)
			}
			places, names = append(places, v), append(names, p.Name+" = "+v)
			if p.Type != "any" {
				wrong = append(wrong, p.Name+" = 1.5")
			}
		}
		for _, args := range [][]string{places, names, wrong} {
			project(t)
			call := b.Name + "(" + strings.Join(args, ", ") + ")"
			file := "def f(a = 1): pass\ndef g():\n  " + call + "\n"
			if b.Name == "task" || b.Name == "arg" {
				file = "def f(a = 1): pass\ndef g(): pass\n" + call + "\n"
			}
			_, err := run(t, file, "g", nil, nil)
			var message string
			if err != nil {
				message = err.Error()
			}
			switch refused := strings.Contains(message, b.Name+": "+firstOf(b.Params)+" must be "); {
			case len(wrong) > 0 && slices.Equal(args, wrong) && strings.Count(message, " must be ") < len(wrong):
				t.Errorf("%s: %v", call, err)
			case !slices.Equal(args, wrong) && (refused || strings.Contains(message, "it has no parameter") || strings.Contains(message, "it takes")):
				t.Errorf("%s: %v", call, err)
			}
		}
		if b.Rest == "" {
			project(t)
			if _, err := run(t, "def g(): pass\nx = "+b.Name+"(nope = 1)\n", "g", nil, nil); err == nil {
				t.Errorf("%s takes any parameter", b.Name)
			}
		}
	}
}

func firstOf(params []builtins.Param) string {
	if len(params) == 0 {
		return ""
	}
	return params[0].Name
}

// TestLoadTouchesNothing calls everything while a file is loaded, among databases
// that would be noticed: what has an effect is refused, and nothing has changed or
// was made.
func TestLoadTouchesNothing(t *testing.T) {
	project(t)
	if err := os.WriteFile("data/shop.db-journal", []byte("as of a crash"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(host.Name, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	before := listing(t)
	for _, b := range builtins.All() {
		var args []string
		for _, p := range b.Params {
			v := sample[p.Type]
			switch p.Name {
			case "db", "path", "backup":
				v = `"data/shop.db"`
			case "sql":
				v = `"select 1"`
			case "command":
				v = `["touch", "made"]`
			case "pattern":
				v = `"*"`
			}
			if p.Default == "" {
				args = append(args, v)
			}
		}
		if b.Name == "attempt" {
			args = []string{"create_db", `"made.db"`}
		}
		_, err := host.Load(t.Context(), fstest.MapFS{host.Name: {Data: []byte("def f(): pass\n" + b.Name + "(" + strings.Join(args, ", ") + ")\n")}},
			host.Options{Predeclared: builtins.New(builtins.Options{}).Predeclared()})
		refused := err != nil && strings.Contains(err.Error(), b.Name+" works only while a task runs")
		if want := b.Effect != builtins.None || b.Name == "defer" || b.Name == "confirm"; refused != want {
			t.Errorf("%s: refused is %v, want %v: %v", b.Name, refused, want, err)
		}
		if after := listing(t); after != before {
			t.Fatalf("%s: there is\n%s\nthere was\n%s", b.Name, after, before)
		}
	}
}

// TestWorldOfOptions: the environment, the programs of sh and the clock are what
// Options says, and no program runs.
func TestWorldOfOptions(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("STAGE", "live")
	var out bytes.Buffer
	var calls []string
	o := builtins.Options{Out: &out, Getenv: func(name string) string { return "a " + name },
		Sh: func(_ *starlark.Thread, command []string, input *string) (int, string, error) {
			call := strings.Join(command, " ")
			if input != nil {
				call += " < " + *input
			}
			calls = append(calls, call)
			return len(calls) - 1, "done", nil
		},
		Now: func() time.Time { return time.Unix(0, 0) }}
	text := `def f():
    print(env("STAGE"), time.now().unix, sh(["touch", "made"]).out, sh(["touch", "made"], input = "x", check = False).code)
    sh(["touch", "made"])
`
	if err := os.WriteFile(host.Name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	err := command.Run(t.Context(), os.DirFS("."), "f", nil, host.Options{Predeclared: builtins.New(o).Predeclared()})
	if err == nil || !strings.Contains(err.Error(), "touch made: exit status 2") || out.String() != "a STAGE 0 done 1\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
	if want := []string{"touch made", "touch made < x", "touch made"}; !slices.Equal(calls, want) {
		t.Errorf("sh was called for %q, want %q", calls, want)
	}
	if _, err := os.Stat("made"); err == nil {
		t.Error("a program ran")
	}
}

// listing is what the working directory holds.
func listing(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil {
			b.WriteString(path + " " + info.Mode().String() + " " + info.ModTime().String() + "\n")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

package cli_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
)

// layout is the architecture: each package, what it is for, and what it may
// import beside the standard library: packages of this module, and whatever
// begins with the path of another. Data flows down: a package knows those that
// stand in its row, and none that knows it. The commands are above builtins; core
// and starlark know nothing of each other.
//
// Rows change on purpose: a new arrow needs a reason in its commit.
var layout = []struct{ name, idea, imports string }{
	{"", "the door", "builtins/cli"},
	{"builtins/cli", "the verbs as commands: grammar, settings, messages", "builtins builtins/cli/internal/arguments builtins/cli/internal/config builtins/cli/internal/dump builtins/cli/internal/environ builtins/cli/internal/hint builtins/cli/internal/live builtins/cli/internal/man builtins/cli/internal/manual builtins/cli/internal/page builtins/cli/internal/project builtins/cli/internal/prompt builtins/cli/internal/release builtins/cli/internal/report builtins/cli/internal/result builtins/cli/internal/signals builtins/starmigrate builtins/startest core core/adopt core/author core/check core/coretest core/drift core/fault core/filename core/finding core/input core/output core/rehearse core/repair core/runner core/schema core/visible starlark starlark/command starlark/discover github.com/alecthomas/kong github.com/dustin/go-humanize github.com/rogpeppe/go-internal/diff"},
	{"builtins/cli/guide", "texts that explain one subject each, beside the help", ""},
	{"builtins/cli/internal/arguments", "the words of a command line, before they are parsed", ""},
	{"builtins/cli/internal/config", "the configuration file", "gopkg.in/ini.v1"},
	{"builtins/cli/internal/dump", "the schema of a database in a file of the project", "core core/output core/schema"},
	{"builtins/cli/internal/environ", "a file of environment variables, and the database that they name", "builtins/cli/internal/config builtins/cli/internal/hint core/input core/regex"},
	{"builtins/cli/internal/hint", "from an error to what to type next", "builtins builtins/startest core core/drift core/fault core/output core/regex core/visible starlark starlark/command"},
	{"builtins/cli/internal/live", "one line of a terminal that is rewritten", "core/visible github.com/mattn/go-isatty github.com/mattn/go-runewidth golang.org/x/term"},
	{"builtins/cli/internal/man", "manual pages from the grammar", "github.com/alecthomas/kong"},
	{"builtins/cli/internal/manual", "what docs prints: guides and functions", "builtins builtins/cli/guide builtins/cli/internal/hint builtins/cli/schemas builtins/starmigrate builtins/startest starlark starlark/command"},
	{"builtins/cli/internal/page", "a rehearsal's report as an HTML page", "core core/regex core/rehearse core/schema core/visible"},
	{"builtins/cli/internal/project", "the files of a new project, and a project above the working directory", "core/fault core/output starlark"},
	{"builtins/cli/internal/prompt", "questions on the terminal", "builtins/cli/internal/live core/visible starlark"},
	{"builtins/cli/internal/release", "which program this is: release, commit, platform", "core"},
	{"builtins/cli/internal/report", "what prints results and errors, and gives the exit status", "builtins builtins/cli/internal/config builtins/cli/internal/hint builtins/cli/internal/live core core/coretest core/fault core/rehearse core/visible starlark"},
	{"builtins/cli/internal/result", "the values that --json prints, where core has none that says all", "builtins builtins/cli/internal/report builtins/startest core core/adopt core/author core/check core/coretest core/drift starlark"},
	{"builtins/cli/internal/signals", "how a signal ends the program", ""},
	{"builtins/cli/schemas", "JSON Schemas of what --json prints, of errors, and of the configuration", ""},
	{"builtins", "the verbs in a Fastmigratefile", "builtins/internal/inside builtins/internal/prelude builtins/internal/row core core/check core/data core/drift core/filename core/input core/rehearse core/runner core/schema core/visible starlark starlark/secret go.starlark.net"},
	{"starlark", "the host of a Fastmigratefile: load, tasks, errors", "starlark/internal/bound starlark/internal/hint starlark/internal/source starlark/secret starlark/typed github.com/agext/levenshtein go.starlark.net"},
	{"starlark/command", "the command line of a task, and its completion", "starlark starlark/typed github.com/alecthomas/kong"},
	{"starlark/discover", "which file is meant where none is named, and whose it is", "starlark"},
	{"starlark/internal/bound", "what one operation of a file may make", "go.starlark.net"},
	{"starlark/internal/hint", "what was probably meant by a line that Starlark refuses", ""},
	{"starlark/internal/source", "the text of a file, before any of it runs", "go.starlark.net"},
	{"starlark/secret", "what a reader must not see, and how it is masked", "go.starlark.net"},
	{"starlark/typed", "values as people type them", ""},
	{"core/regex", "regular expressions, compiled at their first use", ""},
	{"core", "the migrator: an embedder's package", "core/fault core/filename core/internal/apply core/internal/backup core/internal/file core/internal/naming core/internal/progress core/internal/sqlite core/internal/upgrade core/runner core/schema core/visible"},
	{"core/coretest", "migrations under test", "core core/check core/fault core/finding core/input core/internal/abort core/internal/apply core/internal/catalog core/internal/directive core/internal/file core/internal/loss core/internal/plan core/internal/session core/internal/split core/internal/sqlite core/internal/still core/internal/upgrade core/regex core/schema core/temp core/visible"},
	{"core/coretest/powerloss", "what a loss of power could take away, from a trace of system calls", ""},
	{"core/output", "files that may be written without loss", "core/filename core/input core/internal/files core/internal/naming core/regex"},
	{"core/input", "bounded reading of files", ""},
	{"core/visible", "text that is fit for a terminal", ""},
	{"core/temp", "temporary files that name their process", "core/internal/process"},
	{"core/internal/sqlite", "SQLite's C API, alone with modernc.org", "core/internal/split core/internal/still core/temp modernc.org"},
	{"core/internal/split", "a script as statements", ""},
	{"core/finding", "what a migration did that its author may not have meant: codes, levels, words", ""},
	{"core/internal/directive", "what a script's comments ask for", "core/finding core/internal/split core/regex"},
	{"core/internal/lint", "what a migration did, as findings with their places", "core/finding core/internal/directive core/internal/fulltext core/internal/loss core/internal/plan core/internal/split core/internal/sqlite core/regex core/visible"},
	{"core/internal/tools", "other tools' tables and directories", "core/input core/internal/catalog core/internal/split core/internal/sqlite core/regex"},
	{"core/internal/progress", "how far work on a database is, told from time to time", "core/internal/files github.com/dustin/go-humanize"},
	{"core/internal/files", "files that survive a power loss", "core/regex core/temp golang.org/x/sys/unix"},
	{"core/internal/process", "which process is which, and whether it still runs", ""},
	{"core/internal/program", "a program in a process group of its own, until it ends or its time is over", "core/fault core/internal/process"},
	{"core/internal/still", "the moment of the clock in tests", ""},
	{"core/internal/abort", "points where a test stops the program", ""},
	{"core/internal/plan", "what of a script can be one transaction", "core/fault core/internal/directive core/internal/split core/internal/sqlite"},
	{"core/internal/history", "what a database holds of its migrations", "core/fault core/internal/naming core/internal/plan core/internal/process core/internal/sqlite"},
	{"core/internal/naming", "which files are migrations", "core/fault core/input"},
	{"core/internal/catalog", "what a schema holds, read from a connection", "core/internal/sqlite core/regex"},
	{"core/internal/foreign", "foreign keys, and the rows that violate them", "core/fault core/internal/catalog core/internal/sqlite"},
	{"core/internal/fulltext", "full-text tables of another table's rows, and which a migration left stale or broke", "core/fault core/finding core/internal/catalog core/internal/plan core/internal/split core/internal/sqlite"},
	{"core/internal/loss", "what tables hold, and what a migration lost of it", "core/internal/catalog core/internal/split core/internal/sqlite core/regex core/schema core/visible"},
	{"core/internal/file", "one database file: open, read, copy, its version", "core/fault core/filename core/input core/internal/abort core/internal/catalog core/internal/files core/internal/history core/internal/naming core/internal/plan core/internal/progress core/internal/sqlite core/internal/standin core/internal/tools core/regex core/schema core/temp"},
	{"core/internal/standin", "which copies stand for which databases", "core/internal/files core/regex"},
	{"core/internal/attach", "copies in place of the files that statements open in a rehearsal", "core/fault core/internal/file core/internal/standin"},
	{"core/internal/backfill", "an update of many rows, as batches", "core/internal/catalog core/internal/plan core/internal/sqlite"},
	{"core/internal/quoted", "names in double quotes that SQLite takes for strings", "core/finding core/internal/catalog core/internal/split core/internal/sqlite core/regex"},
	{"core/internal/enforce", "foreign keys enforced while statements run, as an application has them", "core/fault core/internal/catalog core/internal/file core/internal/foreign core/internal/split core/internal/sqlite core/visible"},
	{"core/internal/excuse", "what a transaction violated, and which script is charged; what existed before is excused", "core/fault core/internal/file core/internal/foreign core/internal/plan core/internal/sqlite"},
	{"core/internal/reason", "what the database itself says of why a statement failed", "core/fault core/internal/catalog core/internal/file core/internal/foreign core/internal/plan core/internal/split core/internal/sqlite"},
	{"core/internal/session", "the statements of a script, guarded, on a connection", "core/fault core/finding core/internal/attach core/internal/enforce core/internal/excuse core/internal/file core/internal/foreign core/internal/fulltext core/internal/plan core/internal/progress core/internal/quoted core/internal/reason core/internal/split core/internal/sqlite core/regex core/visible"},
	{"core/internal/stamp", "whether a program that was killed had changed the database", "core/fault core/internal/file core/internal/history core/internal/naming core/internal/process core/internal/sqlite"},
	{"core/internal/apply", "how migrations are applied, each kind in its way", "core/fault core/filename core/finding core/internal/attach core/internal/backfill core/internal/directive core/internal/excuse core/internal/file core/internal/files core/internal/foreign core/internal/fulltext core/internal/history core/internal/naming core/internal/plan core/internal/program core/internal/session core/internal/split core/internal/sqlite core/internal/stamp core/regex core/runner core/temp"},
	{"core/internal/backup", "backups: made, listed, kept, restored", "core/fault core/filename core/internal/apply core/internal/file core/internal/files core/internal/history core/internal/process core/internal/session core/internal/sqlite"},
	{"core/internal/upgrade", "from a version to another: what is pending, the run, enrolling", "core/fault core/filename core/input core/internal/apply core/internal/backup core/internal/catalog core/internal/directive core/internal/file core/internal/files core/internal/history core/internal/naming core/internal/plan core/internal/progress core/internal/reason core/internal/session core/internal/sqlite core/internal/stamp core/runner core/schema core/temp"},
	{"core/fault", "what went wrong, where and why: states, places, reasons", "core/internal/split core/internal/sqlite core/regex"},
	{"core/schema", "schemas as text: compare, draw, rebuild", "core/fault core/internal/catalog core/internal/foreign core/internal/split core/internal/sqlite core/regex core/visible"},
	{"core/filename", "which texts are paths, which paths lead to one file, and which files are the migrator's own", "core/fault core/regex"},
	{"core/runner", "what migrations of other kinds than SQL work with", "core/fault core/internal/backfill core/internal/enforce core/internal/file core/internal/naming core/internal/plan core/internal/session core/internal/split core/internal/sqlite core/schema"},
	{"core/adopt", "migrations of other tools become ours", "core core/fault core/filename core/input core/internal/directive core/internal/file core/internal/history core/internal/naming core/internal/plan core/internal/sqlite core/internal/tools core/internal/upgrade core/schema core/temp core/visible"},
	{"core/author", "new migrations: skeletons, rebuilds, other numbers", "core core/fault core/filename core/internal/file core/internal/files core/internal/naming core/internal/upgrade core/schema"},
	{"core/check", "what may be wrong with a database", "core core/fault core/internal/apply core/internal/catalog core/internal/excuse core/internal/file core/internal/files core/internal/foreign core/internal/fulltext core/internal/history core/internal/session core/internal/sqlite core/internal/upgrade"},
	{"core/drift", "the schema against what the migrations make", "core core/fault core/internal/apply core/internal/file core/internal/files core/internal/naming core/internal/sqlite core/internal/upgrade core/schema core/visible"},
	{"core/rehearse", "private copies, and what was done to them", "core core/check core/fault core/finding core/internal/apply core/internal/catalog core/internal/file core/internal/files core/internal/lint core/internal/loss core/internal/plan core/internal/session core/internal/sqlite core/regex core/schema core/temp core/visible github.com/dustin/go-humanize"},
	{"core/repair", "what a person decides about a migration: edited, interrupted", "core core/fault core/internal/history core/internal/naming core/internal/plan core/internal/sqlite core/internal/upgrade"},
	{"core/data", "rows that a caller reads and writes", "core core/fault core/internal/directive core/internal/excuse core/internal/naming core/internal/plan core/internal/session core/internal/sqlite core/internal/upgrade core/runner"},
	{"builtins/cli/schemas/schematest", "what --json printed against its schemas", "builtins/cli/schemas github.com/santhosh-tekuri/jsonschema/v6"},
	{"examples/container", "an image that migrates, and programs that wait for it", ""},
	{"examples/embed", "an application that migrates when it starts", "core"},
	{"builtins/internal/inside", "statements in an open transaction: a migration's, or that of transaction()", "builtins/internal/row core core/runner starlark go.starlark.net"},
	{"builtins/internal/prelude", "what every file in Starlark can call: print, table, fail, attempt, quote_name", "builtins/internal/row core/data core/visible starlark go.starlark.net"},
	{"builtins/internal/row", "a function of Starlark: its arguments, results, errors, documentation", "core core/data core/fault core/filename starlark go.starlark.net"},
	{"builtins/starmigrate", "migrations in Starlark: an embedder's package", "builtins/internal/inside builtins/internal/prelude builtins/internal/row core core/data core/fault core/runner starlark starlark/secret go.starlark.net"},
	{"builtins/startest", "tests in Starlark", "builtins builtins/internal/row builtins/starmigrate core core/coretest core/data core/input core/runner core/temp core/visible starlark starlark/discover go.starlark.net"},
}

// free are packages that none of which a package is built may be one of.
var free = map[string]string{
	"core":                 "github.com/alecthomas/kong go.starlark.net fastmigrate/starlark fastmigrate/builtins",
	"builtins":             "github.com/alecthomas/kong",
	"builtins/starmigrate": "github.com/alecthomas/kong",
	"starlark":             "github.com/alecthomas/kong modernc.org fastmigrate/core fastmigrate/builtins",
}

// large are files of more than 350 lines and packages of more than 2,500, tests
// not counted, each with the reason. The list only shrinks.
var large = map[string]string{}

func TestImportsAreInLayout(t *testing.T) {
	t.Chdir(root)
	rows := map[string]map[string]bool{}
	for _, room := range layout {
		rows[room.name] = map[string]bool{}
		for _, i := range strings.Fields(room.imports) {
			rows[room.name][i] = false
		}
	}
	for _, system := range []string{"linux", "windows", "darwin"} {
		for _, line := range goList(t, system, `{{.ImportPath}}: {{join .Imports " "}}`, "./...") {
			pkg, imports, _ := strings.Cut(line, ":")
			row, ok := rows[within(pkg)]
			if !ok {
				t.Fatalf("%s has no row in layout", pkg)
			}
			for _, i := range strings.Fields(imports) {
				ours := strings.Contains("/"+i, "/fastmigrate/")
				if !ours && !strings.Contains(strings.Split(i, "/")[0], ".") || i[0] == '[' { // [program]: compiled by its profile
					continue
				}
				ok := false
				for allowed := range row {
					if ours && within(i) == allowed || !ours && strings.HasPrefix(i+"/", allowed+"/") {
						row[allowed], ok = true, true
					}
				}
				if !ok {
					t.Errorf("%s imports %s, which its row in layout does not have", pkg, i)
				}
			}
		}
	}
	for pkg, row := range rows {
		for i, used := range row {
			if !used {
				t.Errorf("%s does not import %s any more: take it out of layout", pkg, i)
			}
		}
	}
}

// TestTopLevel holds the directories, sources and texts at the top level fixed. Other files
// may be what a run left there.
func TestTopLevel(t *testing.T) {
	fixed := strings.Fields("CHANGELOG.md CONTRIBUTING.md LICENSE README.md SECURITY.md builtins core default.pgo examples go.mod go.sum main.go main_test.go starlark testdata")
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if name := e.Name(); !slices.Contains(fixed, name) && name[0] != '.' && (e.IsDir() || slices.Contains([]string{".go", ".md"}, filepath.Ext(name))) {
			t.Errorf("%s is at the top level, which is fixed", name)
		}
	}
}

func TestPackagesAreFreeOf(t *testing.T) {
	t.Chdir(root)
	for pkg, banned := range free {
		for _, dep := range goList(t, "", "{{.ImportPath}}", "-deps", "./"+pkg) {
			for _, b := range strings.Fields(banned) {
				if dep == b || strings.HasPrefix(dep, b+"/") {
					t.Errorf("%s is built of %s", pkg, dep)
				}
			}
		}
	}
	for _, line := range goList(t, "", `{{.ImportPath}}: {{join .Imports " "}}`, "./...") {
		if pkg, imports, _ := strings.Cut(line, ":"); strings.Contains(imports, "modernc.org/") && pkg != "fastmigrate/core/internal/sqlite" {
			t.Errorf("%s imports modernc.org", pkg)
		}
	}
}

func TestSizes(t *testing.T) {
	t.Chdir(root)
	seen, packages := map[string]bool{}, map[string]int{}
	err := filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		n := strings.Count(string(text), "\n")
		packages[filepath.ToSlash(filepath.Dir(path))] += n
		if path = filepath.ToSlash(path); n > 350 {
			seen[path] = true
			if large[path] == "" {
				t.Errorf("%s has %d lines, more than 350", path, n)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for pkg, n := range packages {
		if n > 2500 {
			seen[pkg] = true
			if large[pkg] == "" {
				t.Errorf("package %s has %d lines, more than 2,500", pkg, n)
			}
		}
	}
	for path := range large {
		if !seen[path] {
			t.Errorf("%s is no longer large: take it out of the list", path)
		}
	}
}

// TestDocOfCore shows each change of what an embedder reads.
func TestDocOfCore(t *testing.T) {
	t.Chdir(root)
	got, err := exec.Command("go", "doc", "-all", "./core").Output()
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/core.golden"
	if *update {
		err = os.WriteFile(golden, got, 0o644)
	}
	want, _ := os.ReadFile(golden)
	if err != nil || string(got) != string(want) {
		t.Errorf("the doc of core differs from %s (go test ./builtins/cli -run TestDocOfCore -update): %v\n%s",
			golden, err, diff.Diff(golden, want, "go doc", got))
	}
}

// TestSurfaceOfCore counts what an embedder has to read: exported names with
// their methods, the constants of one type as one.
func TestSurfaceOfCore(t *testing.T) {
	t.Chdir(root)
	const most = 50
	names := map[string]bool{}
	files, err := filepath.Glob("core/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			for _, n := range exported(d) {
				names[n] = true
			}
		}
	}
	if len(names) != most {
		t.Errorf("core exports %d names, not %d: a larger number needs a reason, a smaller one is to be kept", len(names), most)
	}
}

func exported(d ast.Decl) (names []string) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		name := d.Name.Name
		if d.Recv != nil {
			recv := d.Recv.List[0].Type
			if star, ok := recv.(*ast.StarExpr); ok {
				recv = star.X
			}
			receiver, ok := recv.(*ast.Ident)
			if !ok || !receiver.IsExported() {
				return nil
			}
			name = receiver.Name + "." + name
		}
		if d.Name.IsExported() {
			return []string{name}
		}
	case *ast.GenDecl:
		constants := ""
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() {
					names = append(names, s.Name.Name)
				}
			case *ast.ValueSpec:
				if kind, ok := s.Type.(*ast.Ident); ok && d.Tok == token.CONST {
					constants = "const " + kind.Name
				}
				for _, n := range s.Names {
					if n.IsExported() && constants != "" {
						names = append(names, constants)
					} else if n.IsExported() {
						names = append(names, n.Name)
					}
				}
			}
		}
	}
	return names
}

func goList(t *testing.T, system, format string, args ...string) []string {
	t.Helper()
	cmd := exec.Command("go", slices.Concat([]string{"list", "-f", format}, args)...)
	if system != "" {
		cmd.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
	}
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// within gives the path of a package within this module: "" is the program.
func within(pkg string) string {
	_, path, _ := strings.Cut("/"+pkg+"/", "/fastmigrate/")
	return strings.TrimSuffix(path, "/")
}

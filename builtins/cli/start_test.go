package cli_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestStartMakesLittle: the variables of our packages cost every run of the program, even
// one that has nothing to do (GODEBUG=inittrace=1: https://pkg.go.dev/runtime).
func TestStartMakesLittle(t *testing.T) {
	const most, mostOfAll = 8 << 10, 32 << 10 // bytes: one expression or template that is compiled needs 2,000 to 100,000
	cmd := exec.Command("fastmigrate", "--version")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	trace, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, trace)
	}
	t.Chdir(root)
	program := goList(t, "", "{{.ImportPath}}", "-deps", ".") // what tests use besides does not count
	all := 0
	for _, m := range regexp.MustCompile(`(?m)^init (fastmigrate/\S+) @.* (\d+) bytes, \d+ allocs$`).FindAllStringSubmatch(string(trace), -1) {
		n, _ := strconv.Atoi(m[2])
		if !slices.Contains(program, m[1]) {
			continue
		}
		if all += n; n > most {
			t.Errorf("the variables of %s take %d bytes at each start of the program, more than %d: make them when they are needed", m[1], n, most)
		}
	}
	if all == 0 || all > mostOfAll {
		t.Errorf("the variables of all packages take %d bytes at each start of the program, want 1 to %d", all, mostOfAll)
	}
}

// TestExpressionsWait: no package compiles a regular expression when the program starts,
// and those of package regex, which wait for their first use, can be compiled.
func TestExpressionsWait(t *testing.T) {
	t.Chdir(root)
	checked := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, filepath.Join("core", "coretest", "powerloss")) {
			return err
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			if _, ok := decl.(*ast.GenDecl); !ok {
				continue
			}
			ast.Inspect(decl, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					_, later := n.(*ast.FuncLit)
					return !later
				}
				switch of, _ := call.Fun.(*ast.SelectorExpr); {
				case of == nil:
				case of.Sel.Name == "MustCompile":
					t.Errorf("%s: regexp.MustCompile at the start of the program: use regex.New, or sync.OnceValue", files.Position(call.Pos()))
				case of.Sel.Name == "New" && len(call.Args) == 1:
					pkg, _ := of.X.(*ast.Ident)
					text, ok := call.Args[0].(*ast.BasicLit)
					if pkg == nil || pkg.Name != "regex" || !ok {
						return true
					}
					checked++
					if s, err := strconv.Unquote(text.Value); err != nil {
						t.Error(err)
					} else if _, err := regexp.Compile(s); err != nil {
						t.Errorf("%s: %v", files.Position(text.Pos()), err)
					}
				}
				return true
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if checked < 50 {
		t.Errorf("%d expressions were checked, want those of all packages", checked)
	}
}

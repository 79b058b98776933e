package fault

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestErrorBuiltOnce: a literal would say that the version is 0, where it is not
// known. So those of an [Error], and of core's, stand in one file each, beside New and
// Wrap.
func TestErrorBuiltOnce(t *testing.T) {
	files, seen := token.NewFileSet(), map[string]bool{}
	err := filepath.WalkDir("..", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		name, _ = filepath.Rel("..", name)
		name = filepath.ToSlash(name)
		here := map[string]string{".": "core", "fault": "fault"}[path.Dir(name)]
		ast.Inspect(f, func(n ast.Node) bool {
			l, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			of, from := "", here
			switch typ := l.Type.(type) {
			case *ast.Ident:
				of = typ.Name
			case *ast.SelectorExpr:
				if x, ok := typ.X.(*ast.Ident); ok {
					of, from = typ.Sel.Name, x.Name
				}
			}
			if of == "Error" && (from == "core" || from == "fault") {
				if seen[name] = true; name != "error.go" && name != "fault/fault.go" {
					t.Errorf("%s makes an Error: use fault.New", files.Position(l.Pos()))
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(slices.Sorted(maps.Keys(seen)), []string{"error.go", "fault/fault.go"}) {
		t.Errorf("an Error is made in %v", seen)
	}
}

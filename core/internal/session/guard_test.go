package session

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestGuardIsRaisedInOnePlace pins that AsScript alone decides what the guard sees: a
// second place that forgot to lower it, or never raised it, would let a script change
// the version table. No other package can: byScript is a field of this one.
func TestGuardIsRaisedInOnePlace(t *testing.T) {
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files := token.NewFileSet()
	var set []string
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				var targets []ast.Expr
				switch n := n.(type) {
				case *ast.AssignStmt:
					targets = n.Lhs
				case *ast.KeyValueExpr:
					targets = []ast.Expr{n.Key}
				case *ast.UnaryExpr:
					if n.Op == token.AND {
						targets = []ast.Expr{n.X}
					}
				}
				for _, target := range targets {
					name, _ := target.(*ast.Ident)
					if s, ok := target.(*ast.SelectorExpr); ok {
						name = s.Sel
					}
					if name != nil && name.Name == "byScript" {
						set = append(set, path+": "+f.Name.Name)
					}
				}
				return true
			})
		}
	}
	if want := []string{"guard.go: AsScript", "guard.go: AsScript"}; !slices.Equal(set, want) {
		t.Errorf("byScript is set in %q, want %q", set, want)
	}
}

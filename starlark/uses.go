package starlark

import (
	"maps"
	"path"
	"slices"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// uses notes every name that a part of the file from mentions, and what the
// functions and globals that it mentions mention in turn. A name that is
// mentioned may be called: a function can be passed on.
func (f *File) uses(n syntax.Node, from string, seen map[string]bool) {
	syntax.Walk(n, func(n syntax.Node) bool {
		if _, ok := n.(*syntax.LoadStmt); ok {
			return false
		}
		if id, ok := n.(*syntax.Ident); ok {
			f.usesOf(from, id.Name, seen)
		}
		return true
	})
}

// usesOf is uses of a name in the file from.
func (f *File) usesOf(from, name string, seen map[string]bool) {
	if seen[name] || seen[from+":"+name] {
		return
	}
	seen[from+":"+name] = true
	m := f.modules[from]
	if m == nil || m.syntax == nil {
		return
	}
	for _, stmt := range m.syntax.Stmts {
		switch s := stmt.(type) {
		case *syntax.DefStmt:
			if s.Name.Name == name {
				f.uses(s, from, seen)
				return
			}
		case *syntax.AssignStmt:
			if id, ok := s.LHS.(*syntax.Ident); ok && id.Name == name {
				f.uses(s.RHS, from, seen)
				return
			}
		case *syntax.LoadStmt:
			for i, id := range s.From {
				if s.To[i].Name == name {
					f.usesOf(path.Join(path.Dir(from), s.ModuleName()), id.Name, seen)
					return
				}
			}
		}
	}
	seen[name] = true
}

// builtins are the predeclared functions among the names seen.
func (f *File) builtins(seen map[string]bool) []string {
	list := []string{}
	for _, name := range slices.Sorted(maps.Keys(f.o.Predeclared)) {
		if _, ok := f.o.Predeclared[name].(*starlark.Builtin); ok && seen[name] && !strings.Contains(name, ":") {
			list = append(list, name)
		}
	}
	return list
}

package starlark

import (
	"maps"
	"path"
	"slices"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Use is one call of a predeclared function that a task may make.
type Use struct {
	Name  string
	Args  []bool          // for each positional argument: it cannot be None
	Named map[string]bool // the same for named arguments
	Any   bool            // its arguments are unknown: it is passed on, or called with *args
}

// mentions are the names in a part of a file.
type mentions struct {
	seen  map[string]bool
	calls []Use
}

// uses records every name in a part of the file from, and in the functions and globals
// that it names. Any name may be called, as functions can be passed on.
func (f *File) uses(n syntax.Node, from string, m *mentions) {
	known := map[*syntax.Ident]bool{} // handled: not a call with unknown arguments
	none := map[string]bool{"None": true}
	call := func(fn syntax.Expr, args []syntax.Expr) {
		if id, ok := fn.(*syntax.Ident); ok {
			known[id] = true
			m.calls = append(m.calls, use(id.Name, args, none))
		}
	}
	syntax.Walk(n, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.LoadStmt:
			return false
		case *syntax.DefStmt:
			for _, p := range n.Params {
				if name, value := named(p); name != nil && canBeNone(value, none) {
					none[name.Name] = true
				}
			}
		case *syntax.CallExpr:
			call(n.Fn, n.Args)
			if fn, ok := n.Fn.(*syntax.Ident); ok && len(n.Args) > 0 && f.o.Predeclared.Has(fn.Name) {
				call(n.Args[0], n.Args[1:]) // as attempt() does
			}
		case *syntax.BinaryExpr:
			if name, _ := named(n); name != nil {
				known[name] = true
			}
		case *syntax.DotExpr:
			known[n.Name] = true
		case *syntax.Ident:
			if !known[n] {
				m.calls = append(m.calls, Use{Name: n.Name, Any: true})
			}
			f.usesOf(from, n.Name, m)
		}
		return true
	})
}

// use is a call with these arguments; none has the names that can be None.
func use(name string, args []syntax.Expr, none map[string]bool) Use {
	u := Use{Name: name, Named: map[string]bool{}}
	for _, a := range args {
		name, value := named(a)
		if name != nil {
			u.Named[name.Name] = !canBeNone(value, none)
		} else if star, ok := a.(*syntax.UnaryExpr); ok && (star.Op == syntax.STAR || star.Op == syntax.STARSTAR) {
			u.Any = true
		} else {
			u.Args = append(u.Args, !canBeNone(a, none))
		}
	}
	return u
}

// named splits an argument or a parameter of the form name = value. The name is nil for
// others.
func named(e syntax.Expr) (*syntax.Ident, syntax.Expr) {
	if b, ok := e.(*syntax.BinaryExpr); ok && b.Op == syntax.EQ {
		name, _ := b.X.(*syntax.Ident)
		return name, b.Y
	}
	return nil, nil
}

func canBeNone(e syntax.Expr, none map[string]bool) bool {
	switch e := e.(type) {
	case *syntax.Ident:
		return none[e.Name]
	case *syntax.ParenExpr:
		return canBeNone(e.X, none)
	case *syntax.CondExpr:
		return canBeNone(e.True, none) || canBeNone(e.False, none)
	case *syntax.BinaryExpr: // x or None
		return (e.Op == syntax.OR || e.Op == syntax.AND) && (canBeNone(e.X, none) || canBeNone(e.Y, none))
	}
	return false
}

// usesOf is uses of a name in the file from.
func (f *File) usesOf(from, name string, m *mentions) {
	if m.seen[name] || m.seen[from+":"+name] {
		return
	}
	m.seen[from+":"+name] = true
	in := f.modules[from]
	if in == nil || in.syntax == nil {
		return
	}
	for _, stmt := range in.syntax.Stmts {
		switch s := stmt.(type) {
		case *syntax.DefStmt:
			if s.Name.Name == name {
				f.uses(s, from, m)
				return
			}
		case *syntax.AssignStmt:
			if assigns(s.LHS, name) {
				f.uses(s.RHS, from, m)
				return
			}
		case *syntax.LoadStmt:
			for i, id := range s.From {
				if s.To[i].Name == name {
					f.usesOf(path.Join(path.Dir(from), s.ModuleName()), id.Name, m)
					return
				}
			}
		}
	}
	m.seen[name] = true
}

// assigns reports whether an assignment to lhs sets a name.
func assigns(lhs syntax.Expr, name string) (found bool) {
	syntax.Walk(lhs, func(n syntax.Node) bool {
		id, ok := n.(*syntax.Ident)
		found = found || ok && id.Name == name
		return true
	})
	return found
}

// builtins are the predeclared functions among the names, and the calls of them.
func (f *File) builtins(m *mentions) ([]string, []Use) {
	list := []string{}
	for _, name := range slices.Sorted(maps.Keys(f.o.Predeclared)) {
		if _, ok := f.o.Predeclared[name].(*starlark.Builtin); ok && m.seen[name] && !strings.Contains(name, ":") {
			list = append(list, name)
		}
	}
	return list, slices.DeleteFunc(m.calls, func(u Use) bool { return !slices.Contains(list, u.Name) })
}

// Calls lists the calls of predeclared functions that the task, and those that it
// depends on, may make.
func (t *Task) Calls() (list []Use) {
	t.all(nil, func(t *Task, _ int) { list = append(list, t.calls...) })
	return list
}

// Where a file is made to call bounded functions.

package bound

import (
	"slices"

	"go.starlark.net/syntax"
)

// Rewrite replaces operators, and methods, whose result can be larger than their
// operands, or which can fail, by calls of [Functions], and x[y] by a call of "[".
// Errors keep their positions: a call has that of its operator.
func Rewrite(file *syntax.File) {
	call := func(name string, at syntax.Position, args ...syntax.Expr) *syntax.CallExpr {
		return &syntax.CallExpr{Fn: &syntax.Ident{NamePos: at, Name: name}, Lparen: at, Args: args, Rparen: at}
	}
	targets := map[syntax.Expr]bool{} // what is assigned to
	var target func(e syntax.Expr)
	target = func(e syntax.Expr) {
		targets[e] = true
		switch e := e.(type) {
		case *syntax.ParenExpr:
			target(e.X)
		case *syntax.TupleExpr:
			for _, x := range e.List {
				target(x)
			}
		case *syntax.ListExpr:
			for _, x := range e.List {
				target(x)
			}
		}
	}
	rewrite := func(e *syntax.Expr) {
		if targets[*e] {
			return
		}
		switch n := (*e).(type) {
		case *syntax.BinaryExpr:
			if n.Op == syntax.STAR || n.Op == syntax.PERCENT || (n.Op == syntax.PLUS || n.Op == syntax.PIPE) && !literal(n.X) && !literal(n.Y) {
				*e = call(n.Op.String(), n.OpPos, n.X, n.Y)
			}
		case *syntax.IndexExpr:
			*e = call("[", n.Lbrack, n.X, n.Y)
		case *syntax.DotExpr:
			if methods[n.Name.Name] || slices.Contains(failing, n.Name.Name) {
				*e = call(".", n.Dot, n.X, &syntax.Literal{Token: syntax.STRING, TokenPos: n.Name.NamePos, Value: n.Name.Name})
			}
		}
	}
	list := func(exprs []syntax.Expr) {
		for i := range exprs {
			rewrite(&exprs[i])
		}
	}
	syntax.Walk(file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.AssignStmt:
			target(n.LHS)
			if again := repeated(n.LHS); again != nil && (n.Op == syntax.STAR_EQ || n.Op == syntax.PERCENT_EQ) {
				op := syntax.STAR
				if n.Op == syntax.PERCENT_EQ {
					op = syntax.PERCENT
				}
				n.Op, n.RHS = syntax.EQ, &syntax.BinaryExpr{X: again, OpPos: n.OpPos, Op: op, Y: n.RHS}
			}
			rewrite(&n.RHS)
			if (n.Op == syntax.PLUS_EQ || n.Op == syntax.PIPE_EQ) && !literal(n.RHS) {
				n.RHS = call(n.Op.String(), n.OpPos, n.RHS)
			}
		case *syntax.ExprStmt:
			rewrite(&n.X)
		case *syntax.IfStmt:
			rewrite(&n.Cond)
		case *syntax.ForStmt:
			target(n.Vars)
			rewrite(&n.X)
		case *syntax.ForClause:
			target(n.Vars)
			rewrite(&n.X)
		case *syntax.IfClause:
			rewrite(&n.Cond)
		case *syntax.ReturnStmt:
			rewrite(&n.Result)
		case *syntax.DefStmt:
			list(n.Params)
		case *syntax.LambdaExpr:
			list(n.Params)
			rewrite(&n.Body)
		case *syntax.BinaryExpr:
			rewrite(&n.X)
			rewrite(&n.Y)
		case *syntax.UnaryExpr:
			rewrite(&n.X)
		case *syntax.ParenExpr:
			rewrite(&n.X)
		case *syntax.CondExpr:
			rewrite(&n.Cond)
			rewrite(&n.True)
			rewrite(&n.False)
		case *syntax.CallExpr:
			rewrite(&n.Fn)
			list(n.Args)
			for _, arg := range n.Args { // f(*x) makes a list of x
				if u, ok := arg.(*syntax.UnaryExpr); ok && u.Op == syntax.STAR {
					u.X = call("*x", u.OpPos, u.X)
				}
			}
		case *syntax.IndexExpr:
			rewrite(&n.X)
			rewrite(&n.Y)
		case *syntax.SliceExpr:
			rewrite(&n.X)
			rewrite(&n.Lo)
			rewrite(&n.Hi)
			rewrite(&n.Step)
		case *syntax.DotExpr:
			rewrite(&n.X)
		case *syntax.DictEntry:
			rewrite(&n.Key)
			rewrite(&n.Value)
		case *syntax.ListExpr:
			list(n.List)
		case *syntax.TupleExpr:
			list(n.List)
		case *syntax.Comprehension:
			rewrite(&n.Body)
		}
		return true
	})
}

// literal reports whether an expression is a number or a text in the file: adding it
// makes little.
func literal(e syntax.Expr) bool {
	_, ok := e.(*syntax.Literal)
	return ok
}

// repeated is a copy of an expression that can be evaluated twice; nil if it cannot.
func repeated(e syntax.Expr) syntax.Expr {
	switch e := e.(type) {
	case *syntax.Ident:
		return &syntax.Ident{NamePos: e.NamePos, Name: e.Name}
	case *syntax.Literal:
		return e
	case *syntax.IndexExpr:
		if x, y := repeated(e.X), repeated(e.Y); x != nil && y != nil {
			return &syntax.IndexExpr{X: x, Lbrack: e.Lbrack, Y: y, Rbrack: e.Rbrack}
		}
	}
	return nil
}

// What one operation may allocate. The interpreter can be stopped between two
// operations, not within one, and "a" * (1 << 29) is one.

package starlark

import (
	"fmt"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// maxLen is how long a string may become, or how many elements a list, by
// multiplying, and how many numbers a range may give.
const maxLen = 16 << 20

// times is what x * y calls: no file can use this name.
const times = "*"

// bound has every multiplication of a file call times. The position is the
// operator's, as the interpreter gives it too.
func bound(file *syntax.File) {
	rewrite := func(e *syntax.Expr) {
		if b, ok := (*e).(*syntax.BinaryExpr); ok && b.Op == syntax.STAR {
			_, end := b.Span()
			*e = &syntax.CallExpr{Fn: &syntax.Ident{NamePos: b.OpPos, Name: times}, Lparen: b.OpPos, Args: []syntax.Expr{b.X, b.Y}, Rparen: end}
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
			if id, ok := n.LHS.(*syntax.Ident); ok && n.Op == syntax.STAR_EQ {
				n.Op, n.RHS = syntax.EQ, &syntax.BinaryExpr{X: &syntax.Ident{NamePos: id.NamePos, Name: id.Name}, OpPos: n.OpPos, Op: syntax.STAR, Y: n.RHS}
			}
			rewrite(&n.LHS)
			rewrite(&n.RHS)
		case *syntax.ExprStmt:
			rewrite(&n.X)
		case *syntax.IfStmt:
			rewrite(&n.Cond)
		case *syntax.ForStmt:
			rewrite(&n.X)
		case *syntax.ForClause:
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

// boundedTimes is x * y.
func boundedTimes(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	x, y := args[0], args[1]
	for _, pair := range [][2]starlark.Value{{x, y}, {y, x}} {
		n, isInt := pair[0].(starlark.Int)
		length := starlark.Len(pair[1])
		if !isInt || length <= 0 {
			continue
		}
		if by, ok := n.Int64(); n.Sign() > 0 && (!ok || by > maxLen/int64(length)) {
			return nil, fmt.Errorf("%s * %d: the result has more than %d elements", n, length, maxLen)
		}
	}
	return starlark.Binary(syntax.STAR, x, y)
}

// boundedRange is range(), which lists can be made of.
func boundedRange(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	v, err := starlark.Call(thread, starlark.Universe["range"], args, kwargs)
	if n := starlark.Len(v); err == nil && n > maxLen {
		return nil, fmt.Errorf("range: it has %d numbers, and may have %d", n, maxLen)
	}
	return v, err
}

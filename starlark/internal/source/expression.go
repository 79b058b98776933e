// Which expression an operator belongs to.

package source

import "go.starlark.net/syntax"

// Expression finds the expression of a text whose operator is at pos, which is where the
// interpreter reports errors. If ok is false, there is none.
func Expression(text []byte, pos syntax.Position) (start, end syntax.Position, ok bool) {
	file, err := dialect.Parse(pos.Filename(), text, 0)
	if err != nil {
		return start, end, false
	}
	syntax.Walk(file, func(n syntax.Node) bool {
		var at syntax.Position
		switch n := n.(type) {
		case *syntax.DefStmt:
			if at = n.Def; at.Line == pos.Line && at.Col == pos.Col {
				start, end = n.Name.Span()
				ok = true
				return false
			}
		case *syntax.CallExpr:
			at = n.Lparen
		case *syntax.IndexExpr:
			at = n.Lbrack
		case *syntax.SliceExpr:
			at = n.Lbrack
		case *syntax.BinaryExpr:
			at = n.OpPos
		case *syntax.UnaryExpr:
			at = n.OpPos
		case *syntax.DotExpr:
			at = n.Dot
		case *syntax.AssignStmt:
			at = n.OpPos
		case *syntax.LoadStmt:
			at = n.Load
		case *syntax.Ident:
			at = n.NamePos
		default:
			return true
		}
		if at.Line == pos.Line && at.Col == pos.Col {
			start, end = n.Span()
			end, ok = ending(n, end), true
		}
		return !ok
	})
	return start, end, ok
}

// ending corrects the end of a node: the parser leaves out the bracket that closes an
// index.
func ending(n syntax.Node, end syntax.Position) syntax.Position {
	switch n := n.(type) {
	case *syntax.IndexExpr, *syntax.SliceExpr:
		end.Col++
	case *syntax.BinaryExpr:
		return ending(n.Y, end)
	case *syntax.UnaryExpr:
		if n.X != nil {
			return ending(n.X, end)
		}
	case *syntax.CondExpr:
		return ending(n.False, end)
	case *syntax.LambdaExpr:
		return ending(n.Body, end)
	case *syntax.AssignStmt:
		return ending(n.RHS, end)
	case *syntax.TupleExpr:
		if !n.Lparen.IsValid() && len(n.List) > 0 {
			return ending(n.List[len(n.List)-1], end)
		}
	}
	return end
}

// What one operation may make. The interpreter can be stopped between two
// operations, not within one, and list(range(1 << 40)) is one: it would end the
// program, as Go does without memory. What one may make, and how that is
// estimated, is in room.go.

package starlark

import (
	"errors"
	"maps"
	"math"
	"slices"
	"strings"

	"go.starlark.net/lib/json"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// bounds are the functions that make more than they are given. No file can use the
// names that are not words: what x * y, x += y and x.replace are made to call.
var bounds = map[string]func(*starlark.Thread, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (starlark.Value, error){
	"*": boundedTimes, "%": boundedPercent, "+": boundedSum, "|": boundedSum, "+=": boundedMore, "|=": boundedMore, ".": boundedMethod,
	"*x": boundedMore, "[": indexed, "int": boundedInt, "range": boundedRange, "zip": boundedZip, "str": boundedText, "repr": boundedText, "getattr": boundedMethod,
}

// methods are those of a string and of what can grow that do.
var methods = map[string]bool{"replace": true, "join": true, "format": true, "extend": true, "update": true, "union": true,
	"difference": true, "intersection": true, "symmetric_difference": true, "issubset": true, "issuperset": true,
	"split": true, "rsplit": true, "splitlines": true, "elems": true, "codepoints": true, "elem_ords": true, "codepoint_ords": true}

// bounded are the names of bounds, and the module json, of which the same holds.
func bounded() starlark.StringDict {
	names := starlark.StringDict{}
	for name, each := range consumers {
		names[name] = consumer(name, each)
	}
	for name, do := range bounds {
		names[name] = starlark.NewBuiltin(name, do)
	}
	module := *json.Module
	module.Members = maps.Clone(module.Members)
	for name, v := range module.Members {
		of := v.(*starlark.Builtin)
		module.Members[name] = starlark.NewBuiltin(of.Name(), func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
			r := roomOf(thread)
			switch {
			case deepCall(args, kwargs):
				return nil, tooDeep(of.Name())
			case r.size(args...) > r.json:
				return nil, r.tooMuch(of.Name())
			case len(args) > 0 && deepText(args[0]):
				return nil, tooDeep(of.Name())
			}
			return of.CallInternal(thread, args, kwargs)
		})
	}
	names["json"] = &module
	return names
}

// bound has the operators and methods of a file that make more than they are given
// call bounds. The position is the operator's, as the interpreter gives it too.
func bound(file *syntax.File) {
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
			if fails(n.Name.Name) {
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

// literal reports whether an expression is a number or a text, to which nothing
// can be added that is large.
func literal(e syntax.Expr) bool {
	_, ok := e.(*syntax.Literal)
	return ok
}

// repeated is the expression again, if it can stand twice where it stood once; nil
// if not.
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

// deepText is deepJSON of a value that is a text.
func deepText(v starlark.Value) bool {
	text, ok := v.(starlark.String)
	return ok && deepJSON(string(text))
}

func loading(thread *starlark.Thread) bool {
	s := Of(thread)
	return s != nil && s.loading
}

// boundedTimes is x * y.
func boundedTimes(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	x, y := args[0], args[1]
	r := roomOf(thread)
	a, aInt := x.(starlark.Int)
	b, bInt := y.(starlark.Int)
	n, length := a, r.length(y)
	if bInt {
		n, length = b, r.length(x)
	}
	by, fits := n.Int64()
	switch {
	case aInt && bInt:
		if a.BigInt().BitLen()+b.BigInt().BitLen() > r.bits {
			return nil, r.tooMuch("*")
		}
	case (aInt || bInt) && length > 0 && n.Sign() > 0 && (!fits || by > int64(r.most/length)):
		return nil, r.tooMuch("*")
	}
	return starlark.Binary(syntax.STAR, x, y)
}

// boundedPercent is x % y.
func boundedPercent(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	if _, ok := args[0].(starlark.String); ok {
		if r := roomOf(thread); deep(args[1]) {
			return nil, tooDeep("%")
		} else if r.size(args...) > r.most {
			return nil, r.tooMuch("%")
		}
	}
	return starlark.Binary(syntax.PERCENT, args[0], args[1])
}

// boundedSum is x + y, and x | y.
func boundedSum(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	if r := roomOf(thread); r.length(args[0])+r.length(args[1]) > r.most {
		return nil, r.tooMuch(b.Name())
	}
	op := syntax.PLUS
	if b.Name() == "|" {
		op = syntax.PIPE
	}
	return starlark.Binary(op, args[0], args[1])
}

// boundedMore is the y of x += y, and of x |= y, and the x of f(*x). What the x of
// x += y is by then, the limit of the memory sees while a file is loaded: it does not
// double.
func boundedMore(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	if r := roomOf(thread); r.length(args[0]) > r.most {
		return nil, r.tooMuch(strings.TrimSuffix(b.Name(), "x"))
	}
	return args[0], nil
}

// boundedRange is range(), which lists can be made of.
func boundedRange(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	v, err := starlark.Call(thread, starlark.Universe["range"], args, kwargs)
	if r := roomOf(thread); err == nil && loading(thread) && starlark.Len(v) > r.most {
		return nil, r.tooMuch("range")
	}
	return v, err
}

// boundedInt is int().
func boundedInt(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if !loading(thread) && len(args) > 0 && starlark.Len(args[0]) > runRoom.bits { // which loading has no time for
		return nil, runRoom.tooMuch("int")
	}
	return starlark.Universe["int"].(*starlark.Builtin).CallInternal(thread, args, kwargs)
}

// boundedZip is zip().
func boundedZip(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	r := roomOf(thread)
	rows := math.MaxInt
	for _, v := range args {
		if _, ok := v.(starlark.Iterable); ok {
			rows = min(rows, r.length(v))
		}
	}
	if len(args) > 0 && rows < math.MaxInt && rows > r.most/(2+len(args)) {
		return nil, r.tooMuch("zip")
	}
	return starlark.Call(thread, starlark.Universe["zip"], args, kwargs)
}

// boundedText is str() and repr().
func boundedText(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if deepCall(args, kwargs) {
		return nil, tooDeep(b.Name())
	}
	if r := roomOf(thread); r.size(args...) > r.most && args[0].Type() != "range" { // whose text is short
		return nil, r.tooMuch(b.Name())
	}
	return starlark.Call(thread, starlark.Universe[b.Name()], args, kwargs)
}

// boundedMethod is x.name, and getattr(x, name).
func boundedMethod(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	v, err := starlark.Call(thread, starlark.Universe["getattr"], args, kwargs)
	if e := (*starlark.EvalError)(nil); b.Name() == "." && errors.As(err, &e) {
		err = errors.New(strings.TrimPrefix(e.Msg, "getattr: "))
	}
	of, isMethod := v.(*starlark.Builtin)
	if err != nil || !isMethod {
		return v, err
	}
	if !methods[of.Name()] {
		return framing(of), nil
	}
	text, isText := of.Receiver().(starlark.String)
	return framing(starlark.NewBuiltin(of.Name(), func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		r := roomOf(thread)
		if isText && deepCall(args, kwargs) {
			return nil, tooDeep(of.Name())
		}
		if isText && r.made(of.Name(), string(text), args, kwargs) > r.most || !isText && slices.ContainsFunc(args, func(v starlark.Value) bool { return r.length(v) > r.most }) {
			return nil, r.tooMuch(of.Name())
		}
		return of.CallInternal(thread, args, kwargs)
	})), nil
}

// What one operation may make while a file is loaded. The interpreter can be
// stopped between two operations, not within one, and "a" * (1 << 29) is one.
// A task may do what it likes.

package starlark

import (
	"errors"
	"maps"
	"strings"

	"go.starlark.net/lib/json"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// maxLen is how many characters a text may get by one operation, how many
// elements a list, and how many bits an integer.
const maxLen = 1 << 20

// bounds are the functions that make more than they are given. No file can use the
// names that are not words: what x * y, x += y and x.replace are made to call.
var bounds = map[string]func(*starlark.Thread, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (starlark.Value, error){
	"*": boundedTimes, "%": boundedPercent, "+": boundedSum, "|": boundedSum, "+=": boundedMore, "|=": boundedMore, ".": boundedMethod,
	"[": indexed, "range": boundedRange, "zip": boundedZip, "str": boundedText, "repr": boundedText, "getattr": boundedMethod,
}

// methods are those of a string and of what can grow that do.
var methods = map[string]bool{"replace": true, "join": true, "format": true, "extend": true, "update": true, "union": true,
	"split": true, "rsplit": true, "splitlines": true, "elems": true, "codepoints": true, "elem_ords": true, "codepoint_ords": true}

// bounded are the names of bounds, and the module json, of which the same holds.
func bounded() starlark.StringDict {
	names := starlark.StringDict{}
	for name, do := range bounds {
		names[name] = starlark.NewBuiltin(name, do)
	}
	module := *json.Module
	module.Members = maps.Clone(module.Members)
	for name, v := range module.Members {
		of := v.(*starlark.Builtin)
		module.Members[name] = starlark.NewBuiltin(of.Name(), func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
			if loading(thread) && size(args, maxLen, 0) > maxJSON {
				return nil, tooMuch(of.Name())
			}
			if deepCall(args, kwargs) || len(args) > 0 && deepText(args[0]) {
				return nil, tooDeep(of.Name())
			}
			return of.CallInternal(thread, args, kwargs)
		})
	}
	names["json"] = &module
	return names
}

// maxJSON is smaller, as it is read and indented by functions that call themselves.
const maxJSON = 64 << 10

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

func tooMuch(what string) error {
	return &Error{Kind: "usage", Message: what + ": the result is too large to be made while the file is loaded", Hint: "move the work into a function"}
}

// size is about how long the text of a value is; more than limit if it is longer,
// or nested beyond all reason.
func size(v starlark.Value, limit, depth int) int {
	n := 1
	if depth > 1000 {
		return limit + 1
	}
	switch v := v.(type) {
	case starlark.String:
		return n + len(v)
	case starlark.Bytes:
		return n + len(v)
	case starlark.Int:
		return n + v.BigInt().BitLen()/3
	case *starlark.Dict:
		for _, kv := range v.Items() {
			if n += size(kv, limit-n, depth+1); n > limit {
				break
			}
		}
	case starlark.Iterable:
		for one := range starlark.Elements(v) {
			if n += size(one, limit-n, depth+1); n > limit {
				break
			}
		}
	case starlark.HasAttrs: // as struct
		for _, name := range v.AttrNames() {
			if a, _ := v.Attr(name); a != nil {
				n += len(name) + size(a, limit-n, depth+1)
			}
			if n > limit {
				break
			}
		}
	}
	return n
}

// boundedTimes is x * y.
func boundedTimes(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	x, y := args[0], args[1]
	if loading(thread) {
		a, aInt := x.(starlark.Int)
		b, bInt := y.(starlark.Int)
		n, length := a, starlark.Len(y)
		if bInt {
			n, length = b, starlark.Len(x)
		}
		by, fits := n.Int64()
		if aInt && bInt && a.BigInt().BitLen()+b.BigInt().BitLen() > maxLen/16 || length > 0 && n.Sign() > 0 && (!fits || by > maxLen/int64(max(length, 1))) {
			return nil, tooMuch("*")
		}
	}
	return starlark.Binary(syntax.STAR, x, y)
}

// boundedPercent is x % y.
func boundedPercent(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	if _, ok := args[0].(starlark.String); ok && loading(thread) && size(args, maxLen, 0) > maxLen {
		return nil, tooMuch("%")
	} else if ok && deep(args[1]) {
		return nil, tooDeep("%")
	}
	return starlark.Binary(syntax.PERCENT, args[0], args[1])
}

// boundedSum is x + y, and x | y.
func boundedSum(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	if loading(thread) && length(args[0])+length(args[1]) > maxLen {
		return nil, tooMuch(b.Name())
	}
	op := syntax.PLUS
	if b.Name() == "|" {
		op = syntax.PIPE
	}
	return starlark.Binary(op, args[0], args[1])
}

// boundedMore is the y of x += y, and of x |= y. What x is by then, the limit of
// the memory sees: it does not double.
func boundedMore(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	if loading(thread) && length(args[0]) > maxLen {
		return nil, tooMuch(b.Name())
	}
	return args[0], nil
}

// length is how long a text is, or how many elements what can be added has.
func length(v starlark.Value) int {
	if n, ok := v.(starlark.Int); ok {
		return n.BigInt().BitLen() / 8
	}
	return max(starlark.Len(v), 0)
}

// boundedRange is range(), which lists can be made of.
func boundedRange(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	v, err := starlark.Call(thread, starlark.Universe["range"], args, kwargs)
	if err == nil && loading(thread) && starlark.Len(v) > maxLen {
		return nil, tooMuch("range")
	}
	return v, err
}

// boundedZip is zip().
func boundedZip(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if loading(thread) && len(args) > 0 && max(starlark.Len(args[0]), 0) > maxLen/len(args) {
		return nil, tooMuch("zip")
	}
	return starlark.Call(thread, starlark.Universe["zip"], args, kwargs)
}

// boundedText is str() and repr().
func boundedText(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if loading(thread) && size(args, maxLen, 0) > maxLen {
		return nil, tooMuch(b.Name())
	}
	if deepCall(args, kwargs) {
		return nil, tooDeep(b.Name())
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
	switch {
	case !loading(thread) && of.Name() == "format":
		return framing(shallow(of)), nil
	case !loading(thread) || !methods[of.Name()]:
		return framing(of), nil
	}
	text, isText := of.Receiver().(starlark.String)
	if !isText {
		return boundedGrowth(of), nil
	}
	return starlark.NewBuiltin(of.Name(), func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		// By its longest argument as often as there can be places for it.
		longest, times := size(args, maxLen, 0), 1
		for _, kw := range kwargs {
			longest += size(kw, maxLen, 0)
		}
		switch of.Name() {
		case "format":
			times = strings.Count(string(text), "{")
		case "replace":
			if len(args) > 0 {
				old, _ := starlark.AsString(args[0])
				times = strings.Count(string(text), old)
			}
		case "join": // the other way round: it is between its arguments
			if len(args) > 0 && max(starlark.Len(args[0]), 1)*len(text) > maxLen {
				return nil, tooMuch("join")
			}
		default: // a list of its parts
			longest = max(longest, len(text))
		}
		if longest > maxLen/max(times, 1) { // one that is too deep is too long
			return nil, tooMuch(of.Name())
		}
		return of.CallInternal(thread, args, kwargs)
	}), nil
}

// shallow is a function that refuses what is nested too deep.
func shallow(of *starlark.Builtin) *starlark.Builtin {
	return starlark.NewBuiltin(of.Name(), func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		if deepCall(args, kwargs) {
			return nil, tooDeep(of.Name())
		}
		return of.CallInternal(thread, args, kwargs)
	})
}

// boundedGrowth is a method that adds its arguments to a list, a dict or a set.
func boundedGrowth(of *starlark.Builtin) *starlark.Builtin {
	return starlark.NewBuiltin(of.Name(), func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		for _, v := range args {
			if length(v) > maxLen {
				return nil, tooMuch(of.Name())
			}
		}
		return of.CallInternal(thread, args, kwargs)
	})
}

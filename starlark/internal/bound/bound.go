// Package bound limits what one operation of a file in Starlark makes.
//
//	bound.Rewrite(file) // before it is compiled
//	maps.Copy(predeclared, bound.Functions(wrap))
//	predeclared["["] = index
//	bound.In(thread, phase) // before it runs
//
// The interpreter can be cancelled between two operations, not within one
// (go.starlark.net/starlark, Thread.Cancel), and list(range(1 << 40)) is one operation:
// it would end the program, as Go does when memory runs out. Values nested too deep
// would end it too, as a stack overflow in Go cannot be caught. So an operation whose
// result would be too large or too deep is an [Error]. What is too large is in room.go,
// what is too deep in deep.go; both are estimates, quick and generous.
package bound

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

// bounds are the functions whose result can be larger than their arguments. The names
// that are no words, which no file can use, are those that Rewrite puts in for operators.
var bounds = map[string]func(*starlark.Thread, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (starlark.Value, error){
	"*": boundedTimes, "%": boundedPercent, "+": boundedSum, "|": boundedSum, "+=": boundedMore, "|=": boundedMore,
	"*x": boundedMore, "int": boundedInt, "range": boundedRange, "zip": boundedZip, "str": boundedText, "repr": boundedText,
}

// methods are the methods of strings, lists, dicts and sets for which the same is true.
var methods = map[string]bool{"replace": true, "join": true, "format": true, "extend": true, "update": true, "union": true,
	"difference": true, "intersection": true, "symmetric_difference": true, "issubset": true, "issuperset": true,
	"split": true, "rsplit": true, "splitlines": true, "elems": true, "codepoints": true, "elem_ords": true, "codepoint_ords": true}

// failing are the methods that can fail for some arguments.
var failing = []string{"index", "rindex", "pop", "popitem", "remove", "insert", "update", "setdefault", "split", "rsplit", "union", "extend"}

// Functions returns what a file calls after [Rewrite], except "[", and the module json.
// Each function, and each method that can fail, is passed through wrap.
func Functions(wrap func(*starlark.Builtin) *starlark.Builtin) starlark.StringDict {
	names := starlark.StringDict{}
	for name, each := range consumers {
		names[name] = wrap(consumer(name, each))
	}
	for name, do := range bounds {
		names[name] = wrap(starlark.NewBuiltin(name, do))
	}
	for _, name := range []string{".", "getattr"} {
		names[name] = wrap(starlark.NewBuiltin(name, boundedMethod(wrap)))
	}
	module := *json.Module
	module.Members = maps.Clone(module.Members)
	for name, v := range module.Members {
		of := v.(*starlark.Builtin)
		module.Members[name] = wrap(starlark.NewBuiltin(of.Name(), func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
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
		}))
	}
	names["json"] = &module
	return names
}

// deepText reports whether a value is a text of JSON nested too deep.
func deepText(v starlark.Value) bool {
	text, ok := v.(starlark.String)
	return ok && deepJSON(string(text))
}

// Phase reports whether a file is in its load phase, in which less is allowed.
type Phase interface{ Loading() bool }

// phase is the name under which a thread holds its Phase.
const phase = "fastmigrate.phase"

// In gives the thread the limits of a phase. Without one it has those of a task.
func In(thread *starlark.Thread, p Phase) { thread.SetLocal(phase, p) }

func loading(thread *starlark.Thread) bool {
	p, ok := thread.Local(phase).(Phase)
	return ok && p.Loading()
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

// boundedMore is the y of x += y, and of x |= y, and the x of f(*x). In the load phase
// the limit of memory covers the x of x += y, as it does not double.
func boundedMore(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	if r := roomOf(thread); r.length(args[0]) > r.most {
		return nil, r.tooMuch(strings.TrimSuffix(b.Name(), "x"))
	}
	return args[0], nil
}

// boundedRange is range(), from which lists are made.
func boundedRange(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	v, err := starlark.Call(thread, starlark.Universe["range"], args, kwargs)
	if r := roomOf(thread); err == nil && loading(thread) && starlark.Len(v) > r.most {
		return nil, r.tooMuch("range")
	}
	return v, err
}

// boundedInt is int().
func boundedInt(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if !loading(thread) && len(args) > 0 && starlark.Len(args[0]) > runRoom.bits { // the load phase has no time for it
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
func boundedMethod(wrap func(*starlark.Builtin) *starlark.Builtin) func(*starlark.Thread, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (starlark.Value, error) {
	return func(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		v, err := attribute(thread, b, args, kwargs)
		of, isMethod := v.(*starlark.Builtin)
		switch {
		case err != nil || !isMethod:
			return v, err
		case methods[of.Name()]:
			of = boundedCall(of)
		}
		return wrap(of), nil
	}
}

// attribute is x.name, and getattr(x, name), with the errors of the interpreter.
func attribute(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	v, err := starlark.Call(thread, starlark.Universe["getattr"], args, kwargs)
	if e := (*starlark.EvalError)(nil); b.Name() == "." && errors.As(err, &e) {
		err = errors.New(strings.TrimPrefix(e.Msg, "getattr: "))
	}
	return v, err
}

// boundedCall is one of methods, of a value.
func boundedCall(of *starlark.Builtin) *starlark.Builtin {
	text, isText := of.Receiver().(starlark.String)
	return starlark.NewBuiltin(of.Name(), func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		r := roomOf(thread)
		if isText && deepCall(args, kwargs) {
			return nil, tooDeep(of.Name())
		}
		if isText && r.made(of.Name(), string(text), args, kwargs) > r.most || !isText && slices.ContainsFunc(args, func(v starlark.Value) bool { return r.length(v) > r.most }) {
			return nil, r.tooMuch(of.Name())
		}
		return of.CallInternal(thread, args, kwargs)
	})
}

// How much one operation may make.

package bound

import (
	"fmt"
	"strings"

	"go.starlark.net/starlark"
)

// room is the limit of the result of one operation, in bytes of text.
type room struct {
	each int // an element of a list counts as
	most int // together
	bits int // of an integer
	json int // the most that json reads or writes
	deep int // levels of a value whose size is estimated
}

var (
	// loadRoom is small, as a file only declares, and smaller for json, which recurses.
	loadRoom = room{each: 1, most: 1 << 20, bits: 1 << 16, json: 64 << 10, deep: 1000}
	// runRoom is 512 MB, or 33 million elements of a list, and integers of 2.5 million
	// digits: operations of that size end within seconds, and fit into most machines.
	runRoom = room{each: 16, most: 1 << 29, bits: 1 << 23, json: 1 << 29, deep: maxDepth}
	// shownRoom is for a variable in an error.
	shownRoom = room{each: 1, most: 10_000, deep: 1000}
)

func roomOf(thread *starlark.Thread) room {
	if loading(thread) {
		return loadRoom
	}
	return runRoom
}

// Error is an operation that would make too much.
type Error struct {
	Message string
	Hint    string // what to do instead; empty: none
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Arguments returns an error if the arguments of a builtin are nested too deep, or too
// large for the load phase.
func Arguments(thread *starlark.Thread, name string, args starlark.Tuple, kwargs []starlark.Tuple) error {
	if loading(thread) && loadRoom.size(args...) > loadRoom.most {
		return loadRoom.tooMuch(name)
	}
	if deepCall(args, kwargs) {
		return tooDeep(name)
	}
	return nil
}

// Short reports whether the text of a value is short enough to show in an error.
func Short(v starlark.Value) bool { return shownRoom.size(v) <= shownRoom.most }

// Fits returns an error if a value, such as a range, has more elements than a list of a
// task may have. what names the function that takes it.
func Fits(what string, v starlark.Value) error {
	if runRoom.length(v) > runRoom.most {
		return runRoom.tooMuch(what)
	}
	return nil
}

func (r room) tooMuch(what string) error {
	if r == loadRoom {
		return &Error{Message: what + ": the result is too large to be made while the file is loaded", Hint: "move the work into a function"}
	}
	return &Error{Message: what + ": the result is too large", Hint: fmt.Sprintf("one operation makes at most %d MB, a list of %d million elements or an integer of %d million bits: for x in range(n) counts as far as it likes",
		r.most>>20, r.most/r.each/1_000_000, r.bits/1_000_000)}
}

// length is the length of a text, or what the elements of a value count as.
func (r room) length(v starlark.Value) int {
	n := starlark.Len(v)
	switch v := v.(type) {
	case starlark.String, starlark.Bytes:
		return n
	case starlark.Int:
		return v.BigInt().BitLen() / 8
	case starlark.Iterable:
		if t := v.Type(); n < 0 && (strings.HasPrefix(t, "string.") || strings.HasPrefix(t, "bytes.")) { // the letters of a text
			n = count(v, r.most/r.each)
		}
	}
	if n > r.most/r.each {
		return r.most + 1
	}
	return max(n, 0) * r.each
}

// count is the number of elements, which it stops to count beyond most. The interpreter
// has -1 for those of a value that does not tell.
func count(v starlark.Iterable, most int) int {
	n := -1
	for range starlark.Elements(v) {
		if n++; n > most {
			break
		}
	}
	return n
}

// size estimates the length of the text of the values; it is more than most if that is
// longer, or nested too deep. Values without a length, such as a query, are not read.
func (r room) size(values ...starlark.Value) int {
	n := 0
	for _, v := range values {
		if n += r.sizeOf(v, r.most-n, 0); n > r.most {
			break
		}
	}
	return n
}

func (r room) sizeOf(v starlark.Value, limit, depth int) int {
	n := r.each
	if depth > r.deep {
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
			if n += r.sizeOf(kv, limit-n, depth+1); n > limit {
				break
			}
		}
	case starlark.Sequence:
		if l := r.length(v); l > limit || v.Type() == "range" {
			return l
		}
		for one := range starlark.Elements(v) {
			if n += r.sizeOf(one, limit-n, depth+1); n > limit {
				break
			}
		}
	case starlark.HasAttrs: // as struct
		for _, name := range v.AttrNames() {
			if a, _ := v.Attr(name); a != nil {
				n += len(name) + r.sizeOf(a, limit-n, depth+1)
			}
			if n > limit {
				break
			}
		}
	}
	return n
}

// consumers are the functions that iterate over their arguments, with the room that each
// element takes in the result, in elements of a list.
var consumers = map[string]int{"list": 1, "tuple": 1, "reversed": 1, "sorted": 2, "enumerate": 5, "set": 4, "dict": 4, "max": 1, "min": 1, "any": 1, "all": 1, "bytes": 1}

// consumer is one of them, bounded.
func consumer(name string, times int) *starlark.Builtin {
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		if r := roomOf(thread); r != loadRoom {
			through := args
			for _, kw := range kwargs { // dict(a = x) does not iterate over x
				if kw[0] == starlark.String("iterable") {
					through = kw[1:]
				}
			}
			for _, v := range through {
				if _, ok := v.(starlark.Iterable); ok && r.length(v) > r.most/times {
					return nil, r.tooMuch(name)
				}
			}
		}
		return starlark.Universe[name].(*starlark.Builtin).CallInternal(thread, args, kwargs)
	})
}

// made estimates the length of the result of a method of a text.
func (r room) made(method, text string, args starlark.Tuple, kwargs []starlark.Tuple) int {
	n := len(text)
	switch method {
	case "format": // each argument as often as there can be places for it
		for i, v := range args {
			n = r.plus(n, r.size(v), max(1, strings.Count(text, fmt.Sprintf("{%d", i))))
		}
		for _, kw := range kwargs {
			n = r.plus(n, r.size(kw[1]), max(1, strings.Count(text, "{"+string(kw[0].(starlark.String)))))
		}
	case "replace":
		if len(args) > 1 {
			old, _ := starlark.AsString(args[0])
			n = r.plus(n, r.size(args[1]), strings.Count(text, old))
		}
	case "join": // the other way round: it is between its arguments
		if len(args) > 0 {
			n = r.plus(r.size(args[0]), len(text), max(starlark.Len(args[0]), 0))
		}
	case "split", "rsplit", "splitlines": // a list of its parts
		parts := strings.Count(text, "\n")
		if by := ""; method != "splitlines" {
			if len(args) > 0 {
				by, _ = starlark.AsString(args[0])
			}
			if parts += strings.Count(text, " ") + strings.Count(text, "\t"); by != "" {
				parts = strings.Count(text, by)
			}
		}
		n = r.plus(0, 2*r.each, parts)
	}
	return n
}

// plus is n + size * times, or a little more than most.
func (r room) plus(n, size, times int) int {
	if times > 0 && size > (r.most-min(n, r.most))/times {
		return r.most + 1
	}
	return n + size*times
}

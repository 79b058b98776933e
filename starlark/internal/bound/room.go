// How much one operation may make, by estimates that are quick and generous.

package bound

import (
	"fmt"
	"strings"

	"go.starlark.net/starlark"
)

// room is what there is for the result of one operation, in bytes of text.
type room struct {
	each int // what an element of a list counts
	most int // together
	bits int // of an integer
	json int // the most that json reads or writes
	deep int // levels of a value whose text is estimated
}

var (
	// loadRoom is small, as a file only declares. For json it is smaller: that calls itself.
	loadRoom = room{each: 1, most: 1 << 20, bits: 1 << 16, json: 64 << 10, deep: 1000}
	// runRoom is 512 MB, or 33 million elements of a list, and integers of 2.5 million
	// digits: an operation ends within seconds, and most machines have the memory.
	runRoom = room{each: 16, most: 1 << 29, bits: 1 << 23, json: 1 << 29, deep: maxDepth}
	// shownRoom is that of a variable in an error.
	shownRoom = room{each: 1, most: 10_000, deep: 1000}
)

func roomOf(thread *starlark.Thread) room {
	if loading(thread) {
		return loadRoom
	}
	return runRoom
}

// Error is the error of an operation that would make too much.
type Error struct {
	Message string
	Hint    string // what to do instead; empty: nothing comes to mind
}

// Error is the message.
func (r *Error) Error() string { return r.Message }

// Arguments refuses those that a builtin of this name is not to be given: nested too
// deep, or too large for a file that is being loaded.
func Arguments(thread *starlark.Thread, name string, args starlark.Tuple, kwargs []starlark.Tuple) error {
	if loading(thread) && loadRoom.size(args...) > loadRoom.most {
		return loadRoom.tooMuch(name)
	}
	if deepCall(args, kwargs) {
		return tooDeep(name)
	}
	return nil
}

// Short reports whether the text of a value is short enough to be made for a reader.
func Short(v starlark.Value) bool { return shownRoom.size(v) <= shownRoom.most }

// Fits reports a value that has more elements than a task may hold in a list, as a
// range can. what is the function that was given it.
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

// length is how long a text is, or what the elements count of what has some.
func (r room) length(v starlark.Value) int {
	n := starlark.Len(v)
	switch v := v.(type) {
	case starlark.String, starlark.Bytes:
		return n
	case starlark.Int:
		return v.BigInt().BitLen() / 8
	case starlark.Iterable:
		if t := v.Type(); n < 0 && (strings.HasPrefix(t, "string.") || strings.HasPrefix(t, "bytes.")) { // the letters of a text
			for range starlark.Elements(v) {
				if n++; n > r.most/r.each {
					break
				}
			}
		}
	}
	if n > r.most/r.each {
		return r.most + 1
	}
	return max(n, 0) * r.each
}

// size is about how long the text of the values is; more than most if it is longer,
// or nested beyond all reason. What has no length, as a query, is not looked into.
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

// consumers are the functions that go through all that they are given, and how many
// times what an element of a list takes they need for each.
var consumers = map[string]int{"list": 1, "tuple": 1, "reversed": 1, "sorted": 2, "enumerate": 5, "set": 4, "dict": 4, "max": 1, "min": 1, "any": 1, "all": 1, "bytes": 1}

// consumer is one of them, within its room.
func consumer(name string, times int) *starlark.Builtin {
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		if r := roomOf(thread); r != loadRoom {
			through := args
			for _, kw := range kwargs { // dict(a = x) does not go through x
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

// made is about how long what a method of a text makes is.
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

// plus is n + size * times, or a little more than what there is room for.
func (r room) plus(n, size, times int) int {
	if times > 0 && size > (r.most-min(n, r.most))/times {
		return r.most + 1
	}
	return n + size*times
}

// Values nested too deep. Converting a value to a text, or back, recurses for each level,
// and a stack overflow cannot be caught.

package bound

import (
	"fmt"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
)

// maxDepth is how many levels a value may have that becomes a text or an argument. Go's
// encoding/json has the same limit.
const maxDepth = 10_000

// Nested is a value that holds others, in addition to those of Starlark.
type Nested interface{ Holds() []starlark.Value }

func tooDeep(what string) error {
	return &Error{Message: fmt.Sprintf("%s: a value is nested more than %d levels deep", what, maxDepth)}
}

// deep reports whether one of the values has more than maxDepth levels.
func deep(values ...starlark.Value) bool {
	var d depths
	for _, v := range values {
		if d.of(v, 0) > maxDepth {
			return true
		}
	}
	return false
}

// deepCall is deep for the arguments of a call.
func deepCall(args starlark.Tuple, kwargs []starlark.Tuple) bool {
	if deep(args...) {
		return true
	}
	for _, kw := range kwargs {
		if deep(kw[1]) {
			return true
		}
	}
	return false
}

// depths are the levels of values that hold holders: each is visited once, however often
// it occurs. A value that holds itself counts once.
type depths map[any]int

// of is the number of levels of v and of those above it; it stops soon after maxDepth.
func (d *depths) of(v starlark.Value, above int) int {
	if !holder(v) || above > maxDepth {
		return above
	}
	if flat(v) {
		return above + 1
	}
	held, id := holds(v)
	if n, ok := (*d)[id]; ok {
		return above + n
	}
	deepest, inner := above+1, false
	for _, one := range held {
		if !holder(one) {
			continue
		}
		if !inner {
			if inner = true; *d == nil {
				*d = depths{}
			}
			(*d)[id] = 0
		}
		if deepest = max(deepest, d.of(one, above+1)); deepest > maxDepth {
			return deepest
		}
	}
	if inner {
		(*d)[id] = deepest - above
	}
	return deepest
}

// flat reports whether a value is a list without holders, as most are, which costs nothing
// to find out.
func flat(v starlark.Value) bool {
	l, ok := v.(*starlark.List)
	for i := 0; ok && i < l.Len(); i++ {
		ok = !holder(l.Index(i))
	}
	return ok
}

// holder reports whether a value can hold others.
func holder(v starlark.Value) bool {
	switch v := v.(type) {
	case starlark.String, starlark.Int, starlark.NoneType: // the usual ones first: to ask for Nested takes longer
		return false
	case starlark.Tuple:
		return len(v) > 0
	case *starlark.List, *starlark.Set, *starlark.Dict, *starlarkstruct.Struct, Nested:
		return true
	}
	return false
}

// holds lists the values in a holder, and gives its identity.
func holds(v starlark.Value) (held []starlark.Value, id any) {
	switch v := v.(type) {
	case starlark.Tuple:
		return v, &v[0]
	case *starlark.List:
		return elements(v), v
	case *starlark.Set:
		return elements(v), v
	case *starlark.Dict:
		for _, kv := range v.Items() {
			held = append(held, kv...)
		}
		return held, v
	case *starlarkstruct.Struct:
		for _, name := range v.AttrNames() {
			if a, err := v.Attr(name); err == nil {
				held = append(held, a)
			}
		}
		return held, v
	case Nested:
		return v.Holds(), v
	}
	return nil, nil
}

func elements(v starlark.Iterable) (list []starlark.Value) {
	for one := range starlark.Elements(v) {
		list = append(list, one)
	}
	return list
}

// deepJSON reports whether more than maxDepth brackets of a text are open at once.
func deepJSON(text string) bool {
	open, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case quoted:
		case c == '[' || c == '{':
			if open++; open > maxDepth {
				return true
			}
		case c == ']' || c == '}':
			open--
		}
	}
	return false
}

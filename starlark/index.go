// Wrappers of x[y] and of the language's own functions, so that their errors have the
// variables of the caller: the interpreter discards those before it returns the error.

package starlark

import (
	"errors"
	"fmt"
	"maps"

	"fastmigrate/starlark/internal/bound"

	"go.starlark.net/lib/math"
	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
)

// indexed is x[y]. Its errors are those of the interpreter.
func indexed(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	v, err := index(args[0], args[1])
	return v, inFrame(thread, err)
}

// framing wraps a function of the language: its errors get the variables of its
// caller.
func framing(b *starlark.Builtin) *starlark.Builtin {
	return starlark.NewBuiltin(b.Name(), func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		v, err := b.CallInternal(thread, args, kwargs)
		return v, inFrame(thread, err)
	})
}

// inFrame adds the variables of the caller to an error of a builtin, unless it has some,
// or comes from a function of the file that the builtin called.
func inFrame(thread *starlark.Thread, err error) error {
	if err == nil {
		return nil
	}
	err = refused(err)
	if s := Of(thread); s != nil {
		s.look(thread)
	}
	var known *framed
	if in := innermost(err); errors.As(err, &known) || in != nil && len(in.CallStack) > 0 && in.CallStack.At(0).Pos.Filename() != "<builtin>" {
		return err
	}
	return &framed{err, locals(thread)}
}

// refused turns an error of package bound into one of this package.
func refused(err error) error {
	if r, ok := err.(*bound.Error); ok {
		return &Error{Kind: "usage", Message: r.Message, Hint: r.Hint}
	}
	return err
}

func index(x, y starlark.Value) (starlark.Value, error) {
	switch x := x.(type) {
	case starlark.Mapping:
		v, found, err := x.Get(y)
		if err == nil && !found {
			err = &Error{Kind: "usage", Message: fmt.Sprintf("key %v not in %s", y, x.Type()), Hint: nearKey(x, y)}
		}
		return v, err
	case starlark.Indexable:
		n := x.Len()
		i, err := starlark.AsInt32(y)
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s index: %s", x.Type(), err)
		case i >= 0 && i < n:
			return x.Index(i), nil
		case i < 0 && i+n >= 0:
			return x.Index(i + n), nil
		case n == 0:
			return nil, fmt.Errorf("index %d out of range: empty %s", i, x.Type())
		}
		return nil, fmt.Errorf("%s index %d out of range: it has %d", x.Type(), i, n)
	}
	return nil, fmt.Errorf("unhandled index operation %s[%s]", x.Type(), y.Type())
}

// nearKey is a hint for a missing key.
func nearKey(x starlark.Mapping, y starlark.Value) string {
	keys, ok := x.(starlark.IterableMapping)
	if !ok {
		return ""
	}
	wanted, isText := starlark.AsString(y)
	var names []string
	for _, kv := range keys.Items() {
		name, ok := starlark.AsString(kv[0])
		switch {
		case ok && isText:
			names = append(names, name)
		case ok && name == y.String(), !ok && isText && kv[0].String() == wanted:
			return fmt.Sprintf("there is the key %v, which is of the type %s", kv[0], kv[0].Type())
		}
	}
	if near := Nearest(wanted, names); isText && near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return ""
}

// ownFunctions are the functions of the language, framed.
func ownFunctions() starlark.StringDict {
	names := starlark.StringDict{"math": framedModule(math.Module)}
	for name, v := range starlark.Universe {
		if b, ok := v.(*starlark.Builtin); ok {
			names[name] = framing(b)
		}
	}
	return names
}

func framedModule(m *starlarkstruct.Module) *starlarkstruct.Module {
	of := *m
	of.Members = maps.Clone(m.Members)
	for name, v := range of.Members {
		if b, ok := v.(*starlark.Builtin); ok {
			of.Members[name] = framing(b)
		}
	}
	return &of
}

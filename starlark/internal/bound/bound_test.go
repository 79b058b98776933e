package bound

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

var dialect = &syntax.FileOptions{Set: true, TopLevelControl: true, GlobalReassign: true}

// load is a Phase in which a file is loaded, or not.
type load bool

func (l load) Loading() bool { return bool(l) }

// eval gives the value of the global x after a text ran: as it is, or bounded.
func eval(text string, bounded bool, p Phase) (starlark.Value, error) {
	file, err := dialect.Parse("x", text, 0)
	if err != nil {
		return nil, err
	}
	names := starlark.StringDict{}
	thread := &starlark.Thread{}
	if bounded {
		Rewrite(file)
		maps.Copy(names, Functions(func(b *starlark.Builtin) *starlark.Builtin { return b }))
		names["["] = starlark.NewBuiltin("[", index)
		In(thread, p)
	}
	program, err := starlark.FileProgram(file, names.Has)
	if err != nil {
		return nil, err
	}
	globals, err := program.Init(thread, names)
	if err != nil {
		return nil, err
	}
	return globals["x"], nil
}

func index(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	if m, ok := args[0].(starlark.Mapping); ok {
		v, _, err := m.Get(args[1])
		return v, err
	}
	i, err := starlark.AsInt32(args[1])
	return args[0].(starlark.Indexable).Index(i), err
}

// TestRewriteKeepsMeaning runs texts with and without bounds: the value, or what the
// error says, is the same.
func TestRewriteKeepsMeaning(t *testing.T) {
	for _, text := range []string{
		`x = 3 * 4 % 5 + 6`,
		`x = "%s-%d" % ("a", 2) * 2`,
		`x = [1] + [2] * 3 + list((4,))`,
		`x = set([1]) | set([2])`,
		`x = {"a": 1} | {"b": 2}`,
		`x = "a,b".split(",") + ["-".join(["c", "d"]), "{}{k}".format(1, k = 2)]`,
		"x = [1]\ny = x\nx += [2]\nx *= 2\nx = (x, y)",
		"x = {\"a\": [1]}\nx[\"a\"] += [2]\nx[\"a\"][0] *= 5",
		"x = [7]\nx[0] %= 4",
		"def f(*a, b = 2 * 3, **k): return (a, b, k)\nx = f(*[1, 2], **{\"c\": 3})",
		"x = [i * j for i in range(3) for j in (1, 2) if i * j % 2 == 0]",
		"x = {i: str(i) * 2 for i in range(3)}",
		"x = (lambda a, b = [1] * 2: a[0] + b[0])([1])",
		"x = []\nfor [a, b] in [(1, 2)]:\n  x.extend([a + b, -(a * b), not a])",
		"x = getattr(\"a\", \"upper\")() if len(\"a\" + \"b\") > 1 else 2 * 3",
		"x = \"abcdef\"[1 * 1:2 + 3:2]",
		"x = [zip([1, 2], [3, 4]), sorted([2, 1]), int(\"12\"), repr(\"a\"), max(1, 2), dict(a = 1)]",
		`x = json.decode(json.encode({"a": [1, None]}))`,
		`x = "a" * "b"`, `x = 1 % 0`, `x = "a" + 1`, `x = "%d" % "a"`, `x = "a".nope`, `x = "a".join(1)`, `x = "a".index("b")`,
	} {
		want, wrong := eval(text, false, nil)
		if strings.Contains(text, "json") { // which the language itself does not have
			want, wrong = eval(`x = {"a": [1, None]}`, false, nil)
		}
		for _, p := range []Phase{load(true), load(false)} {
			got, err := eval(text, true, p)
			switch {
			case (err == nil) != (wrong == nil), err != nil && err.Error() != wrong.Error():
				t.Errorf("%s: error %v, without bounds %v", text, err, wrong)
			case err == nil && got.String() != want.String():
				t.Errorf("%s: %v, without bounds %v", text, got, want)
			}
		}
	}
}

// TestBounds makes values of the largest size, and of one more, in each phase.
func TestBounds(t *testing.T) {
	for _, b := range []struct {
		text    string
		p       load
		refused bool
	}{
		{`x = "a" * (1 << 20)`, true, false},
		{`x = "a" * ((1 << 20) + 1)`, true, true},
		{`x = "a" * ((1 << 20) + 1)`, false, false},
		{`x = "a" * ((1 << 29) + 1)`, false, true},
		{`x = list(range((1 << 25) + 1))`, false, true},
		{`x = range(1 << 20)`, true, false},
		{`x = range((1 << 20) + 1)`, true, true},
		{`x = range(1 << 40)`, false, false},
		{`x = (1 << 400) * (1 << 400)`, true, false},
		{"x = 2\nfor i in range(16): x = x * x", true, true},
		{"x = 2\nfor i in range(16): x = x * x", false, false},
		{"x = []\nfor i in range(9999): x = [x]\nx = len(str(x))", false, false},
		{"x = []\nfor i in range(10001): x = [x]\nx = len(str(x))", false, true},
		{"x = len(json.encode(list(range(100))))", true, false},
		{"x = json.decode(\"[\" * 10001)", false, true},
	} {
		_, err := eval(b.text, true, b.p)
		if refused := errors.As(err, new(*Error)); refused != b.refused || err != nil && !refused {
			t.Errorf("%s, loading %v: %v", b.text, b.p, err)
		}
	}
}

// TestFits tells a range that no list can hold from one that a list can.
func TestFits(t *testing.T) {
	for n, want := range map[string]bool{"1 << 25": true, "(1 << 25) + 1": false} {
		v, err := eval("x = range("+n+")", false, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := Fits("f", v); (err == nil) != want {
			t.Errorf("Fits(range(%s)) = %v", n, err)
		}
	}
}

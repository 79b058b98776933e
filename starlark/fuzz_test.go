package starlark

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// nasty are files that would take for ever, all memory or the whole stack, each
// with a part of what is said of it; "" if it is loaded.
var nasty = []struct {
	name, text, want string
	stuck            bool // in one operation
}{
	{"parentheses", "x = " + strings.Repeat("(", 200000), "excessive nesting", false},
	{"lists", "x = " + strings.Repeat("[", 120000) + strings.Repeat("]", 120000), "excessive nesting", false},
	{"negations", "x = " + strings.Repeat("-", 200000) + "1", "excessive nesting", false},
	{"lambdas", "x = " + strings.Repeat("lambda: ", 30000) + "1", "excessive nesting", false},
	{"conditions", "x = " + strings.Repeat("1 if 1 else ", 20000) + "1", "excessive nesting", false},
	{"calls", "x = " + strings.Repeat("len(", 40000) + strings.Repeat(")", 40000), "excessive nesting", false},
	{"sums", "x = " + strings.Repeat("1+", 120000) + "1", "", false},
	{"long", strings.Repeat("#", maxSource+1), "a file may have", false},
	{"range", "x = list(range(1 << 40))", "range: the result is too large", false},
	{"text", `x = "a" * (1 << 29)`, "*: the result is too large", false},
	{"list", `x = (1 << 29) * [0]`, "*: the result is too large", false},
	{"augmented", "x = [\"a\"]\nx[0] *= 1 << 29", "*: the result is too large", false},
	{"doubled", "x = [\"a\" * 1000]\nfor i in range(100):\n  x[0] += x[0]", "+=: the result is too large", false},
	{"doubled by a sum", "x = [\"a\" * 1000]\nfor i in range(100):\n  x[0] = x[0] + x[0]", "+: the result is too large", false},
	{"doubled in a place that is called for", "x = {1: \"a\" * 1000}\ndef k(): return 1\nfor i in range(100):\n  x[k()] += x[k()]", "+=: the result is too large", false},
	{"doubled in itself", "x = [1] * 1000\nfor i in range(100):\n  x.extend(x)", "extend: the result is too large", false},
	{"doubled by a method", "x = [1] * 1000\nmore = x.extend\nfor i in range(100):\n  more(x)", "extend: the result is too large", false},
	{"united", "x = set(range(1 << 20))\ny = x | x", "|: the result is too large", false},
	{"united in place", "x = [set(range(1 << 20))]\nfor i in range(100):\n  x[0] |= set([j + i * (1 << 20) for j in range(1 << 20)])", "loading it takes", false},
	{"split", "x = [\"\"]\nfor i in range(3):\n  x[0] += \",\" * 1000000\ny = x[0].split(\",\")", "split: the result is too large", false},
	{"grown", "x = []\nfor i in range(1 << 20):\n  for j in range(1 << 20):\n    x.append(str(i))", "loading it takes", false},
	{"comprehension", "x = [i + j for i in range(100000) for j in range(100000)]", "loading it takes", false},
	{"replaced", "a = \"a\" * 1000000\nx = a.replace(\"a\", a)", "replace: the result is too large", false},
	{"replaced by a method", "a = \"a\" * 1000000\nr = a.replace\nx = r(\"\", a)", "replace: the result is too large", false},
	{"replaced by name", "a = \"a\" * 1000000\nx = getattr(a, \"replace\")(\"\", a)", "replace: the result is too large", false},
	{"joined", "a = \"a\" * 1000000\nx = a.join([\"\"] * 1000000)", "join: the result is too large", false},
	{"joined many", "a = \"a\" * 1000000\nx = \"\".join([a] * 1000000)", "join: the result is too large", false},
	{"formatted", "a = \"a\" * 1000000\nx = (\"{0}\" * 100000).format(a)", "format: the result is too large", false},
	{"formatted by name", "a = \"a\" * 1000000\nx = (\"{x}\" * 100000).format(x = a)", "format: the result is too large", false},
	{"percent", "a = \"a\" * 1000000\nx = (\"%s\" * 100000) % tuple([a] * 100000)", "%: the result is too large", false},
	{"zipped", "a = [0] * 1000000\nx = zip(*[a] * 10000)", "zip: the result is too large", false},
	{"shift", "x = 1 << 1000000000", "shift count too large", false},
	{"squared", "x = [3]\nfor i in range(100):\n  x[0] = x[0] * x[0]", "*: the result is too large", false},
	{"digits", "a = [\"9\" * 1000000]\nfor i in range(8):\n  a[0] += \"9\" * 1000000\nx = int(a[0])", "loading it takes longer", true},
	{"shared list as text", "a = [[]]\nfor i in range(60):\n  a[0] = [a[0], a[0]]\nx = str(a)", "str: the result is too large", false},
	{"shared list as %r", "a = [[]]\nfor i in range(60):\n  a[0] = [a[0], a[0]]\nx = \"%r\" % a", "%: the result is too large", false},
	{"shared list as JSON", "a = [[]]\nfor i in range(60):\n  a[0] = [a[0], a[0]]\nx = json.encode(a)", "json.encode: the result is too large", false},
	{"nested JSON", "x = json.decode(\"[\" * 1000000)", "json.decode: the result is too large", false},
	{"circular", "a = []\na.append(a)\nx = str(a)", "str: the result is too large", false},
	{"nested list", "a = [[]]\nfor i in range(50000):\n  a[0] = [a[0]]", "", false},
	{"shared tuple as key", "a = [()]\nfor i in range(60):\n  a[0] = (a[0], a[0])\nx = {a[0]: 1}", "loading it takes longer", true},
	{"shared lists compared", "a = [[], []]\nfor i in range(9):\n  a[0], a[1] = [a[0]] * 100, [a[1]] * 100\nx = a[0] == a[1]", "loading it takes longer", true},
}

// TestLoadBounds loads files that no computer could: each ends soon, with a place
// where one is known, and takes no more memory than it may.
func TestLoadBounds(t *testing.T) {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	for _, n := range nasty {
		t.Run(n.name, func(t *testing.T) {
			if n.stuck && os.Getenv("STUCK") == "" { // for ever, in a process that ends
				cmd := exec.Command(os.Args[0], "-test.run", "^TestLoadBounds$/^"+strings.ReplaceAll(n.name, " ", "_")+"$")
				cmd.Env = append(os.Environ(), "STUCK=1")
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("%v: %s", err, out)
				}
				return
			}
			timeout := 10 * time.Second
			if strings.HasPrefix(n.want, "loading it takes") {
				timeout = time.Second / 2
			}
			runtime.GC()
			start := time.Now()
			_, err := Load(t.Context(), fstest.MapFS{Name: {Data: []byte(n.text + "\ndef f(): pass\n")}}, Options{LoadTimeout: timeout})
			if n.want == "" && err != nil || n.want != "" && (err == nil || !strings.Contains(err.Error(), n.want)) {
				t.Errorf("Load = %.300v, want %q", err, n.want)
			}
			var all Errors
			if err != nil && !errors.As(err, &all) {
				t.Errorf("Load = %T, want Errors", err)
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
			if metrics.Read(sample); sample[0].Value.Uint64() > 2<<30 {
				t.Errorf("it left %d MB", sample[0].Value.Uint64()>>20)
			}
		})
	}
}

// FuzzLoad: no file makes Load panic, or hang, and what is wrong is an error of the
// file and none of ours.
func FuzzLoad(f *testing.F) {
	for _, n := range nasty {
		if len(n.text) < 1000 && !strings.HasPrefix(n.want, "loading it takes") {
			f.Add([]byte(n.text))
		}
	}
	f.Add([]byte("\"\"\"Doc ${x}.\"\"\"\nload(\"Fastmigratefile\", \"x\")\ndef a(b, c = 1, *d, e = [], **g):\n  \"\"\"Do ${y}.\n\n  Args:\n    b: c\n  \"\"\"\n  return f\"{b}\" if b is None else a\n"))
	f.Add([]byte("x = struct(a = 1)\nx.replace = 1\nx.format *= 2\nx.join %= 3\nfor x.a in x.b: pass\n"))
	f.Add([]byte("def _a(): pass\nx = lambda *a, **b: [i for i in a if i % 2] + {1: 2}[3:4:5].x\nx[1] %= 3\nprint(1.5e3, 0xff, b\"\\xff\", not x, x // 2)"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text)%2 == 0 { // or else it may be a script, whose top level is no declaration
			text = append(text, "\ndef f(): pass\n"...)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		file, err := Load(ctx, fstest.MapFS{Name: {Data: text}}, Options{LoadTimeout: time.Second, LoadMemory: 256 << 20})
		if ctx.Err() != nil {
			t.Fatal("it hangs")
		}
		var all Errors
		switch {
		case err == nil:
			_ = file.Listing(true)
		case !errors.As(err, &all) || len(all) == 0:
			t.Fatalf("Load = %T, want Errors", err)
		}
		for _, e := range all {
			if e.Kind == "internal" || e.Message == "" {
				t.Fatalf("%+v", e)
			}
			e.Write(&strings.Builder{}, nil)
		}
	})
}

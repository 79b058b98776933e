package starlark_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing/fstest"

	"fastmigrate/builtins"
	host "fastmigrate/starlark"
	"fastmigrate/starlark/command"

	"go.starlark.net/starlark"
)

// A program can hold its workflow, and give it functions of its own.
func Example() {
	project := fstest.MapFS{ // or an embed.FS
		"Fastmigratefile": {Data: []byte(`
load("text/greet.star", "greeting")

def welcome(name, times = 1):
    """Welcome somebody."""
    for _ in range(times):
        print(shout(greeting(name)))
    notify("#ops", n = 0)
`)},
		"text/greet.star": {Data: []byte(`
def greeting(name):
    return "hello " + name
`)},
	}
	names := builtins.New(builtins.Options{Out: os.Stdout}).Predeclared()
	names["shout"] = starlark.NewBuiltin("shout", func(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		var text string
		if err := starlark.UnpackArgs(b.Name(), args, kwargs, "text", &text); err != nil {
			return nil, err
		}
		return starlark.String(strings.ToUpper(text)), nil
	})
	names["notify"] = starlark.NewBuiltin("notify", func(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		var channel string
		var n int
		if err := starlark.UnpackArgs(b.Name(), args, kwargs, "channel", &channel, "n", &n); err != nil {
			return nil, err
		}
		if s := host.Of(thread); s.Loading() || s.Err() != nil {
			return nil, errors.New("notify: not now")
		}
		return nil, &host.Error{Kind: "busy", Message: "nobody is in " + channel, Hint: "ask again tomorrow"}
	})

	err := command.Run(context.Background(), project, "welcome", []string{"--times", "2", "Ada"}, host.Options{Predeclared: names})

	var failed host.Errors
	if errors.As(err, &failed) {
		fmt.Println(failed[0].Kind)
		failed[0].Write(os.Stdout, nil)
	}
	// Output:
	// HELLO ADA
	// HELLO ADA
	// busy
	// Fastmigratefile:8:5: nobody is in #ops
	//   8 |     notify("#ops", n = 0)
	//     |     ^^^^^^^^^^^^^^^^^^^^^
	// with name = "Ada", times = 2, _ = 1
	// hint: ask again tomorrow
}

// A program can list what its workflow offers.
func ExampleLoad() {
	file, err := host.Load(context.Background(), fstest.MapFS{"ops.star": {Data: []byte(`"""Operations."""
def purge(day, keep = 7, *, dry = False):
    """Delete what is older than DAY."""
`)}}, host.Options{File: "ops.star"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(file.Doc)
	for _, t := range file.Tasks {
		fmt.Println(t.Name, "-", t.Summary)
		for _, p := range t.Params {
			fmt.Println(p.Name, p.Type, p.Required)
		}
	}
	// Output:
	// Operations.
	// purge - Delete what is older than DAY.
	// day string true
	// keep int false
	// dry bool false
}

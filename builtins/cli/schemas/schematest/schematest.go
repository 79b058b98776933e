// Package schematest holds what a program prints with --json against its schemas:
//
//	testscript.Main(m, map[string]func(){"fastmigrate": func() { schematest.Record(main) }})
//	schematest.Check(t, dir, true) // after the scripts, which ran with JSON_SEEN=dir
package schematest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fastmigrate/builtins/cli/schemas"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// seen is what a script had the program print with --json.
type seen struct {
	Args   []string
	Output string
}

// Record runs the program. If it prints with --json, and the variable JSON_SEEN names a
// directory, the output is recorded there: the program is then a child, and its output is
// passed on.
func Record(program func()) {
	dir, stdout := os.Getenv("JSON_SEEN"), os.Stdout
	info, err := stdout.Stat()
	if dir == "" || err != nil || info.Mode()&os.ModeCharDevice != 0 || !slices.ContainsFunc(os.Args, func(arg string) bool { return strings.HasPrefix(arg, "--json") }) {
		program()
		return
	}
	os.Unsetenv("JSON_SEEN")
	path, err := os.Executable()
	if err != nil {
		panic(err)
	}
	var output bytes.Buffer
	child := &exec.Cmd{Path: path, Args: os.Args, Stdin: os.Stdin, Stdout: io.MultiWriter(&output, stdout), Stderr: os.Stderr}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals)
	if err := child.Start(); err != nil {
		panic(err)
	}
	go func() {
		for s := range signals {
			child.Process.Signal(s)
		}
	}()
	child.Wait() // an error may mean that no one reads stdout any more
	record, _ := json.Marshal(seen{os.Args, output.String()})
	if f, err := os.CreateTemp(dir, ""); err != nil {
		panic(err)
	} else if _, err := f.Write(record); err != nil {
		panic(err)
	}
	os.Exit(child.ProcessState.ExitCode())
}

// Check compares the output recorded in dir with the schemas, and bends it in ways that they
// must refuse. If all is true, every key of each kind of object must be in the output.
func Check(t *testing.T, dir string, all bool) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	compiled, missing, bent := map[string]*jsonschema.Schema{}, map[string]string{}, map[string]bool{}
	for _, name := range schemas.Names() {
		compiled[name] = compileSchema(t, name)
		if name != "config" {
			note(missing, compiled[name], name)
		}
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var s seen
		if err := json.Unmarshal(text, &s); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(s.Output))
		if err != nil { // a script expects it
			continue
		}
		of, problems := fitting(compiled, s.Args, value)
		if of == nil {
			t.Errorf("%q prints what no schema of it allows: %v\n%s", s.Args, problems, s.Output)
			continue
		}
		used := map[string]bool{}
		present(branch(of, value), value, used)
		maps.DeleteFunc(missing, func(key, _ string) bool { return used[key] })
		if shape := fmt.Sprint(of.Location, slices.Sorted(maps.Keys(used))); !bent[shape] {
			bent[shape] = true
			refusesBent(t, of, s.Args, value)
		}
	}
	if len(missing) > 0 && all {
		t.Errorf("no script has the program print these keys of schemas:\n%s", strings.Join(slices.Sorted(maps.Values(missing)), "\n"))
	}
}

func compileSchema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(schemas.Of(name)))
	if err != nil {
		t.Fatal(name, err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource(name, doc); err != nil {
		t.Fatal(name, err)
	}
	compiled, err := compiler.Compile(name)
	if err != nil {
		t.Fatal(name, err)
	}
	return compiled
}

// fitting is the schema of the command in args, or that of errors, which the value has. If
// there is none, problems say why.
func fitting(compiled map[string]*jsonschema.Schema, args []string, value any) (of *jsonschema.Schema, problems []error) {
	words := []string{strings.TrimPrefix(filepath.Base(args[0]), "fastmigrate_"), "error"}
	for i, word := range args {
		words = append(words, word, strings.Join(args[max(0, i-1):i+1], "-"))
	}
	for _, word := range words {
		word = strings.NewReplacer("_", "-", "-V", "version", "--version", "version").Replace(word)
		if word == "up" || word == "migrate" {
			word = "run-migrations"
		}
		if s := compiled[word]; s != nil {
			err := s.Validate(value)
			if err == nil {
				return s, nil
			}
			problems = append(problems, err)
		}
	}
	return nil, problems
}

// branch is the alternative of a schema that a value has.
func branch(s *jsonschema.Schema, value any) *jsonschema.Schema {
	for _, one := range s.AnyOf {
		if one.Validate(value) == nil {
			return one
		}
	}
	return s
}

// note notes the keys of the objects in a schema, and for each a place where it is.
// Objects with the same keys are of one kind.
func note(all map[string]string, s *jsonschema.Schema, at string) {
	for _, one := range append(slices.Clone(s.AnyOf), s) {
		for key, of := range one.Properties {
			all[kindOf(one)+key] = at + "." + key
			note(all, of, at+"."+key)
		}
		if one.Items2020 != nil {
			note(all, one.Items2020, at+"[]")
		}
	}
}

func kindOf(s *jsonschema.Schema) string {
	return fmt.Sprint(slices.Sorted(maps.Keys(s.Properties)))
}

// present notes the keys of a value, as note does.
func present(s *jsonschema.Schema, value any, used map[string]bool) {
	switch v := value.(type) {
	case map[string]any:
		for key, one := range v {
			if of := s.Properties[key]; of != nil {
				used[kindOf(s)+key] = true
				present(of, one, used)
			}
		}
	case []any:
		for _, one := range v {
			if s.Items2020 != nil {
				present(s.Items2020, one, used)
			}
		}
	}
}

// refusesBent: the schema refuses the value with an unknown key anywhere, with a value of
// another type, and without a key that is required.
func refusesBent(t *testing.T, s *jsonschema.Schema, args []string, value any) {
	t.Helper()
	check := func(how string, at any) {
		if s.Validate(value) == nil {
			t.Errorf("%q: the schema allows %s at %v", args, how, at)
		}
	}
	var bend func(s *jsonschema.Schema, v any)
	bend = func(s *jsonschema.Schema, v any) {
		switch v := v.(type) {
		case map[string]any:
			v["unknown"] = 1
			check("an unknown key", v)
			delete(v, "unknown")
			for _, key := range slices.Collect(maps.Keys(v)) {
				was := v[key]
				v[key] = map[string]any{"bent": true}
				check("another type of "+key, v)
				if delete(v, key); s != nil && slices.Contains(s.Required, key) {
					check("the lack of "+key, v)
				}
				v[key] = was
				if s != nil {
					bend(s.Properties[key], was)
				}
			}
		case []any:
			for i, was := range v {
				v[i] = map[string]any{"bent": true}
				check("another type", i)
				if v[i] = was; s != nil && i == 0 {
					bend(s.Items2020, was)
				}
			}
		}
	}
	if one := branch(s, value); one.AdditionalProperties == false || one.Items2020 != nil { // else it is a schema, which is not ours
		bend(one, value)
	}
}

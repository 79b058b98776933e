// The schemas of package schemas are made from the types that are printed, and held against
// the grammar and the configuration.

package cli

import (
	"bytes"
	"encoding"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fastmigrate/builtins"
	"fastmigrate/builtins/cli/guide"
	"fastmigrate/builtins/cli/internal/release"
	"fastmigrate/builtins/cli/internal/report"
	"fastmigrate/builtins/cli/internal/result"
	"fastmigrate/builtins/cli/schemas"
	"fastmigrate/core"
	"fastmigrate/core/schema"

	"github.com/alecthomas/kong"
	"github.com/rogpeppe/go-internal/diff"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// printed are the values that a command prints with --json, for each way to call it.
var printed = map[string][]any{
	"run-migrations": {result.Migrated{}, report.Rehearsal{}},
	"status":         {result.Status{}},
	"rehearse":       {report.Rehearsal{}},
	"new":            {result.Written{}},
	"gen-rebuild":    {result.Written{}},
	"resolve":        {result.Standing{}},
	"accept":         {result.Accepted{}},
	"renumber":       {result.Renumbered{}},
	"drift":          {result.Drifted{}},
	"wait":           {result.Standing{}},
	"init":           {result.Made{}},
	"create-db":      {result.Created{}},
	"check-version":  {result.Versions{}},
	"enroll-db":      {core.Enrolled{}},
	"adopt":          {result.Adopted{}},
	"check-db":       {result.Checked{}},
	"schema":         {[]schema.Object{}, result.SchemaWritten{}, result.SchemaCompared{}},
	"backup-db":      {result.Backup{}},
	"backups":        {[]result.BackupFile{}},
	"restore-db":     {result.Restored{}, []result.BackupFile{}},
	"run":            {result.Done{}, report.Rehearsal{}},
	"tasks":          {result.Tasks{}},
	"docs":           {guide.Guide{}, builtins.Builtin{}, []builtins.Builtin{}, schemaItself{}},
	"test":           {result.Tests{}, result.AllChecked{}},
	"completion":     {result.Completion{}},
	"man":            {result.Page{}},
	"version":        {release.Build{}},
	"help":           nil, // which has none
}

const draft = "https://json-schema.org/draft/2020-12/schema"

// schemaItself stands for what docs --schema prints.
type schemaItself struct{}

// TestSchemas: each command of the grammar has the schema that its types make, and so has
// an error.
func TestSchemas(t *testing.T) {
	want := map[string]string{"error": document(t, "What a command prints with --json instead of its result if it failed or was used wrongly.", []any{report.Failure{}})}
	for _, c := range leaves(t) {
		words := regexp.MustCompile(` \(.*?\)`).ReplaceAllString(c.Path(), "") // without aliases
		name := strings.ReplaceAll(words, " ", "-")
		values, ok := printed[name]
		if !ok {
			t.Errorf("which type %s --json prints is not in printed", words)
			continue
		}
		if values == nil {
			continue
		}
		want[name] = document(t, "What fastmigrate "+words+" --json prints, unless it fails: see the schema error. "+c.Help, values)
	}
	for name, values := range printed {
		if values != nil && want[name] == "" {
			t.Errorf("%s is no command", name)
		}
	}
	for name, text := range want {
		path := "schemas/" + name + ".schema.json"
		if flag.Lookup("update").Value.String() == "true" {
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, _ := os.ReadFile(path); string(got) != text {
			t.Errorf("go test ./builtins/cli -run TestSchemas -update\n%s", diff.Diff(path, got, "types", []byte(text)))
		}
	}
	for _, name := range schemas.Names() {
		if want[name] == "" && name != "config" {
			t.Errorf("%s.schema.json is of no command", name)
		}
	}
}

// leaves are the commands that can be called.
func leaves(t *testing.T) (list []*kong.Node) {
	t.Helper()
	parser, err := (&grammar{}).parser(nil, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model.Leaves(false)
}

// TestSchemaOfConfig: the schema of the configuration file has its sections and keys, and
// accepts the values that are accepted there.
func TestSchemaOfConfig(t *testing.T) {
	compiler := jsonschema.NewCompiler()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(schemas.Of("config")))
	if err == nil {
		err = compiler.AddResource("config", doc)
	}
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("config")
	if err != nil {
		t.Fatal(err)
	}
	var keys, want []string
	for section, s := range compiled.Properties {
		for key := range s.Properties {
			keys = append(keys, section+" "+key)
		}
		if err := compiled.Validate(map[string]any{section: map[string]any{"nonsense": "x"}}); err == nil {
			t.Errorf("an unknown key of %s is accepted", section)
		}
	}
	if compiled.Validate(map[string]any{"nonsense": map[string]any{}}) == nil {
		t.Error("an unknown section is accepted")
	}
	for _, s := range (&grammar{}).file(&settings{}) {
		want = append(want, s.Section+" "+s.Key)
		for _, value := range []string{"", "x", "yes", "No", "TRUE", "false", "on", "OFF", "1", "0", "2", "30s", "5m", "1h30m", "1.5s", ".5s", "1.s", "+5s", "-5s", "5", "+0", "-0", "00", "100µs", "7us", "7ns", "s", "5 m", "1_0s"} {
			fine := s.Set(value) == nil
			if got := compiled.Validate(map[string]any{s.Section: map[string]any{s.Key: value}}) == nil; got != fine {
				t.Errorf("[%s] %s = %s: accepted by the schema: %t, by the program: %t", s.Section, s.Key, value, got, fine)
			}
		}
	}
	slices.Sort(keys)
	slices.Sort(want)
	if !slices.Equal(keys, want) {
		t.Errorf("the schema has %q, want %q", keys, want)
	}
}

// document is a schema of any of the values.
func document(t *testing.T, description string, values []any) string {
	t.Helper()
	var any []object
	for _, v := range values {
		any = append(any, comments.schema(t, reflect.TypeOf(v)))
	}
	top := any[0]
	if len(any) > 1 {
		top = object{{"anyOf", any}}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(append(object{{"$schema", draft}, {"description", description}}, top...)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// object is an object of JSON whose keys have an order.
type object []struct {
	key   string
	value any
}

func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	for _, one := range o {
		key, err := json.Marshal(one.key)
		if err != nil {
			return nil, err
		}
		var value bytes.Buffer
		e := json.NewEncoder(&value)
		e.SetEscapeHTML(false)
		if err := e.Encode(one.value); err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, ",%s:%s", key, value.Bytes())
	}
	return append(append([]byte("{"), bytes.TrimPrefix(b.Bytes(), []byte(","))...), '}'), nil
}

// source is what the text of packages says of types: comments of fields, and the constants
// that values of a type have.
type source struct {
	fields    map[string]map[string]string // by type, as core.Backup, and name
	constants map[string][]string          // by type
	read      map[string]bool              // packages
}

var comments = source{map[string]map[string]string{}, map[string][]string{}, map[string]bool{}}

// schema describes the JSON of a value of a type.
func (s source) schema(t *testing.T, of reflect.Type) object {
	t.Helper()
	switch text := reflect.TypeFor[encoding.TextMarshaler](); {
	case of.Kind() == reflect.Pointer:
		return s.schema(t, of.Elem())
	case of == reflect.TypeFor[schemaItself]():
		return object{{"type", "object"}, {"properties", object{{"$schema", object{{"const", draft}}}}}, {"required", []string{"$schema"}}}
	case of == reflect.TypeFor[time.Time]():
		return object{{"type", "string"}, {"format", "date-time"}}
	case of.Implements(text):
		return object{{"type", "string"}}
	}
	switch of.Kind() {
	case reflect.String:
		if s.load(t, of); len(s.constants[of.String()]) > 0 {
			return object{{"enum", s.constants[of.String()]}}
		}
		return object{{"type", "string"}}
	case reflect.Bool:
		return object{{"type", "boolean"}}
	case reflect.Int, reflect.Int64:
		return object{{"type", "integer"}}
	case reflect.Float64:
		return object{{"type", "number"}}
	case reflect.Slice:
		return object{{"type", "array"}, {"items", s.schema(t, of.Elem())}}
	case reflect.Struct:
		properties, required := s.properties(t, of)
		return object{{"type", "object"}, {"properties", properties}, {"required", required}, {"additionalProperties", false}}
	}
	t.Fatalf("%v has no schema", of)
	return nil
}

// properties are the keys of a struct, as encoding/json has them: its own before those of
// what it embeds.
func (s source) properties(t *testing.T, of reflect.Type) (properties object, required []string) {
	t.Helper()
	s.load(t, of)
	required = []string{}
	has := func(name string) bool {
		return slices.ContainsFunc(properties, func(p struct {
			key   string
			value any
		}) bool {
			return p.key == name
		})
	}
	var embedded []reflect.StructField
	for f := range of.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			embedded = append(embedded, f)
			continue
		case !f.IsExported() || name == "-":
			continue
		case name == "":
			t.Fatalf("%v.%s has no name in JSON", of, f.Name)
		}
		value, optional := s.schema(t, f.Type), options == "omitempty"
		if f.Type.Kind() == reflect.Pointer && !optional {
			value = append(object{{"type", []any{value[0].value, "null"}}}, value[1:]...)
		}
		text := s.inJSON(of, f, optional)
		if of == reflect.TypeFor[report.Problem]() && name == "kind" {
			kinds := slices.Sorted(maps.Keys(builtins.Kinds))
			value, text = object{{"enum", kinds}}, "what kind of failure it is"
			for i, kind := range kinds {
				text += []string{"; ", ": "}[max(0, 1-i)] + kind + ": " + builtins.Kinds[kind]
			}
		}
		if text != "" {
			value = append(object{{"description", text}}, value...)
		}
		if properties = append(properties, object{{name, value}}...); !optional {
			required = append(required, name)
		}
	}
	for _, f := range embedded {
		in := f.Type
		if in.Kind() == reflect.Pointer {
			in = in.Elem()
		}
		more, needed := s.properties(t, in)
		for _, p := range more {
			if !has(p.key) {
				properties = append(properties, p)
				if f.Type.Kind() != reflect.Pointer && slices.Contains(needed, p.key) {
					required = append(required, p.key)
				}
			}
		}
	}
	return properties, required
}

// inJSON is the comment of a field as a reader of JSON understands it.
func (s source) inJSON(of reflect.Type, f reflect.StructField, optional bool) string {
	text := strings.Join(strings.Fields(s.fields[of.String()][f.Name]), " ")
	for other := range of.Fields() {
		if name, _, _ := strings.Cut(other.Tag.Get("json"), ","); name != "" && name != "-" {
			text = regexp.MustCompile(`\b`+other.Name+`\b`).ReplaceAllString(text, name)
		}
	}
	text = regexp.MustCompile(`\[(\w+\.)?(\w+)\]`).ReplaceAllString(text, "$1$2")
	none := "null"
	if optional {
		none = "absent"
		text = regexp.MustCompile(`(^|[;,.] )(""|0)( |:)`).ReplaceAllString(text, "${1}absent$3")
	}
	return regexp.MustCompile(`\b[nN]il\b`).ReplaceAllString(text, none)
}

// load reads the package of a type.
func (s source) load(t *testing.T, of reflect.Type) {
	t.Helper()
	dir, ours := strings.CutPrefix(of.PkgPath(), "fastmigrate/")
	if !ours || s.read[dir] {
		return
	}
	s.read[dir] = true
	files, err := filepath.Glob(filepath.Join("../..", dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if d, ok := d.(*ast.GenDecl); ok {
				for _, spec := range d.Specs {
					s.note(file.Name.Name+".", spec)
				}
			}
		}
	}
}

// note keeps what a declaration says.
func (s source) note(pkg string, spec ast.Spec) {
	switch d := spec.(type) {
	case *ast.TypeSpec:
		if in, ok := d.Type.(*ast.StructType); ok {
			said := map[string]string{}
			for _, f := range in.Fields.List {
				for _, name := range f.Names {
					said[name.Name] = strings.TrimSpace(f.Doc.Text() + f.Comment.Text())
				}
			}
			s.fields[pkg+d.Name.Name] = said
		}
	case *ast.ValueSpec:
		if of, ok := d.Type.(*ast.Ident); ok {
			for _, v := range d.Values {
				if v, ok := v.(*ast.BasicLit); ok && v.Kind == token.STRING {
					text, _ := strconv.Unquote(v.Value)
					s.constants[pkg+of.Name] = append(s.constants[pkg+of.Name], text)
				}
			}
		}
	}
}

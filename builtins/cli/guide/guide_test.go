package guide

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestGuidesAreListed finds each file in the list, with a title and a summary.
func TestGuidesAreListed(t *testing.T) {
	paths, err := fs.Glob(files, "*.md")
	if err != nil || len(paths) != len(names) {
		t.Fatalf("there are %v, the list has %v: %v", paths, names, err)
	}
	shape := regexp.MustCompile(`^# [^\n]+\n\n([A-Z][^\n]{20,80}\.)\n`)
	for _, g := range All() {
		if !slices.Contains(paths, g.Name+".md") {
			t.Errorf("there is no %s.md", g.Name)
		}
		if parts := shape.FindStringSubmatch(g.Text); parts == nil || parts[1] != g.Summary {
			t.Errorf("%s.md does not begin with a title and a sentence of one line: %q", g.Name, g.Summary)
		}
	}
	if g, ok := Named("none"); ok {
		t.Errorf("there is a guide none: %v", g)
	}
}

// TestLinks follows the links of the guides and of the README to files of this repository,
// and to headings in them.
func TestLinks(t *testing.T) {
	const root = "../../.."
	texts := map[string]string{"README.md": ""}
	for _, name := range names {
		texts["builtins/cli/guide/"+name+".md"] = ""
	}
	for file := range texts {
		text, err := os.ReadFile(path.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		texts[file] = string(text)
	}
	link := regexp.MustCompile(`\]\(([^)#:]*)(#[^)]*)?\)`)
	for file, text := range texts {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			target := file
			if m[1] != "" {
				target = path.Join(path.Dir(file), m[1])
			}
			if _, err := os.Stat(path.Join(root, target)); err != nil {
				t.Errorf("%s: %s: %v", file, m[0], err)
			}
			if m[2] != "" && !slices.Contains(anchors(texts[target]), m[2]) {
				t.Errorf("%s: %s: there is no such heading", file, m[0])
			}
		}
	}
}

// TestMessagesAreReal finds what the README says that a reader may see, where something
// goes wrong, in what the scripts and guides pin.
func TestMessagesAreReal(t *testing.T) {
	const root = "../../.."
	readme, err := os.ReadFile(path.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	scripts, err := filepath.Glob(path.Join(root, "testdata/*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	var pinned strings.Builder
	for _, script := range scripts {
		text, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		pinned.Write(text)
	}
	_, table, _ := strings.Cut(string(readme), "| you see |")
	table, _, _ = strings.Cut(table, "\n\n")
	found := 0
	for _, row := range strings.Split(table, "\n")[1:] {
		seen, _, _ := strings.Cut(strings.TrimPrefix(row, "| "), " | ")
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(seen, -1) {
			found++
			if !strings.Contains(pinned.String(), m[1]) {
				t.Errorf("no script prints %q", m[1])
			}
		}
	}
	if found < 8 {
		t.Errorf("the README has %d messages", found)
	}
}

// TestReferenceShowsJSON finds in the reference a call with --json of each command whose
// result has a schema.
func TestReferenceShowsJSON(t *testing.T) {
	schemas, err := filepath.Glob("../schemas/*.schema.json")
	if err != nil || len(schemas) < 20 {
		t.Fatalf("%d schemas, %v", len(schemas), err)
	}
	reference, _ := Named("reference")
	for _, schema := range schemas {
		command := strings.Replace(strings.TrimSuffix(filepath.Base(schema), ".schema.json"), "gen-", "gen ", 1)
		shown := regexp.MustCompile(`(?m)^fastmigrate ` + command + ` .*--json`)
		if command == "error" || command == "config" {
			shown = regexp.MustCompile("`(fastmigrate )?docs --schema " + command + "`")
		}
		if !shown.MatchString(reference.Text) {
			t.Errorf("reference.md does not show the JSON of %s", command)
		}
	}
}

// anchors are the links to the headings of a text in Markdown, as GitHub makes them.
func anchors(text string) (list []string) {
	text = regexp.MustCompile("(?s)\n```.*?\n```").ReplaceAllString(text, "")
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		heading := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(m[1]), "")
		list = append(list, "#"+strings.ReplaceAll(heading, " ", "-"))
	}
	return list
}

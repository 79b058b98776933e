package rehearse_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/coretest"
	"fastmigrate/core/rehearse"
)

// warningsOf gives the texts of the warnings of a migration.
func warningsOf(m rehearse.Migration) []string { return m.Warnings }

// seeded is a case of testdata/seeded: what comes after the first migration, what a warning
// and a problem of the check on made rows have to name, one each.
type seeded struct {
	name            string
	texts           []string // of the migrations
	warns, problems []string
}

// readSeeded reads the cases of a file.
func readSeeded(t *testing.T, name string) (list []seeded) {
	t.Helper()
	_, cases, _ := strings.Cut(readFile(t, name), "\n-- # ")
	for _, text := range strings.Split(cases, "\n-- # ") {
		one := seeded{}
		one.name, text, _ = strings.Cut(text, "\n")
		for _, line := range strings.Split(text, "\n") {
			if want, ok := strings.CutPrefix(line, "-- warns: "); ok {
				one.warns = append(one.warns, want)
			} else if want, ok := strings.CutPrefix(line, "-- problem: "); ok {
				one.problems = append(one.problems, want)
			}
		}
		one.texts = strings.Split(text, "-- next migration\n")
		list = append(list, one)
	}
	return list
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata/seeded", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// migrations are those of a case after a first one.
func (s seeded) migrations(first string) fs.FS {
	pairs := []string{"0001-app.sql", first}
	for i, text := range s.texts {
		pairs = append(pairs, fmt.Sprintf("%04d-case.sql", i+2), text)
	}
	return files(pairs...)
}

// rehearsed gives the warnings of a rehearsal of the case over a copy of a database.
func (s seeded) rehearsed(t *testing.T, db []byte, first string, atomic bool) (warnings []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	if err := os.WriteFile(path, db, 0o600); err != nil {
		t.Fatal(err)
	}
	o := rehearsing(t)
	o.Atomic = atomic
	migrate(t, path, s.migrations(first), o)
	list, err := rehearse.Of(o).Report(t.Context(), o)
	if err != nil || len(list) != 1 || len(list[0].Applied) != len(s.texts) || len(list[0].Problems) > 0 {
		t.Fatalf("Report() = %v, %v", list, err)
	}
	for _, m := range list[0].Applied {
		warnings = append(warnings, warningsOf(m)...)
	}
	return warnings
}

var aboutTable = regexp.MustCompile(`(?s)^(?:TABLE|INDEX .* ON|UNIQUE INDEX .* ON|TRIGGER .* ON|VIEW .* FROM) (\w+) `)

// concerned leaves of a schema what is about tables that the case names, and their parents.
func (s seeded) concerned(schema string) string {
	words := strings.Join(s.texts, "")
	statements := strings.Split(strings.TrimPrefix(schema, "CREATE "), ";\nCREATE ")
	kept := make([]string, len(statements))
	for range statements { // what is kept names others
		for i, text := range statements {
			if table := aboutTable.FindStringSubmatch(text); kept[i] == "" && regexp.MustCompile(`\b`+table[1]+`\b`).MatchString(words) {
				kept[i] = "CREATE " + strings.TrimSuffix(text, ";\n") + ";\n"
				words += text
			}
		}
	}
	return strings.Join(kept, "")
}

// checked gives the problems of a check of the case on made rows.
func (s seeded) checked(t *testing.T, schema string) (problems []string) {
	t.Helper()
	list, err := coretest.Run(t.Context(), s.migrations(s.concerned(schema)), coretest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		for _, p := range m.Problems {
			problems = append(problems, p.Error())
		}
	}
	return problems
}

// seededDB gives the schema of the app, the first migration, and a database that it made.
func seededDB(t *testing.T) (schema, first string, db []byte) {
	t.Helper()
	schema = readFile(t, "app.sql")
	first = schema + readFile(t, "rows.sql")
	path := newDB(t)
	migrate(t, path, files("0001-app.sql", first), core.Options{})
	db, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return schema, first, db
}

// names reports whether one of the texts has what is wanted.
func names(texts []string, want string) bool {
	return slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, want) })
}

// TestSeededBugsAreFound: a rehearsal over realistic rows warns of each, by the table or the
// column; a rebuild that leaves out, swaps or replaces a column also fails on made rows.
func TestSeededBugsAreFound(t *testing.T) {
	schema, first, db := seededDB(t)
	for _, bug := range readSeeded(t, "bugs.sql") {
		t.Run(bug.name, func(t *testing.T) {
			warnings := bug.rehearsed(t, db, first, false)
			for _, want := range bug.warns {
				if !names(warnings, want) {
					t.Errorf("no warning has %q:\n%s", want, strings.Join(warnings, "\n"))
				}
			}
			if len(bug.problems) == 0 {
				return
			}
			problems := bug.checked(t, schema)
			for _, want := range bug.problems {
				if !names(problems, want) {
					t.Errorf("no problem on made rows has %q:\n%s", want, strings.Join(problems, "\n"))
				}
			}
		})
	}
}

// TestHarmlessMigrationsAreSilent, in a rehearsal over realistic rows, each in a transaction
// and all in one, and on made rows.
func TestHarmlessMigrationsAreSilent(t *testing.T) {
	schema, first, db := seededDB(t)
	for _, one := range readSeeded(t, "harmless.sql") {
		t.Run(one.name, func(t *testing.T) {
			atomic := !strings.Contains(strings.Join(one.texts, ""), "PRAGMA")
			for _, w := range one.rehearsed(t, db, first, atomic) {
				t.Errorf("warning: %s", w)
			}
			for _, p := range one.checked(t, schema) {
				t.Errorf("problem on made rows: %s", p)
			}
		})
	}
}

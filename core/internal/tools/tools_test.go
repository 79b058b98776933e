package tools

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestUpAndDownAreDivided(t *testing.T) {
	tests := []struct {
		tool           reader
		text           string
		up, down, fail string
		lines          []int
	}{
		{goose, "-- +goose Up\na;\n-- +goose Down\nb;\n", "a;\n", "b;\n", "", []int{2}},
		{goose, "-- x\r\n--+goose up\r\na;\r\n-- +goose down\r\n", "a;\r\n", "", "", []int{3}},
		{goose, "-- +goose Up\n\n-- +goose StatementBegin\na -- b\n\n-- +goose StatementEnd\nc;", "\na -- b\n;\nc;\n", "", "", []int{2, 4, 6, 7}},
		{goose, "-- +goose Up\n-- +goose StatementBegin\na;\n-- +goose StatementEnd\n", "a;\n", "", "", []int{3}},
		{goose, "a;\n", "", "", "x.sql: it has no line -- +goose Up", nil},
		{goose, "-- +goose Up\n-- +goose Up\n", "", "", "x.sql: a second Up", nil},
		{goose, "-- +goose Down\n", "", "", "x.sql: Down is not after an Up", nil},
		{goose, "-- +goose Up\n-- +goose StatementBegin\n", "", "", "x.sql: a StatementBegin has no StatementEnd", nil},
		{goose, "-- +goose Up\n-- +goose Begin\n", "", "", `x.sql: goose has no annotation "Begin"`, nil},
		{dbmate, "-- x\n\n--migrate:up transaction:false\na;\n--  migrate:down\nb", "a;\n", "b\n", "", []int{4}},
		{dbmate, "-- migrate:up\na\n\n-- migrate:down\n-- migrate:up\n-- migrate:upper\nb;", "a;\n-- migrate:upper\nb;\n", "", "", []int{2, 6, 7}},
		{dbmate, "a;\n-- migrate:up\n", "", "", "x.sql: it is before any -- migrate:up", nil},
		{dbmate, "-- migrate:down\n", "", "", "x.sql: it is before any -- migrate:up", nil},
		{dbmate, "", "", "", "x.sql: it has no line -- migrate:up", nil},
	}
	for _, test := range tests {
		up, down, err := test.tool.divide("x.sql", named{}, []byte(test.text))
		if err != nil && err.Error() != test.fail || err == nil && test.fail != "" {
			t.Errorf("%q: %v, want %s", test.text, err, test.fail)
		}
		if err == nil && (string(up.Text) != test.up || string(down.Text) != test.down || !slices.Equal(up.Lines, test.lines)) {
			t.Errorf("%q: %q of %v, down %q; want %q of %v, down %q", test.text, up.Text, up.Lines, down.Text, test.up, test.lines, test.down)
		}
	}
}

func TestFilesOfEachTool(t *testing.T) {
	tests := []struct {
		tool  string
		files []string
		want  []string // version and title
		fail  string
	}{
		{"goose", []string{"10_b.sql", "9_a_x.sql", "00011_c.sql", "c_test.go", "1_test.go", "x.sql"}, []string{"9 a_x", "10 b", "11 c"}, ""},
		{"goose", []string{"1_a.sql", "2_b.go"}, nil, "2_b.go: it is a migration in Go, which only goose can run: replace it with a .sql file of the same number that produces the same schema"},
		{"dbmate", []string{"10_b.sql", "9-a.sql", "1.sql"}, []string{"1 ", "10 _b", "9 -a"}, ""},
		{"dbmate", []string{"1_b.sql", "1_a.sql"}, nil, "1_b.sql: it has the version of 1_a.sql"},
		{"golang-migrate", []string{"010_b.up.sql", "9_a.up.sql", "9_a.down.sql", "x.up.sql", "1.sql"}, []string{"9 a", "10 b"}, ""},
		{"golang-migrate", []string{"1_a.up.json"}, nil, "1_a.up.json: it is not a .sql, but golang-migrate would run it"},
		{"golang-migrate", []string{"1_a.up.sql", "2_a.down.sql"}, nil, "2_a.down.sql: there is a down migration, but no up migration: put an empty one with this version beside it"},
		{"user_version", []string{"1.sql", "V2__b.sql", "003 c.sql", "4-d.up.sql", "4.down.sql", "V1.1__x.sql"}, []string{"1 ", "2 b", "3 c", "4 d"}, ""},
	}
	for _, test := range tests {
		dir := t.TempDir()
		for _, name := range test.files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte("-- +goose Up\n-- migrate:up\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		tool := Tools()[slices.IndexFunc(Tools(), func(tool Tool) bool { return tool.Name == test.tool })]
		list, _, err := tool.Files(context.Background(), Source{Dir: dir})
		var got []string
		for _, m := range list {
			got = append(got, m.Version+" "+m.Title)
		}
		if err != nil && err.Error() != test.fail || err == nil && test.fail != "" || !slices.Equal(got, test.want) {
			t.Errorf("%s %v = %q, %v; want %q, %s", test.tool, test.files, got, err, test.want, test.fail)
		}
	}
}

func FuzzParts(f *testing.F) {
	f.Add("-- +goose Up\n-- +goose StatementBegin\na -- b\n-- +goose StatementEnd\n-- +goose Down\nb")
	f.Add("-- migrate:up\na\n-- migrate:down\n-- migrate:up\n\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, tool := range []reader{goose, dbmate} {
			up, down, err := tool.divide("x.sql", named{}, []byte(text))
			if err != nil && !errors.As(err, new(*Error)) {
				t.Errorf("%v", err)
			}
			for _, p := range []Part{up, down} {
				if n := bytes.Count(p.Text, []byte("\n")); n != len(p.Lines) {
					t.Errorf("%q has %d lines, and %d numbers", p.Text, n, len(p.Lines))
				}
			}
		}
	})
}

// TestAlembicEndless: what alembic prints is read up to a size, and no longer than the
// context lasts.
func TestAlembicEndless(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	for program, want := range map[string]string{
		"yes":                  "alembic.ini: its revisions have more than 64 MB of SQL",
		"yes >&2":              "alembic.ini: its revisions cannot be read: ",
		"sleep 60 & sleep 60":  context.DeadlineExceeded.Error(),
		"sleep 60 & echo '[]'": "has no revisions of alembic",
	} {
		dir := t.TempDir()
		python := filepath.Join(dir, "python")
		if err := errors.Join(os.WriteFile(filepath.Join(dir, "alembic.ini"), nil, 0o600), os.WriteFile(python, []byte("#!/bin/sh\n"+program), 0o700)); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		if want == context.DeadlineExceeded.Error() {
			ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		}
		defer cancel()
		if _, _, err := alembic(ctx, Source{Dir: dir, Python: python}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", program, err, want)
		}
	}
}

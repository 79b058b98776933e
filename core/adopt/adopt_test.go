package adopt_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"fastmigrate/core"
	"fastmigrate/core/adopt"
	"fastmigrate/core/fault"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/rehearse"
)

// query runs one statement and gives the first column of its last row.
func query(t testing.TB, path, sql string) string {
	t.Helper()
	c, err := sqlite.Open(context.Background(), path, sqlite.ReadWrite, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	got, err := c.Text(sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return got
}

func TestAdopt(t *testing.T) {
	tests := []struct {
		name            string
		schema, version string // of the database; what golang-migrate says of it
		taken           string // a migration that already exists
		o               core.Options
		want            error
	}{
		{"all well", "CREATE TABLE a (x)", "1, 0", "", core.Options{}, nil},
		{"other migrations", "CREATE TABLE a (x)", "1, 0", "0001-a.sql", core.Options{}, fs.ErrExist},
		{"no history", "CREATE TABLE a (x)", "1, 0", "", core.Options{NoHistory: true}, nil},
		{"rehearsed", "CREATE TABLE a (x)", "1, 0", "", new(rehearse.Rehearsal).Options(core.Options{}), nil},
		{"another schema", "CREATE TABLE a (y)", "1, 0", "", core.Options{}, fault.ErrRefused},
		{"dirty", "CREATE TABLE a (x)", "1, 1", "", core.Options{}, fault.ErrRefused},
		{"no file", "CREATE TABLE a (x)", "2, 0", "", core.Options{}, fault.ErrRefused},
		{"versioned", "", "1, 0", "", core.Options{}, fault.ErrVersioned},
	}
	for _, test := range tests {
		path := filepath.Join(t.TempDir(), "app.db")
		if _, _, err := core.CreateDB(t.Context(), path, core.Options{}); err != nil {
			t.Fatal(err)
		}
		query(t, path, "CREATE TABLE schema_migrations (version uint64, dirty bool)")
		query(t, path, "INSERT INTO schema_migrations VALUES ("+test.version+")")
		if test.schema != "" {
			query(t, path, test.schema)
			query(t, path, "DROP TABLE _meta")
		}
		from, to := t.TempDir(), t.TempDir()
		if err := os.CopyFS(from, fstest.MapFS{"1_a.up.sql": {Data: []byte("CREATE TABLE a (x);")}, "1_a.down.sql": {Data: []byte("DROP TABLE a;")}}); err != nil {
			t.Fatal(err)
		}
		if test.taken != "" {
			if err := os.WriteFile(filepath.Join(to, test.taken), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		schema := query(t, path, "SELECT group_concat(sql, ';') FROM sqlite_master")
		r, err := adopt.DB(context.Background(), path, adopt.Source{From: "golang-migrate", Dir: from, To: to}, test.o)
		if !errors.Is(err, test.want) {
			t.Errorf("%s: Adopt = %v, want %v", test.name, err, test.want)
		}
		if test.want == nil && r.Version != 1 {
			t.Errorf("%s: Adopt = %+v, want version 1", test.name, r)
		}
		list, _, err := core.Migrations(os.DirFS(to))
		if err != nil {
			t.Fatal(err)
		}
		if test.want == nil && rehearse.Of(test.o) == nil {
			s, err := core.Status(context.Background(), path, os.DirFS(to), test.o)
			if err != nil || len(list) != 1 || s.Version != 1 || s.Recorded == test.o.NoHistory || s.Problems != nil {
				t.Errorf("%s: Status = %+v, %v", test.name, s, err)
			}
			continue
		}
		if now := query(t, path, "SELECT group_concat(sql, ';') FROM sqlite_master"); now != schema || test.taken == "" && len(list) > 0 {
			t.Errorf("%s: it left %v and the schema %s", test.name, list, now)
		}
		if rehearse.Of(test.o) != nil {
			rehearse.Of(test.o).Close()
		}
	}
}

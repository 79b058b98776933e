package loss_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fastmigrate/core/internal/loss"
	"fastmigrate/core/internal/sqlite"
)

func TestCountTellsTypesOfMoreColumnsThanOnePassReads(t *testing.T) {
	c, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "app.db"), sqlite.ReadWrite|sqlite.Create, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var names []string
	for i := range 450 {
		names = append(names, fmt.Sprintf(`c "%d"`, i))
	}
	var quoted []string
	for _, n := range names {
		quoted = append(quoted, sqlite.Quote(n))
	}
	for _, sql := range []string{
		"CREATE TABLE t(" + strings.Join(quoted, ", ") + ")",
		"INSERT INTO t(" + quoted[0] + ", " + quoted[449] + ") VALUES (1, 'a'), (2.5, x'00'), (NULL, 3), ('b', NULL)",
	} {
		if err := c.Exec(sql); err != nil {
			t.Fatal(err)
		}
	}
	rows, types, err := loss.Count(c, "t", names)
	if err != nil || rows != 4 || len(types) != 450 {
		t.Fatalf("Count() = %d, %d columns, %v", rows, len(types), err)
	}
	if types[0] != (loss.Types{1, 1, 1, 0}) || types[449] != (loss.Types{1, 0, 1, 1}) || types[0].Values() != 3 {
		t.Errorf("the first and the last column hold %v and %v", types[0], types[449])
	}
	if slices.ContainsFunc(types[1:449], func(of loss.Types) bool { return of.Values() != 0 }) {
		t.Errorf("columns of NULL hold %v", types[1:449])
	}
	if rows, types, err := loss.Count(c, "t", nil); err != nil || rows != 4 || len(types) != 0 {
		t.Errorf("Count() of no columns = %d, %v, %v", rows, types, err)
	}
	if _, _, err := loss.Count(c, "nope", nil); err == nil {
		t.Error("Count() of no table gives no error")
	}
}

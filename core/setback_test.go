package core_test

import (
	"fmt"
	"testing"

	"fastmigrate/core"
)

// TestSetBack: a file in one transaction with others finds each setting as it would on
// a connection of its own, whatever the file before has set.
func TestSetBack(t *testing.T) {
	for _, test := range []struct {
		name string
		to   string
	}{
		{"analysis_limit", "77"}, {"automatic_index", "OFF"}, {"cache_size", "-77"}, {"cache_spill", "OFF"}, {"cell_size_check", "ON"},
		{"checkpoint_fullfsync", "ON"}, {"defer_foreign_keys", "ON"}, {"fullfsync", "ON"}, {"ignore_check_constraints", "ON"},
		{"journal_size_limit", "77"}, {"legacy_alter_table", "ON"}, {"read_uncommitted", "ON"},
		{"recursive_triggers", "ON"}, {"reverse_unordered_selects", "ON"}, {"secure_delete", "ON"}, {"temp_store", "MEMORY"},
		{"threads", "3"}, {"trusted_schema", "OFF"}, {"writable_schema", "ON"},
		{"synchronous", "OFF"}, {"busy_timeout", "77"}, {"foreign_keys", "ON"},
	} {
		ask := fmt.Sprintf("INSERT INTO seen SELECT * FROM pragma_%s", test.name)
		set := fmt.Sprintf("PRAGMA %s = %s; %s;", test.name, test.to, ask)
		var got []string
		for _, atomic := range []bool{false, true} {
			path := newDB(t, false)
			fsys := files("0001-a.sql", "CREATE TABLE seen(x);", "0002-b.sql", set, "0003-c.sql", ask)
			if _, err := core.RunMigrations(t.Context(), path, fsys, core.Options{Atomic: atomic}); err != nil {
				t.Errorf("%s, atomic %v: %v", test.name, atomic, err)
			}
			got = append(got, query(t, path, "SELECT group_concat(x) FROM seen WHERE rowid = 2"))
		}
		if got[0] != got[1] {
			t.Errorf("%s: %s, and in one transaction %s", test.name, got[0], got[1])
		}
	}
}

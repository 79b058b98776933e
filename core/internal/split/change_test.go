package split_test

import (
	"reflect"
	"testing"

	"fastmigrate/core/internal/split"
)

func TestIndex(t *testing.T) {
	for sql, want := range map[string]split.Indexed{
		"CREATE UNIQUE INDEX i ON t(a)":                                           {Unique: true, Table: "t", Terms: []string{"a"}},
		"create index if not exists main.\"on\" on \"my t\" (a desc, \"b\" asc);": {Table: "my t", Terms: []string{"a", " \"b\""}},
		"CREATE INDEX i ON t(coalesce(a, ','), b COLLATE NOCASE DESC) /* x */ WHERE a > 1 ; ": {Table: "t",
			Terms: []string{"coalesce(a, ',')", " b COLLATE NOCASE"}, Where: " a > 1"},
	} {
		if got, ok := split.Index([]byte(sql)); !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("Index(%s) = %+v, %v", sql, got, ok)
		}
	}
	for _, sql := range []string{"", "CREATE TABLE t(a)", "CREATE UNIQUE INDEX", "CREATE INDEX i ON t", "CREATE INDEX i ON t(a", "DROP INDEX i"} {
		if got, ok := split.Index([]byte(sql)); ok {
			t.Errorf("Index(%s) = %+v", sql, got)
		}
	}
}

func TestOrIgnore(t *testing.T) {
	for sql, want := range map[string]string{
		"INSERT INTO t VALUES (1)":                                                "INSERT OR IGNORE INTO t VALUES (1)",
		"-- INSERT\nUPDATE t SET a = 'UPDATE'":                                    "-- INSERT\nUPDATE OR IGNORE t SET a = 'UPDATE'",
		"WITH x AS (SELECT replace('a', 'b', 'c')) INSERT INTO t SELECT * FROM x": "WITH x AS (SELECT replace('a', 'b', 'c')) INSERT OR IGNORE INTO t SELECT * FROM x",
		"INSERT OR FAIL INTO t VALUES (1)":                                        "",
		"REPLACE INTO t VALUES (1)":                                               "",
		"INSERT INTO t VALUES (1) ON CONFLICT (b) DO NOTHING":                     "",
		"DELETE FROM t":            "",
		"INSERT INTO t VALUES ('x": "INSERT OR IGNORE INTO t VALUES ('x",
	} {
		if got, ok := split.OrIgnore([]byte(sql)); got != want || ok != (want != "") {
			t.Errorf("OrIgnore(%s) = %q, %v", sql, got, ok)
		}
	}
}

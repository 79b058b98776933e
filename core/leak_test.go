package core_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/runner"
)

// A trait is what a migration can set on its connection, and so for the next one if
// they shared it.
type trait struct {
	name, set string
	show      string // what shows it: an expression; "": the PRAGMA of its name as a table; "PRAGMA": as a statement
	by        string // who can set it: sql: each script; steps: one in steps alone; star: a Runner alone; any
	together  bool   // it can be set in one transaction with other migrations
}

// traits are in the order in which one script can set them. Without query_only, under
// which nothing can be noted, and what is the whole process's: the limits of its heap.
var traits = []trait{
	{"temp_store", "PRAGMA temp_store = MEMORY", "", "sql", false},
	{"synchronous", "PRAGMA synchronous = OFF", "", "sql", false},
	{"foreign_keys", "PRAGMA foreign_keys = ON", "", "sql", true},
	{"locking_mode", "PRAGMA locking_mode = EXCLUSIVE", "", "sql", true},
	{"analysis_limit", "PRAGMA analysis_limit = 77", "", "sql", true},
	{"automatic_index", "PRAGMA automatic_index = OFF", "", "sql", true},
	{"busy_timeout", "PRAGMA busy_timeout = 77", "", "sql", true},
	{"cache_size", "PRAGMA cache_size = -77", "", "sql", true},
	{"cache_spill", "PRAGMA cache_spill = OFF", "", "sql", true},
	{"case_sensitive_like", "PRAGMA case_sensitive_like = ON", "'a' LIKE 'A'", "sql", true},
	{"cell_size_check", "PRAGMA cell_size_check = ON", "", "sql", true},
	{"checkpoint_fullfsync", "PRAGMA checkpoint_fullfsync = ON", "", "sql", true},
	{"fullfsync", "PRAGMA fullfsync = ON", "", "sql", true},
	{"ignore_check_constraints", "PRAGMA ignore_check_constraints = ON", "", "sql", true},
	{"journal_size_limit", "PRAGMA journal_size_limit = 77", "", "sql", true},
	{"legacy_alter_table", "PRAGMA legacy_alter_table = ON", "", "sql", true},
	{"max_page_count", "PRAGMA max_page_count = 7777", "", "sql", true},
	{"read_uncommitted", "PRAGMA read_uncommitted = ON", "", "sql", true},
	{"recursive_triggers", "PRAGMA recursive_triggers = ON", "", "sql", true},
	{"reverse_unordered_selects", "PRAGMA reverse_unordered_selects = ON", "", "sql", true},
	{"secure_delete", "PRAGMA secure_delete = ON", "", "sql", true},
	{"threads", "PRAGMA threads = 3", "", "sql", true},
	{"trusted_schema", "PRAGMA trusted_schema = OFF", "", "sql", true},
	{"writable_schema", "PRAGMA writable_schema = ON", "", "sql", true},
	{"wal_autocheckpoint", "PRAGMA wal_autocheckpoint = 77", "PRAGMA", "sql", true},
	{"mmap_size", "PRAGMA mmap_size = 77777", "PRAGMA", "sql", true},
	{"count_changes", "PRAGMA count_changes = ON", "", "sql", true},
	{"empty_result_callbacks", "PRAGMA empty_result_callbacks = ON", "", "sql", true},
	{"short_column_names", "PRAGMA short_column_names = OFF", "", "sql", true},
	{"defer_foreign_keys", "PRAGMA defer_foreign_keys = ON", "", "any", true},
	{"temporary objects", "CREATE TEMP TABLE t(x);\nCREATE TEMP VIEW v AS SELECT 1;\nCREATE TEMP TRIGGER g AFTER INSERT ON seen BEGIN SELECT 1; END",
		"(SELECT group_concat(name) FROM temp.sqlite_schema)", "any", false},
	{"functions", "FUNCTION leaks", "(SELECT count(*) FROM pragma_function_list WHERE name = 'leaks')", "star", true},
	{"attached files", "ATTACH '%s' AS other", "(SELECT group_concat(name) FROM pragma_database_list WHERE name <> 'temp')", "steps", false},
	{"journal_mode", "PRAGMA journal_mode = PERSIST", "", "steps", false},
}

// settable are the traits that a migration of a kind can set.
func settable(by string, together bool) (list []trait) {
	for _, t := range traits {
		if (t.by == by || t.by == "any" || t.by == "sql" && by == "steps") && (t.together || !together) {
			list = append(list, t)
		}
	}
	return list
}

// look is the statement that notes all traits that a statement can.
func look() string {
	var list []string
	for _, t := range traits {
		switch t.show {
		case "":
			list = append(list, fmt.Sprintf("SELECT '%s', CAST((SELECT * FROM pragma_%[1]s) AS TEXT)", t.name))
		case "PRAGMA":
		default:
			list = append(list, fmt.Sprintf("SELECT '%s', CAST(%s AS TEXT)", t.name, t.show))
		}
	}
	return "INSERT INTO seen " + strings.Join(list, " UNION ALL ")
}

// runTraits is a Runner of statements, one in a line. LOOK notes all traits.
func runTraits(_ context.Context, _ core.Migration, text []byte, tx *runner.Tx) error {
	for _, line := range strings.Split(string(text), ";\n") {
		var err error
		switch {
		case line == "LOOK":
			for _, t := range traits {
				if t.show != "PRAGMA" || err != nil {
					continue
				}
				var rows *runner.Cursor
				if rows, err = tx.Query("PRAGMA " + t.name); err != nil {
					continue
				}
				var row []any
				if row, err = rows.Next(); err == nil {
					_, err = tx.Exec("INSERT INTO seen VALUES (?, ?)", t.name, row[0])
				}
			}
			if err == nil {
				_, err = tx.Exec(look())
			}
		case strings.HasPrefix(line, "FUNCTION "):
			err = tx.Function(line[len("FUNCTION "):], 0, func([]any) (any, error) { return nil, nil })
		default:
			_, err = tx.Exec(line)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// TestConnectionIsAsNewForEachMigration: nothing that one sets is set for the next,
// whoever sets and whoever looks, in transactions of their own or in the same.
func TestConnectionIsAsNewForEachMigration(t *testing.T) {
	other := filepath.Join(t.TempDir(), "other.db")
	o := core.Options{Runners: map[string]runner.Runner{"star": runTraits}}
	looks := map[string][]string{
		"sql": {"0002-b.sql", look()}, "steps": {"0002-b.sql", "SELECT 1; VACUUM;\n" + look() + "; VACUUM"}, "star": {"0002-b.star", "LOOK"},
	}
	// run gives what a migration sees after another, which sets what set says, and
	// what that one sees; alone, if there is none.
	run := func(by string, set []trait, lookBy string, atomic bool) (seen, during map[string]string, err error) {
		var list []string
		for _, tr := range set {
			list = append(list, strings.ReplaceAll(tr.set, "%s", other))
		}
		path := newDB(t, false)
		query(t, path, "CREATE TABLE seen(name, value)")
		pairs := looks[lookBy]
		switch {
		case by == "star":
			pairs = append([]string{"0001-a.star", strings.Join(append(list, "LOOK"), ";\n")}, pairs...)
		case by != "":
			text := strings.Join(append(list, look()), ";\n")
			if by == "steps" {
				text += "; VACUUM"
			}
			pairs = append([]string{"0001-a.sql", text}, pairs...)
		}
		o := o
		o.Atomic = atomic
		if _, err := core.RunMigrations(t.Context(), path, files(pairs...), o); err != nil {
			return nil, nil, err
		}
		seen, during = map[string]string{}, map[string]string{}
		for _, line := range strings.Split(query(t, path, "SELECT name || '|' || coalesce(value, 'NULL') FROM seen ORDER BY rowid"), "\n") {
			name, value, _ := strings.Cut(line, "|")
			if was, ok := seen[name]; ok {
				during[name] = was
			}
			seen[name] = value
		}
		return seen, during, nil
	}
	alone := map[string]map[string]string{}
	for by := range looks {
		var err error
		if alone[by], _, err = run("", nil, by, false); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		by, lookBy string
		together   bool
	}{
		{"sql", "sql", false}, {"sql", "steps", false}, {"sql", "star", false}, {"steps", "sql", false}, {"steps", "steps", false}, {"steps", "star", false},
		{"star", "sql", false}, {"star", "steps", false}, {"star", "star", false},
		{"sql", "sql", true}, {"sql", "star", true}, {"star", "sql", true}, {"star", "star", true},
	} {
		set := settable(test.by, test.together)
		seen, during, err := run(test.by, set, test.lookBy, test.together)
		if err != nil {
			t.Errorf("%+v: %v", test, err)
			continue
		}
		for name, want := range alone[test.lookBy] {
			if seen[name] != want {
				t.Errorf("%+v: %s is %s, and without the migration before %s", test, name, seen[name], want)
			}
		}
		for _, tr := range set { // that it sets anything
			ended := test.by == "steps" && (tr.name == "busy_timeout" || tr.name == "defer_foreign_keys") // with the transaction before
			if now, ok := during[tr.name]; ok && now == alone[test.lookBy][tr.name] && !ended {
				t.Errorf("%+v: %s stays %s where it is set", test, tr.name, now)
			}
		}
	}
	for _, tr := range traits {
		if tr.together || tr.name == "temp_store" || tr.name == "synchronous" { // which are skipped, with a warning
			continue
		}
		by := strings.ReplaceAll(tr.by, "any", "sql")
		if _, _, err := run(by, []trait{tr}, "sql", true); !errors.Is(err, core.ErrRefused) {
			t.Errorf("%s together with others: %v", tr.name, err)
		}
	}
}

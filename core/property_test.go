package core_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"fastmigrate/core"
)

// writer writes random scripts: statements that mostly fit each other, in the
// odd shapes that people give them.
type writer struct {
	*rand.Rand
	tables int // made so far
	names  int
}

func (a *writer) name(prefix string) string {
	a.names++
	return fmt.Sprintf("%s%d", prefix, a.names)
}

func (a *writer) pick(list ...string) string { return list[a.IntN(len(list))] }

func (a *writer) table() string { return fmt.Sprintf("t%d", a.IntN(max(a.tables, 1))) }

func (a *writer) statement() string {
	kind := a.IntN(16)
	if a.tables == 0 {
		kind = 0
	}
	switch kind {
	case 0, 1:
		a.tables++
		return fmt.Sprintf("CREATE TABLE %s t%d(id INTEGER PRIMARY KEY, a TEXT DEFAULT 'x;y', \"b ;\" INTEGER)", a.pick("", "IF NOT EXISTS"), a.tables-1)
	case 2:
		return fmt.Sprintf("CREATE INDEX %s ON %s(a)", a.name("i"), a.table())
	case 3:
		return fmt.Sprintf("CREATE TRIGGER %s AFTER INSERT ON %s BEGIN UPDATE %s SET a = a || ';' WHERE id = 1; DELETE FROM %[3]s WHERE id = CASE WHEN 0 THEN 1 ELSE 999 END; END",
			a.name("tr"), a.table(), a.table())
	case 4:
		return fmt.Sprintf("CREATE VIEW %s AS SELECT a, 'it''s; -- not' AS c FROM %s /* ; */", a.name("v"), a.table())
	case 5:
		return fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s DEFAULT %d", a.table(), a.name("c"), a.IntN(9))
	case 6:
		return fmt.Sprintf("UPDATE %s SET a = 'u' || id, [b ;] = %d WHERE id > %d", a.table(), a.IntN(100), a.IntN(10))
	case 7:
		return fmt.Sprintf("DELETE FROM %s WHERE id = %d", a.table(), a.IntN(20))
	case 8:
		if a.IntN(4) > 0 {
			return "SELECT count(*) FROM " + a.table()
		}
		return "DROP TABLE IF EXISTS " + a.table()
	case 9:
		return fmt.Sprintf("SAVEPOINT s; INSERT INTO %s(a) VALUES ('in'); %s; RELEASE s", a.table(), a.pick("ROLLBACK TO s", "SELECT 1"))
	default:
		return fmt.Sprintf("INSERT %s INTO %s(id, a) VALUES (%d, 'v%d;'), (%d, NULL)", a.pick("", "OR IGNORE", "OR REPLACE", "OR REPLACE"), a.table(), a.IntN(30), a.IntN(9), 30+a.IntN(90))
	}
}

func (a *writer) script() string {
	var b strings.Builder
	b.WriteString(a.pick("", "", "\uFEFF", "-- ; a comment\n", "/* BEGIN; */\n"))
	own := a.IntN(3) == 0
	if own {
		b.WriteString(a.pick("", "PRAGMA foreign_keys = OFF;\n") + a.pick("BEGIN", "begin immediate", "BEGIN TRANSACTION") + ";\n")
	}
	n := 1 + a.IntN(7)
	for i := range n {
		b.WriteString(a.statement())
		if i < n-1 || own || a.IntN(2) == 0 {
			b.WriteString(a.pick(";", ";\n", " ;\n\n", "; -- done;\n", ";;", "\n;"))
		}
	}
	if own {
		b.WriteString(a.pick("COMMIT", "end transaction") + a.pick("", ";", ";\n"))
	}
	text := b.String()
	if a.IntN(4) == 0 {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return text
}

// TestLikeSQLite applies random scripts, and lets the sqlite3 program run the
// same: where that succeeds, the databases must be the same, and where it fails,
// ours must be as before.
func TestLikeSQLite(t *testing.T) {
	histories := 60
	if testing.Short() {
		histories = 10
	}
	seed := rand.Uint64()
	a := &writer{Rand: rand.New(rand.NewPCG(seed, 0))}
	agreed, refused := 0, 0
	for range histories {
		a.tables = 0
		ours, theirs := newDB(t, a.IntN(2) == 0), filepath.Join(t.TempDir(), "theirs.db")
		dir := t.TempDir()
		version := 0
		for range 8 {
			tables := a.tables
			script := a.script()
			before, err := os.ReadFile(theirs)
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			cmd := exec.Command("sqlite3", "-bail", theirs)
			cmd.Stdin = strings.NewReader(strings.TrimPrefix(script, "\uFEFF") + "\n;")
			out, theirErr := cmd.CombinedOutput()
			name := filepath.Join(dir, fmt.Sprintf("%04d-x.sql", version+1))
			if err := os.WriteFile(name, []byte(script), 0o644); err != nil {
				t.Fatal(err)
			}
			if theirErr != nil { // half applied: back to where it was
				if err := os.WriteFile(theirs, before, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			_, ourErr := core.RunMigrations(context.Background(), ours, os.DirFS(dir), core.Options{})
			if (ourErr == nil) != (theirErr == nil) {
				t.Fatalf("seed %d: of\n%s\nSQLite says %v %s, we say %v", seed, script, theirErr, out, ourErr)
			}
			if ourErr == nil {
				version++
				agreed++
			} else {
				os.Remove(name)
				a.tables = tables
				refused++
			}
			if a, b := dump(t, ours), dump(t, theirs); a != b {
				t.Fatalf("seed %d: after\n%s\nours is\n%s\nSQLite's is\n%s", seed, script, a, b)
			}
			if got := query(t, ours, "SELECT version FROM _meta"); got != fmt.Sprint(version) {
				t.Fatalf("seed %d: after\n%s\nthe version is %s, want %d", seed, script, got, version)
			}
		}
	}
	t.Logf("%d scripts applied, %d failed", agreed, refused)
	if agreed == 0 || refused == 0 {
		t.Error("the scripts are all of one kind")
	}
}

var blankEnd = regexp.MustCompile(`\s+;\n`)

// dump is all that a database holds, but for the migrator's tables.
func dump(t *testing.T, path string) string {
	t.Helper()
	out, err := exec.Command("sqlite3", path, ".dump --nosys").Output()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	skip := false
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "CREATE TABLE _meta") {
			skip = true
		}
		if !skip && !strings.HasPrefix(line, "INSERT INTO _meta") {
			lines = append(lines, line)
		}
		if strings.HasSuffix(line, ");\n") {
			skip = false
		}
	}
	// Newer versions of SQLite store an index without the blanks before its semicolon.
	return blankEnd.ReplaceAllString(strings.Join(lines, ""), ";\n")
}

package page_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"fastmigrate/builtins/cli/internal/page"
	"fastmigrate/core"
	"fastmigrate/core/rehearse"
)

// write rehearses the migrations after the first on what that made, and writes the
// page.
func write(t *testing.T, migrations ...string) (html string) {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	path, fsys := filepath.Join(t.TempDir(), "shop <b>.db"), fstest.MapFS{}
	for i, sql := range migrations {
		fsys[fmt.Sprintf("%04d-m.sql", i+1)] = &fstest.MapFile{Data: []byte(sql)}
	}
	ctx := t.Context()
	if _, _, err := core.CreateDB(ctx, path, core.Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := core.RunMigrations(ctx, path, fsys, core.Options{To: 1}); err != nil {
		t.Fatal(err)
	}
	r := &rehearse.Rehearsal{}
	defer r.Close()
	_, failure := core.RunMigrations(ctx, path, fsys, r.Options(core.Options{}))
	list, err := r.Report(ctx, core.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := page.Write(&b, list, failure, nil, time.Date(2026, 11, 22, 14, 0, 0, 0, time.FixedZone("CET", 3600))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const first = `CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, phone TEXT);
	INSERT INTO customers VALUES (1, 'a', '1'), (2, NULL, '2');
	CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers(id), "<i>" TEXT);
	CREATE TABLE tree (id INTEGER PRIMARY KEY, parent REFERENCES tree(id));
	CREATE TABLE a (id INTEGER PRIMARY KEY, b REFERENCES b(id));
	CREATE TABLE b (id INTEGER PRIMARY KEY, a REFERENCES a(id));`

var pages = map[string][]string{
	"changed": {first, `CREATE TABLE n (id INTEGER PRIMARY KEY, name TEXT NOT NULL, x REFERENCES n);
		INSERT INTO n SELECT id, name, NULL FROM customers WHERE name IS NOT NULL;
		DROP TABLE customers; ALTER TABLE n RENAME TO customers`, "ALTER TABLE orders ADD COLUMN paid; DROP TABLE tree"},
	"failed":  {first, "CREATE TABLE c (x)", "SELECT nope"},
	"nothing": {first},
	"turned":  {first, "CREATE TABLE \"a\u202eb\" (\"c\u2066d\" TEXT)", "SELECT 'e\u202af' FROM nope"},
	"many":    {first + many(), "ALTER TABLE t7 ADD COLUMN y"},
}

func many() string {
	sql := "CREATE TABLE t1 (id INTEGER PRIMARY KEY);"
	for i := 2; i < 100; i++ {
		sql += fmt.Sprintf("CREATE TABLE t%d (id INTEGER PRIMARY KEY, up REFERENCES t%d(id));", i, i-1)
	}
	return sql
}

// TestPage pins what each page says, that names are text and that nothing else is
// asked for.
func TestPage(t *testing.T) {
	for name, want := range map[string][]string{
		"changed": {"shop &lt;b&gt;.db", "&lt;i&gt;", "table customers is rebuilt with 1 of its 2 rows", "<del>phone TEXT</del>", "<ins>NOT NULL</ins>",
			`class="removed"`, `class="added"`, `class="changed"`, "column customers.phone is dropped with its 2 values", "1 → 3"},
		"failed":  {"It failed", "0003-m.sql:1:8: no such column: nope", "SELECT <mark>nope</mark>", "1 → 2"},
		"nothing": {"No migration was applied", "1 → 1", "2026-11-22 14:00 UTC&#43;01:00", `datetime="2026-11-22T14:00:00&#43;01:00"`},
		"turned":  {`a\u202eb`, `c\u2066d`, `e\u202af`},
		"many":    {"t6", "t8", "tables that did not change"},
	} {
		page := write(t, pages[name]...)
		for _, text := range want {
			if !strings.Contains(page, text) {
				t.Errorf("%s: the page has no %q", name, text)
			}
		}
		for _, text := range []string{"<b>", "<i>", "http:", "https:", "<script", "ZgotmplZ", "NaN", "<link rel=\"stylesheet", "\u202a", "\u202e", "\u2066"} {
			if strings.Contains(page, text) {
				t.Errorf("%s: the page has %q", name, text)
			}
		}
	}
}

// TestBrowser opens the pages in a browser: it says nothing against them, keeps
// every element that is drawn, and prints them.
func TestBrowser(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("needs Chromium")
	}
	dir := t.TempDir()
	for name, migrations := range pages {
		page, file := write(t, migrations...), filepath.Join(dir, name+".html")
		if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
		dom, said := browse(t, chromium, "--dump-dom", file)
		if strings.Contains(said, "CONSOLE") {
			t.Errorf("%s: the browser says %s", name, said)
		}
		for _, tag := range []string{"<svg", "<rect", "<text", "<path", "<h2", "<li", "<tr"} {
			if got, want := strings.Count(dom, tag), strings.Count(page, tag); got != want {
				t.Errorf("%s: the browser has %d of %s, and the page %d", name, got, tag, want)
			}
		}
		browse(t, chromium, "--print-to-pdf="+file+".pdf", file)
		if pdf, err := os.ReadFile(file + ".pdf"); err != nil || !bytes.HasPrefix(pdf, []byte("%PDF")) {
			t.Errorf("%s: it is not printed: %v", name, err)
		}
	}
	// What a console message looks like, so that none is seen as none.
	broken := filepath.Join(dir, "broken.html")
	if err := os.WriteFile(broken, []byte(`<meta http-equiv="Content-Security-Policy" content="default-src 'none'"><img src="x.png">`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, said := browse(t, chromium, "--dump-dom", broken); !strings.Contains(said, "CONSOLE") {
		t.Errorf("of a broken page the browser says %s", said)
	}
}

func browse(t *testing.T, chromium, what, file string, flags ...string) (stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, chromium, append(flags, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--enable-logging=stderr",
		"--user-data-dir="+t.TempDir(), what, "file://"+file)...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		t.Fatalf("%v: %s", err, said.String())
	}
	return out.String(), said.String()
}

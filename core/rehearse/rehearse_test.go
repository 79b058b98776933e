package rehearse_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"fastmigrate/core"
	"fastmigrate/core/author"
	"fastmigrate/core/data"
	"fastmigrate/core/drift"
	"fastmigrate/core/fault"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/rehearse"
	"fastmigrate/core/runner"
)

// newDB makes a versioned database and gives its path.
func newDB(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	if _, _, err := core.CreateDB(t.Context(), path, core.Options{}); err != nil {
		t.Fatal(err)
	}
	return path
}

// inWAL is newDB in WAL mode.
func inWAL(t testing.TB) string {
	t.Helper()
	path := newDB(t)
	query(t, path, "PRAGMA journal_mode = WAL")
	return path
}

// query runs one statement and gives the first column of its last row.
func query(t testing.TB, path, sql string) string {
	t.Helper()
	c, err := sqlite.Open(context.Background(), path, sqlite.ReadWrite, 10*time.Second)
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

// files makes a migrations directory in memory of pairs of name and text.
func files(pairs ...string) fs.FS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fsys[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1]), Mode: 0o644}
	}
	return fsys
}

func migrate(t testing.TB, path string, fsys fs.FS, o core.Options) {
	t.Helper()
	if _, err := core.RunMigrations(t.Context(), path, fsys, o); err != nil {
		t.Fatal(err)
	}
}

// rehearsing gives a rehearsal whose copies are in a directory of their own, and
// sees to it that nothing of them stays.
func rehearsing(t testing.TB) core.Options {
	t.Helper()
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Setenv("TMP", temp) // on Windows
	r := &rehearse.Rehearsal{}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
			t.Errorf("%v is left, %v", left, err)
		}
	})
	return r.Options(core.Options{})
}

// fileState tells whether files were written to: their bytes and times.
func fileState(t testing.TB, dir string) string {
	t.Helper()
	var b strings.Builder
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := os.Stat(filepath.Join(dir, path))
		if err != nil {
			return err
		}
		text, err := os.ReadFile(filepath.Join(dir, path))
		b.WriteString(path + info.ModTime().String() + string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestRehearsalCopiesAFileOnce: two names of one file have one copy, and Where finds it by
// each, also before the file is there.
func TestRehearsalCopiesAFileOnce(t *testing.T) {
	path := newDB(t)
	dir := filepath.Dir(path)
	link, hard, dirLink := filepath.Join(dir, "link.db"), filepath.Join(dir, "hard.db"), filepath.Join(t.TempDir(), "dir")
	if err := errors.Join(os.Symlink("app.db", link), os.Link(path, hard), os.Symlink(dir, dirLink)); err != nil {
		t.Fatal(err)
	}
	o := rehearsing(t)
	before := fileState(t, dir)
	migrate(t, link, files("0001-a.sql", "CREATE TABLE a (x)"), o)
	for _, name := range []string{path, link, hard, filepath.Join(dirLink, "app.db")} {
		if v, err := core.Version(t.Context(), name, o); v != 1 || err != nil {
			t.Errorf("Version(%s) = %d, %v", name, v, err)
		}
	}
	if a, b := rehearse.Of(o).Where(path), rehearse.Of(o).Where(filepath.Join(dirLink, "app.db")); a != b || a == path {
		t.Errorf("Where() = %s and %s", a, b)
	}
	if _, _, err := core.CreateDB(t.Context(), filepath.Join(dirLink, "new.db"), o); err != nil {
		t.Fatal(err)
	}
	if at := rehearse.Of(o).Where(filepath.Join(dir, "new.db")); at == filepath.Join(dir, "new.db") {
		t.Error("Where() does not know the new database by its other name")
	}
	if at := rehearse.Of(o).Where("elsewhere"); at != "elsewhere" {
		t.Errorf("Where(elsewhere) = %s", at)
	}
	if after := fileState(t, dir); after != before {
		t.Error("files were changed")
	}
	list, err := rehearse.Of(o).Report(t.Context(), o)
	if err != nil || len(list) != 2 || *list[0].After != 1 || list[0].Path != link {
		t.Errorf("Report() = %v, %v", list, err)
	}
}

// TestRehearsalFailsAsTheRun: whatever state the database is in, the rehearsal gives the
// error of the real run, or none, and no file is changed.
func TestRehearsalFailsAsTheRun(t *testing.T) {
	migrations := files("0001-a.sql", "CREATE TABLE a (x)")
	for name, test := range map[string]struct {
		make func(t *testing.T) (path string)
		want error
	}{
		"missing": {func(t *testing.T) string { return filepath.Join(t.TempDir(), "app.db") }, fs.ErrNotExist},
		"text": {func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "app.db")
			if err := os.WriteFile(path, []byte(strings.Repeat("text\n", 1000)), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}, fault.ErrNotDatabase},
		"cut": {func(t *testing.T) string {
			path := newDB(t)
			query(t, path, "CREATE TABLE b (x)")
			if err := os.Truncate(path, 4096); err != nil {
				t.Fatal(err)
			}
			return path
		}, fault.ErrCorrupt},
		"WAL": {func(t *testing.T) string { return inWAL(t) }, nil},
		"a copied WAL": {func(t *testing.T) string {
			path := inWAL(t)
			c, err := sqlite.Open(t.Context(), path, sqlite.ReadWrite, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if err := c.Exec("CREATE TABLE b (x)"); err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			for _, suffix := range []string{"", "-wal"} {
				text, err := os.ReadFile(path + suffix)
				if err := errors.Join(err, os.WriteFile(filepath.Join(dir, "app.db"+suffix), text, 0o600)); err != nil {
					t.Fatal(err)
				}
			}
			return filepath.Join(dir, "app.db")
		}, nil},
		"a hot journal": {func(t *testing.T) string {
			path := newDB(t)
			c, err := sqlite.Open(t.Context(), path, sqlite.ReadWrite, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			for _, sql := range []string{"PRAGMA cache_size = 1", "BEGIN", "CREATE TABLE a (x)",
				"INSERT INTO a WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 500) SELECT hex(randomblob(500)) FROM c"} {
				if err := c.Exec(sql); err != nil {
					t.Fatal(err)
				}
			}
			dir := t.TempDir()
			for _, suffix := range []string{"", "-journal"} {
				text, err := os.ReadFile(path + suffix)
				if err := errors.Join(err, os.WriteFile(filepath.Join(dir, "app.db"+suffix), text, 0o600)); err != nil {
					t.Fatal(err)
				}
			}
			return filepath.Join(dir, "app.db")
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			path := test.make(t)
			o := rehearsing(t)
			before := fileState(t, filepath.Dir(path))
			if _, err := core.RunMigrations(t.Context(), path, migrations, o); !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
				t.Errorf("RunMigrations() = %v, want %v", err, test.want)
			}
			if _, err := rehearse.Of(o).Report(t.Context(), o); err != nil {
				t.Errorf("Report() = %v", err)
			}
			if after := fileState(t, filepath.Dir(path)); after != before {
				t.Error("files were changed")
			}
		})
	}
}

// TestRehearsalBusy: a writer that never rests neither stops the copy nor gets
// into it halfway: each of its transactions adds two rows.
func TestRehearsalBusy(t *testing.T) {
	path := inWAL(t)
	query(t, path, "CREATE TABLE w (x)")
	stop, stopped := make(chan bool), make(chan error, 1)
	go func() {
		c, err := sqlite.Open(context.Background(), path, sqlite.ReadWrite, time.Second)
		for err == nil {
			select {
			case <-stop:
				stopped <- c.Close()
				return
			default:
				err = errors.Join(c.Exec("BEGIN IMMEDIATE"), c.Exec("INSERT INTO w VALUES (randomblob(2000))"), c.Exec("INSERT INTO w VALUES (1)"), c.Exec("COMMIT"))
			}
		}
		stopped <- err
	}()
	for query(t, path, "SELECT count(*) FROM w") == "0" && len(stopped) == 0 {
		time.Sleep(time.Millisecond)
	}
	o := rehearsing(t)
	migrate(t, path, files("0001-a.sql", "CREATE TABLE a AS SELECT count(*) n, count(*) % 2 odd FROM w"), o)
	close(stop)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	if got := query(t, rehearse.Of(o).Where(path), "SELECT (n > 0) || '|' || odd FROM a"); got != "1|0" {
		t.Errorf("the copy has %s", got)
	}

	// One that holds the lock for longer than one waits for it is told of.
	path = newDB(t)
	c, err := sqlite.Open(t.Context(), path, sqlite.ReadWrite, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Exec("BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	o.LockTimeout = -1
	if _, err := core.RunMigrations(t.Context(), path, files("0001-a.sql", "SELECT 1"), o); !errors.Is(err, fault.ErrBusy) {
		t.Errorf("RunMigrations() = %v, want %v", err, fault.ErrBusy)
	}
}

// TestRehearsalCancelled: a copy that is cancelled in its middle is not left, nor
// taken for the database by what comes next.
func TestRehearsalCancelled(t *testing.T) {
	path := newDB(t)
	query(t, path, "CREATE TABLE w AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 20000) SELECT randomblob(1000) x FROM c")
	o := rehearsing(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := core.Version(ctx, path, o)
		done <- err
	}()
	copying := func() bool {
		found, _ := filepath.Glob(filepath.Join(os.TempDir(), ".fastmigrate-*", "1", "app.db"))
		return len(found) > 0
	}
	for end := time.Now().Add(10 * time.Second); !copying() && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Fatalf("Version() = %v, want it to be cancelled", err)
	}
	if copying() {
		t.Error("half a copy is left")
	}
	if v, err := core.Version(t.Context(), path, o); v != 0 || err != nil {
		t.Errorf("Version() = %d, %v", v, err)
	}
}

// TestRehearsalDisk: what a migration needs is the journal of what it changes and
// the growth of the file; twice the file for one that rewrites it.
func TestRehearsalDisk(t *testing.T) {
	path := newDB(t)
	query(t, path, "CREATE TABLE w AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 2000) SELECT randomblob(1000) x FROM c")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	for sql, times := range map[string]float64{
		"UPDATE w SET x = randomblob(1000)":  1, // the journal
		"CREATE TABLE v AS SELECT * FROM w":  1, // the file
		"UPDATE w SET x = randomblob(10)":    1,
		"INSERT INTO w SELECT x || x FROM w": 2,
	} {
		o := rehearsing(t)
		migrate(t, path, files("0001-a.sql", sql), o)
		list, err := rehearse.Of(o).Report(t.Context(), o)
		if err != nil || len(list) != 1 {
			t.Fatalf("Report() = %v, %v", list, err)
		}
		need := float64(list[0].Disk.Bytes) / float64(info.Size())
		if need < times*0.9 || need > times*1.4 {
			t.Errorf("%s needs %.2f times the file, want about %.0f", sql, need, times)
		}
		if list[0].Disk.Free == 0 || list[0].Copy.Bytes < 2*info.Size()+list[0].Disk.Bytes { // the copy, and the one to compare values
			t.Errorf("%s: the disk is %+v, %+v", sql, list[0].Disk, list[0].Copy)
		}
	}
}

// TestRehearsalFollowsRenames pins that what a migration in Starlark renames is not taken for
// lost.
func TestRehearsalFollowsRenames(t *testing.T) {
	path := newDB(t)
	query(t, path, "CREATE TABLE a(x, y)")
	query(t, path, "INSERT INTO a VALUES (1, 2), (3, 4)")
	run := func(_ context.Context, _ core.Migration, text []byte, tx *runner.Tx) error {
		_, err := tx.Exec(string(text))
		return err
	}
	r := &rehearse.Rehearsal{}
	defer r.Close()
	o := r.Options(core.Options{Runners: map[string]runner.Runner{"star": run}})
	_, err := core.RunMigrations(t.Context(), path, files("0001-a.star", "ALTER TABLE a RENAME TO b", "0002-b.star", "ALTER TABLE b RENAME COLUMN y TO z"), o)
	if err != nil {
		t.Fatal(err)
	}
	list, err := r.Report(t.Context(), core.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list[0].Applied {
		if len(m.Warnings) > 0 {
			t.Errorf("%s: %q", m.Name, m.Warnings)
		}
	}
}

// TestRehearsalRefusesAsTheRun pins that a rehearsal refuses what would be refused,
// though it does not run the program.
func TestRehearsalRefusesAsTheRun(t *testing.T) {
	for _, c := range []struct {
		name  string
		first []string // what was applied
		then  string   // SQL after that
		all   []string // what is to be
		o     core.Options
		want  error
	}{
		{"interrupted", []string{"0001-a.sql", "SELECT 1"},
			"INSERT INTO _meta_history(version, file, sha256, state, started) SELECT 2, '0002-b.sh', '', 'failed', started FROM _meta_history",
			[]string{"0001-a.sql", "SELECT 1", "0002-b.sh", ""}, core.Options{}, fault.ErrInterrupted},
		{"late", []string{"0001-a.sql", "SELECT 1", "0003-c.sql", "SELECT 1"}, "SELECT 1",
			[]string{"0001-a.sql", "SELECT 1", "0002-b.sh", "", "0003-c.sql", "SELECT 1"}, core.Options{AllowOutOfOrder: true}, fault.ErrRefused},
		{"no history", nil, "SELECT 1", []string{"0001-a.sh", ""}, core.Options{NoHistory: true}, fault.ErrRefused},
	} {
		path := newDB(t)
		if _, err := core.RunMigrations(t.Context(), path, files(c.first...), core.Options{}); err != nil {
			t.Fatal(err)
		}
		query(t, path, c.then)
		r := &rehearse.Rehearsal{}
		_, rehearsed := core.RunMigrations(t.Context(), path, files(c.all...), r.Options(c.o))
		r.Close()
		_, real := core.RunMigrations(t.Context(), path, files(c.all...), c.o)
		if !errors.Is(real, c.want) || !errors.Is(rehearsed, c.want) {
			t.Errorf("%s: rehearsed %v, really %v, want %v", c.name, rehearsed, real, c.want)
		}
	}
}

// TestRehearsalWritesBesideItsCopy pins that migrations are renamed and written beside the
// private copy only, and named by their own directory.
func TestRehearsalWritesBesideItsCopy(t *testing.T) {
	path := newDB(t)
	dir := t.TempDir()
	if err := os.CopyFS(dir, files("0001-a.sql", "CREATE TABLE a(x)", "0003-c.sql", "CREATE TABLE c(x)")); err != nil {
		t.Fatal(err)
	}
	if _, err := core.RunMigrations(t.Context(), path, os.DirFS(dir), core.Options{}); err != nil {
		t.Fatal(err)
	}
	r := &rehearse.Rehearsal{}
	defer r.Close()
	o := r.Options(core.Options{})
	query(t, path, "CREATE TABLE d(x)")
	d, err := drift.Fix(t.Context(), path, dir, o)
	if want := filepath.Join(dir, "0004-drift.sql"); err != nil || d.File != want {
		t.Errorf("FixDrift() = %s, %v, want %s", d.File, err, want)
	}
	if err := os.WriteFile(filepath.Join(dir, "0002-b.sql"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	other := &rehearse.Rehearsal{}
	defer other.Close()
	list, err := author.Renumber(t.Context(), path, dir, other.Options(core.Options{}))
	if err != nil || len(list) != 1 {
		t.Errorf("Renumber() = %v, %v", list, err)
	}
	there, err := os.ReadDir(dir)
	if err != nil || len(there) != 3 || there[1].Name() != "0002-b.sql" {
		t.Errorf("the directory has %v, %v", there, err)
	}
}

// TestRehearsalOfRestoreStopped stops the rehearsal of a restore, which takes back its
// copy of what was there: no backup that has its name may go.
func TestRehearsalOfRestoreStopped(t *testing.T) {
	path := newDB(t)
	query(t, path, "CREATE TABLE a AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT 30000) SELECT randomblob(1000) FROM r")
	backup := path + ".copy"
	query(t, path, "VACUUM INTO '"+backup+"'")
	for i := range 30 {
		name := path + time.Now().Add(time.Duration(i)*time.Second).Format(".20060102_150405") + ".backup"
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before, _ := os.ReadDir(filepath.Dir(path))
	r := &rehearse.Rehearsal{}
	defer r.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for ctx.Err() == nil {
			private := r.Where(path)
			if kept, _ := filepath.Glob(private + ".*.backup"); private != path && len(kept) > 0 {
				cancel()
			}
			time.Sleep(time.Millisecond)
		}
	}()
	if _, err := core.RestoreDB(ctx, backup, path, r.Options(core.Options{})); !errors.Is(err, context.Canceled) {
		t.Errorf("RestoreDB() = %v", err)
	}
	if after, _ := os.ReadDir(filepath.Dir(path)); len(after) != len(before) {
		t.Errorf("there are %d files of %d", len(after), len(before))
	}
}

// TestRehearsalOfALink pins that a database that is a symbolic link has its backups
// where it has them without a rehearsal.
func TestRehearsalOfALink(t *testing.T) {
	path, link := newDB(t), filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	query(t, path, "VACUUM INTO '"+link+".20200102_030405.backup'")
	query(t, path, "CREATE TABLE a(x)")
	r := &rehearse.Rehearsal{}
	defer r.Close()
	o := r.Options(core.Options{})
	b, err := core.BackupDB(t.Context(), link, o)
	if err != nil {
		t.Fatal(err)
	}
	list, err := core.Backups(t.Context(), link, o)
	if err != nil || len(list) != 2 || list[0].Path != b.Path {
		t.Errorf("Backups() = %v, %v", list, err)
	}
	if _, err := data.Execute(t.Context(), path, "DROP TABLE a", nil, o); err != nil { // the same one
		t.Error(err)
	}
	if _, err := core.RestoreDB(t.Context(), b.Path, link, o); err != nil {
		t.Error(err)
	}
	list2, err := r.Report(t.Context(), core.Options{})
	if r.Where(link) == link || r.Where(path) != r.Where(link) || err != nil || len(list2[0].Schema) != 0 {
		t.Errorf("%s, %s, %v, %v", r.Where(link), r.Where(path), list2, err)
	}
}

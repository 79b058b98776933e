package sqlite

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// TestMain has SQLite count the memory that it holds, which this build does not by
// itself (https://sqlite.org/c3ref/c_config_covering_index_scan.html#sqliteconfigmemstatus).
func TestMain(m *testing.M) {
	tls := libc.NewTLS()
	args := libc.Xmalloc(tls, 8)
	if rc := lib.Xsqlite3_config(tls, lib.SQLITE_CONFIG_MEMSTATUS, libc.VaList(args, int32(1))); rc != lib.SQLITE_OK {
		panic(rc)
	}
	libc.Xfree(tls, args)
	tls.Close()
	os.Exit(m.Run())
}

// open opens a database and closes it when the test ends.
func open(t testing.TB, path string) *Conn {
	t.Helper()
	return openWith(t, t.Context(), path, ReadWrite|Create, 0)
}

func openWith(t testing.TB, ctx context.Context, path string, flags Flags, wait time.Duration) *Conn {
	t.Helper()
	c, err := Open(ctx, path, flags, wait)
	if err != nil {
		t.Fatalf("Open(%s) = %v", path, err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
	})
	return c
}

// temporary is the path of a database that is not there yet.
func temporary(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "app.db")
}

func exec(t testing.TB, c *Conn, statements ...string) {
	t.Helper()
	for _, sql := range statements {
		if err := c.Exec(sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

// code is that of an Error, 0 of another error.
func code(err error) int {
	if e := (*Error)(nil); errors.As(err, &e) {
		return e.Code
	}
	return 0
}

func TestOpenCreatesOnlyWhenAsked(t *testing.T) {
	path := temporary(t)
	for _, flags := range []Flags{ReadOnly, ReadWrite} {
		c, err := Open(t.Context(), path, flags, 0)
		var e *Error
		if !errors.As(err, &e) || e.Primary() != CantOpen || !errors.Is(syscall.Errno(e.Errno), fs.ErrNotExist) {
			t.Errorf("Open(%v) = %v, %#v", flags, c, err)
		}
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Open(%v) made the file: %v", flags, err)
		}
	}
	exec(t, open(t, path), "CREATE TABLE a(x)")
	c := openWith(t, t.Context(), path, ReadOnly, 0)
	if !c.ReadOnly() || code(c.Exec("INSERT INTO a VALUES (1)")) != Readonly {
		t.Errorf("ReadOnly() = %v, and an INSERT: %v", c.ReadOnly(), c.Exec("INSERT INTO a VALUES (1)"))
	}
	if c := openWith(t, t.Context(), path, ReadWrite, 0); c.ReadOnly() {
		t.Error("ReadOnly() of one that can be written")
	}
}

func TestOpenTakesThePathLiterally(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a?mode=memory", "b%20c", "#d", "file:e", "ä ö", "'"} {
		if runtime.GOOS == "windows" && strings.ContainsAny(name, "?:") { // no file is called so
			continue
		}
		path := filepath.Join(dir, name)
		c := open(t, path)
		exec(t, c, "CREATE TABLE a(x)")
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%q: %v", name, err)
		}
		if c.Filename("main") != path {
			t.Errorf("%q: Filename() = %q", name, c.Filename("main"))
		}
	}
	c := openWith(t, t.Context(), "file:"+dir+"/b%2520c?mode=ro", ReadWrite|URI, 0)
	if !c.ReadOnly() || c.Filename("main") != filepath.Join(dir, "b%20c") {
		t.Errorf("URI: %v, %q", c.ReadOnly(), c.Filename("main"))
	}
}

func TestOpenRefusesPathsThatSQLiteWouldCut(t *testing.T) {
	if _, err := Open(t.Context(), temporary(t)+"\x00.db", ReadWrite|Create, 0); code(err) != CantOpen {
		t.Errorf("a NUL: %v", err)
	}
	var e *Error
	_, err := Open(t.Context(), "/"+strings.Repeat("a", LongestPath()), ReadWrite|Create, 0)
	if !errors.As(err, &e) || e.Primary() != CantOpen || syscall.Errno(e.Errno) != syscall.ENAMETOOLONG {
		t.Errorf("a long path: %#v", err)
	}
}

func TestNoFollow(t *testing.T) {
	path := temporary(t)
	exec(t, open(t, path), "CREATE TABLE a(x)")
	link := filepath.Join(filepath.Dir(path), "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	exec(t, openWith(t, t.Context(), link, ReadWrite, 0), "SELECT * FROM a")
	c, err := Open(t.Context(), link, ReadWrite|NoFollow, 0)
	if code(err) != CantOpenSymlink {
		t.Errorf("Open(NoFollow) = %v, %v", c, err)
	}
}

func TestErrorsHaveCodeOffsetAndErrno(t *testing.T) {
	path := temporary(t)
	c := open(t, path)
	exec(t, c, "CREATE TABLE a(x PRIMARY KEY, y NOT NULL, z CHECK (z > 0), p REFERENCES a)", "INSERT INTO a VALUES (1, 1, 1, 1)")
	c.SetForeignKeys(true)
	for sql, want := range map[string]Error{
		"SELECT nope FROM a":                    {Code: Generic, Offset: 7, Msg: "no such column: nope"},
		"SELECT 'é', nope":                      {Code: Generic, Offset: 13, Msg: "no such column: nope"}, // bytes, not characters
		"SELEC":                                 {Code: Generic, Offset: 0, Msg: `near "SELEC": syntax error`},
		"SELECT 1 +":                            {Code: Generic, Offset: -1, Msg: "incomplete input"},
		"SELECT * FROM b":                       {Code: Generic, Offset: -1, Msg: "no such table: b"},
		"INSERT INTO a VALUES (1, 1, 1, 1)":     {Code: lib.SQLITE_CONSTRAINT_PRIMARYKEY, Offset: -1, Msg: "UNIQUE constraint failed: a.x"},
		"INSERT INTO a VALUES (2, NULL, 1, 1)":  {Code: lib.SQLITE_CONSTRAINT_NOTNULL, Offset: -1, Msg: "NOT NULL constraint failed: a.y"},
		"INSERT INTO a VALUES (2, 1, -1, 1)":    {Code: lib.SQLITE_CONSTRAINT_CHECK, Offset: -1, Msg: "CHECK constraint failed: z > 0"},
		"INSERT INTO a VALUES (2, 1, 1, 3)":     {Code: ForeignKey, Offset: -1, Msg: "FOREIGN KEY constraint failed"},
		"SELECT load_extension('x')":            {Code: Generic, Offset: -1, Msg: "not authorized"},
		"SELECT '\x00'":                         {Code: Generic, Offset: 8, Msg: "there is a NUL byte here"},
		"ATTACH '/no/such/directory/b.db' AS b": {Code: CantOpen, Offset: -1, Msg: "unable to open database: /no/such/directory/b.db"},
	} {
		var e *Error
		if err := c.Exec(sql); !errors.As(err, &e) {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		if missing := errors.Is(syscall.Errno(e.Errno), fs.ErrNotExist); missing != (want.Code == CantOpen) {
			t.Errorf("%s: the number of the system call's error is %d", sql, e.Errno)
		}
		if want.Errno = e.Errno; *e != want || e.Error() != want.Msg || e.Primary() != want.Code&0xff {
			t.Errorf("%s: %+v, want %+v", sql, *e, want)
		}
	}
	if err := os.WriteFile(path+"2", []byte(strings.Repeat("no database ", 100)), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := open(t, path+"2").Exec("SELECT * FROM sqlite_schema"); code(err) != NotADB {
		t.Errorf("another file: %v", err)
	}
}

func TestBusyWaitsAsLongAsAsked(t *testing.T) {
	path := temporary(t)
	exec(t, open(t, path), "CREATE TABLE a(x)")
	holder := open(t, path)
	exec(t, holder, "BEGIN IMMEDIATE")
	for _, wait := range []time.Duration{0, 60 * time.Millisecond} {
		c := openWith(t, t.Context(), path, ReadWrite, wait)
		began := time.Now()
		if err := c.Exec("BEGIN IMMEDIATE"); code(err) != Busy || !c.Autocommit() {
			t.Errorf("%v: %v", wait, err)
		}
		if took := time.Since(began); took < wait {
			t.Errorf("%v: it waited %v", wait, took)
		}
	}
	// A PRAGMA replaces the handler, until Rehook.
	c := openWith(t, t.Context(), path, ReadWrite, time.Hour)
	exec(t, c, "PRAGMA busy_timeout = 1")
	if err := c.Exec("BEGIN IMMEDIATE"); code(err) != Busy {
		t.Errorf("after the PRAGMA: %v", err)
	}
	c.Rehook()
	waits := 0
	c.Waiting = func() { // after a second
		waits++
		holder.Exec("ROLLBACK")
	}
	if err := c.Exec("BEGIN IMMEDIATE"); err != nil || waits != 1 {
		t.Errorf("after Rehook: %v, %d times waiting", err, waits)
	}
}

// TestCancelEndsWhatRuns: the wait for a lock, a statement, a sleep; the error is the
// cause that the caller gave.
func TestCancelEndsWhatRuns(t *testing.T) {
	path := temporary(t)
	exec(t, open(t, path), "CREATE TABLE a(x)")
	holder := open(t, path)
	exec(t, holder, "BEGIN IMMEDIATE")
	why := errors.New("why")
	for name, run := range map[string]func(c *Conn) error{
		"lock":      func(c *Conn) error { return c.Exec("BEGIN IMMEDIATE") },
		"statement": func(c *Conn) error { return c.Exec(endless) },
		"script": func(c *Conn) error {
			s := c.NewScript([]byte(endless))
			defer s.Close()
			_, err := s.Run(0)
			return err
		},
		"sleep": func(c *Conn) error { return c.Sleep(time.Hour) },
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		c := openWith(t, ctx, path, ReadWrite, time.Hour)
		time.AfterFunc(5*time.Millisecond, func() { cancel(why) })
		if err := run(c); err != why {
			t.Errorf("%s: %v, want %v", name, err, why)
		}
		if err := c.Exec("SELECT 1"); err != why {
			t.Errorf("%s: the next statement: %v, want %v", name, err, why)
		}
		if err := c.Uninterrupted(func() error { return c.Exec("SELECT count(*) FROM a") }); err != nil {
			t.Errorf("%s: uninterrupted: %v", name, err)
		}
		if err := c.Exec("SELECT 1"); err != why {
			t.Errorf("%s: the statement after that: %v, want %v", name, err, why)
		}
	}
}

const endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"

func TestCloseRollsBack(t *testing.T) {
	path := temporary(t)
	c := open(t, path)
	exec(t, c, "CREATE TABLE a(x)", "BEGIN IMMEDIATE", "INSERT INTO a VALUES (1)")
	if c.Autocommit() {
		t.Error("Autocommit() in a transaction")
	}
	for range 2 { // a second time is none
		if err := c.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
	}
	c = open(t, path)
	exec(t, c, "BEGIN IMMEDIATE", "ROLLBACK")
	if n, err := c.Int("SELECT count(*) FROM a"); n != 0 || err != nil || !c.Autocommit() {
		t.Errorf("%d rows, %v", n, err)
	}
	if err := (*Conn)(nil).Close(); err != nil {
		t.Errorf("Close() of none = %v", err)
	}
}

// TestConcurrentCancelAndClose: an interrupt never meets a handle that is closed.
func TestConcurrentCancelAndClose(t *testing.T) {
	path := temporary(t)
	var all sync.WaitGroup
	for range 200 {
		ctx, cancel := context.WithCancel(t.Context())
		c, err := Open(ctx, path, ReadWrite|Create, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		all.Go(cancel)
		c.Exec("SELECT 1")
		if err := c.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
	}
	all.Wait()
}

// TestConcurrentConnections: each goroutine has its own, and one may hand it on.
func TestConcurrentConnections(t *testing.T) {
	path := temporary(t)
	exec(t, open(t, path), "PRAGMA journal_mode = WAL", "CREATE TABLE a(x)")
	var all sync.WaitGroup
	for i := range 4 {
		c := openWith(t, t.Context(), path, ReadWrite, time.Minute)
		c.SetUpdateHook(func(int, string, string, int64) {})
		c.SetAuthorizer(func(Action) bool { return true })
		if err := c.CreateFunction("same", 1, func(args []any) (any, error) { return args[0], nil }); err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			for range 20 {
				if err := c.Exec("INSERT INTO a VALUES (same(?))", i); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if n, err := open(t, path).Int("SELECT count(*) FROM a"); n != 80 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
}

// TestMemoryIsFreed: SQLite holds as many bytes after many connections as before.
func TestMemoryIsFreed(t *testing.T) {
	tls := libc.NewTLS()
	defer tls.Close()
	path, large := temporary(t), strings.Repeat("x", 100_000)
	round := func() int64 {
		c := open(t, path)
		defer c.Close()
		exec(t, c, "CREATE TABLE IF NOT EXISTS a(x)", "DELETE FROM a")
		c.SetUpdateHook(func(int, string, string, int64) {})
		c.CreateFunction("f", -1, func([]any) (any, error) { return large, nil })
		c.CreateFunction("fails", -1, func([]any) (any, error) { return nil, errors.New(large) })
		s, err := c.Prepare("INSERT INTO a VALUES (?)")
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if lib.Xsqlite3_memory_used(tls) == 0 {
			t.Fatal("SQLite does not count its memory")
		}
		for _, v := range []any{large, []byte(large), nil, 1, 1.5, struct{}{}} {
			if s.Bind(v) == nil {
				s.Step()
			}
		}
		c.Query(func(s *Stmt) error { s.Value(0); return errors.New("enough") }, "SELECT f(x, ?) FROM a", large)
		c.Exec("SELECT fails(?)", large)
		c.Exec("SELECT 1", large, large) // one that the statement does not take
		c.Exec("SELECT nope /* " + large + " */")
		c.Filename("main")
		c.ReadOnly()
		script := c.NewScript([]byte("SELECT 1;" + large))
		script.Run(0)
		script.Run(9)
		script.End(0)
		script.Close()
		if f, err := c.File(); err == nil {
			f.ReadAt(make([]byte, 5000), 0)
		}
		to := open(t, path+"2")
		defer to.Close()
		b, err := NewBackup(to, c)
		if err == nil {
			b.Step(1)
			b.Close()
		}
		c.DropFunctions()
		s.Close()
		c.Close()
		to.Close()
		return int64(lib.Xsqlite3_memory_used(tls))
	}
	round() // what is set up once
	if first, last := round(), func() (n int64) {
		for range 20 {
			n = round()
		}
		return n
	}(); first != last {
		t.Errorf("%d bytes after the first connection, %d after the last", first, last)
	}
	kept.Lock()
	defer kept.Unlock()
	for c := range kept.conns {
		if c.ctx == t.Context() {
			t.Error("a closed connection is kept")
		}
	}
}

func TestDatabasesOfAConnection(t *testing.T) {
	path := temporary(t)
	c := open(t, path)
	exec(t, c, "CREATE TABLE a(x)", "ATTACH '"+path+"2' AS b", "ATTACH ':memory:' AS m", "CREATE TEMP TABLE t(x)")
	for name, want := range map[string]string{"main": path, "b": path + "2", "m": "", "temp": "", "nope": ""} {
		if got := c.Filename(name); got != want {
			t.Errorf("Filename(%s) = %q, want %q", name, got, want)
		}
	}
	before, err := c.DataVersion()
	if err != nil {
		t.Fatal(err)
	}
	if now, err := c.DataVersion(); now != before || err != nil {
		t.Errorf("DataVersion() = %v, %v, want %v", now, err, before)
	}
	exec(t, open(t, path), "INSERT INTO a VALUES (1)")
	exec(t, c, "SELECT * FROM a")
	if now, err := c.DataVersion(); now == before || err != nil {
		t.Errorf("after another's change DataVersion() = %v, %v", now, err)
	}
	changes := c.TotalChanges()
	exec(t, c, "CREATE TEMP TRIGGER g AFTER INSERT ON a BEGIN INSERT INTO t VALUES (1), (2); END", "INSERT INTO a VALUES (1)")
	if n := c.TotalChanges() - changes; n != 3 {
		t.Errorf("%d rows changed, want 3", n)
	}
}

//go:build unix

package temp

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fastmigrate/core/internal/process"
)

// TestMain is also the process that is killed: with CHILD set it makes what this
// package makes in that directory, says how it is called, and goes on.
func TestMain(m *testing.M) {
	if dir := os.Getenv("CHILD"); dir != "" {
		f, err := File(dir, 0o600)
		if err != nil {
			panic(err)
		}
		for _, prefix := range []string{Hidden, Plain} {
			made, err := Dir(dir, prefix)
			if err != nil || os.WriteFile(filepath.Join(made, "app.db"), nil, 0o600) != nil {
				panic(err)
			}
		}
		if err := os.WriteFile(f.Name()+"-journal", nil, 0o600); err != nil {
			panic(err)
		}
		fmt.Println(process.Text(os.Getpid()))
		select {}
	}
	os.Exit(m.Run())
}

// start starts such a process; kill ends it.
func start(t *testing.T, dir string) (pid int, text string, kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "CHILD="+dir)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	kill = func() {
		cmd.Process.Kill()
		cmd.Wait()
	}
	t.Cleanup(kill)
	text, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid, strings.TrimSpace(text), kill
}

// TestLeftByTheKilledIsRemoved: what a process left goes with the next file or directory, once it
// has ended, and not before.
func TestLeftByTheKilledIsRemoved(t *testing.T) {
	for name, next := range map[string]func(dir string) (string, error){
		"file": func(dir string) (string, error) {
			f, err := File(dir, 0o600)
			if err != nil {
				return "", err
			}
			return f.Name(), f.Close()
		},
		"directory": func(dir string) (string, error) { return Dir(dir, Hidden) },
		"scratch":   func(dir string) (string, error) { return Dir(dir, Plain) },
	} {
		dir := t.TempDir()
		_, _, kill := start(t, dir)
		mine, err := next(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got := list(t, dir); len(got) != 5 {
			t.Errorf("%s: beside a living process %v", name, got)
		}
		kill()
		another, err := next(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got := list(t, dir); len(got) != 2 || !got[mine] || !got[another] {
			t.Errorf("%s: after its end %v", name, got)
		}
	}
}

// TestOthersFilesStay: what may be somebody else's stays, and nothing that another user
// made is read.
func TestOthersFilesStay(t *testing.T) {
	dir := t.TempDir()
	pid, text, kill := start(t, dir)
	kill()
	os.RemoveAll(dir)
	old := fmt.Sprintf("%d\n%s", pid, text)
	self := strings.SplitN(process.Self().String(), ".", 3)
	for name, test := range map[string]struct {
		path, text string
		mode       os.FileMode // of the directory
		gone       bool
	}{
		"0.1":                        {".fastmigrate-123/owner", old, 0o700, true},
		"0.1, this process":          {".fastmigrate-123/owner", fmt.Sprintf("%d\n%s", os.Getpid(), process.Text(os.Getpid())), 0o700, false},
		"0.1, another boot":          {".fastmigrate-123/owner", fmt.Sprintf("%d\n%s", pid, "b"+text), 0o700, false},
		"0.1, without a process":     {".fastmigrate-123/owner", fmt.Sprintf("%d\n", pid), 0o700, false},
		"0.1, open to others":        {".fastmigrate-123/owner", old, 0o755, false},
		"0.1, a pipe":                {".fastmigrate-123/owner", "|", 0o700, false},
		"0.1, a link":                {".fastmigrate-123/owner", "-> /dev/zero", 0o700, false},
		"0.1, no owner":              {".fastmigrate-123/app.db", "", 0o700, false},
		"0.1, a file":                {".fastmigrate-FRCXLZ4V.tmp", "", 0, false},
		"another machine":            {".fastmigrate-0123456789abcdef.b" + self[1][1:] + "." + self[2] + ".x/app.db", "", 0o700, false},
		"no machine":                 {".fastmigrate-0.b" + self[1][1:] + "." + self[2] + ".x/app.db", "", 0o700, false},
		"another name":               {"fastmigrate.db", "", 0, false},
		"a user's file":              {".fastmigrate", "", 0, false},
		"a directory that is a link": {".fastmigrate-" + dead(self, pid), "-> " + t.TempDir(), 0, false},
		"a pipe":                     {".fastmigrate-" + dead(self, pid) + ".tmp", "|", 0, false},
		"of the dead":                {".fastmigrate-" + dead(self, pid) + ".tmp", "", 0, true},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, test.path)
		if test.mode != 0 {
			if err := os.Mkdir(filepath.Dir(path), test.mode); err != nil {
				t.Fatal(err)
			}
		}
		put(t, path, test.text)
		f, err := File(dir, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
		if _, err := os.Lstat(path); os.IsNotExist(err) != test.gone {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// dead is the name of a process of this boot that has ended.
func dead(self []string, pid int) string {
	return fmt.Sprintf("%s.%s.%s.%d.1.X", self[0], self[1], strings.SplitN(self[2], ".", 2)[0], pid)
}

func put(t *testing.T, path, text string) {
	t.Helper()
	var err error
	if to, link := strings.CutPrefix(text, "-> "); link {
		err = os.Symlink(to, path)
	} else if text == "|" {
		err = exec.Command("mkfifo", path).Run()
	} else {
		err = os.WriteFile(path, []byte(text), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// list is what is in a directory, by path.
func list(t *testing.T, dir string) map[string]bool {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, e := range entries {
		found[filepath.Join(dir, e.Name())] = true
	}
	return found
}

// TestAnotherUser: root leaves what is another user's, be it of the dead.
func TestAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can make files of another user")
	}
	dir := t.TempDir()
	pid, _, kill := start(t, dir)
	kill()
	for path := range list(t, dir) {
		if err := os.Chown(path, 65534, -1); err != nil {
			t.Fatal(err)
		}
	}
	if f, err := File(dir, 0o600); err != nil || f.Close() != nil {
		t.Fatal(err)
	}
	if got := list(t, dir); len(got) != 5 {
		t.Errorf("of pid %d are left %v", pid, got)
	}
}

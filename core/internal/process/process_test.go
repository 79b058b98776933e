package process

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestAliveAt: what is known of a process from another place.
func TestAliveAt(t *testing.T) {
	self := Self()
	self.machine, self.boot, self.space = "m", "b", "s"
	here := ID{machine: "m", boot: "b", space: "s"}
	for _, test := range []struct {
		name         string
		change       func(id, here *ID)
		alive, known bool
	}{
		{"this one", func(id, here *ID) {}, true, true},
		{"earlier boot", func(id, here *ID) { id.boot = "a" }, false, true},
		{"earlier boot, in a container then", func(id, here *ID) { id.boot, id.space, id.machine = "a", "t", "" }, false, false},
		{"earlier boot, in a container now", func(id, here *ID) { id.boot, here.machine = "a", "" }, false, false},
		{"both in containers", func(id, here *ID) { id.boot, id.machine, here.machine = "a", "", "" }, false, false},
		{"another machine", func(id, here *ID) { id.boot, id.machine = "a", "n" }, false, false},
		{"another container", func(id, here *ID) { id.space = "t" }, false, false},
		{"of version 0.1", func(id, here *ID) { id.machine = "" }, true, true},
		{"of version 0.1, earlier boot", func(id, here *ID) { id.machine, id.boot = "", "a" }, false, false},
		{"nothing is known of it", func(id, here *ID) { *id = ID{pid: id.pid} }, false, false},
		{"nothing is known of here", func(id, here *ID) { *here = ID{} }, false, false},
	} {
		id, at := self, here
		test.change(&id, &at)
		if alive, known := id.aliveAt(at); alive != test.alive || known != test.known {
			t.Errorf("%s: %v, %v, want %v, %v", test.name, alive, known, test.alive, test.known)
		}
	}
}

// TestAlive: a process until it is killed, in the name of a file and in the
// history.
func TestAlive(t *testing.T) {
	cmd := exec.Command("sleep", "1000")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	named, _ := Parse(at(cmd.Process.Pid).String() + ".ABC")
	recorded := Recorded(cmd.Process.Pid, Text(cmd.Process.Pid), Machine())
	if named != recorded {
		t.Errorf("%v in a name, %v in the history", named, recorded)
	}
	if alive, known := named.Alive(); !alive || !known {
		t.Errorf("%v: %v, %v", named, alive, known)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	for _, id := range []ID{named, recorded} {
		if alive, known := id.Alive(); alive || !known {
			t.Errorf("after its end: %v, %v", alive, known)
		}
	}
	other := Self()
	other.start += "0"
	if alive, known := other.Alive(); alive || !known {
		t.Errorf("an earlier process of this number: %v, %v", alive, known)
	}
}

func TestParse(t *testing.T) {
	for name, want := range map[string]bool{
		"m.b.s.1.2.rest":      true,
		"0.b.s.1.2.rest.tmp":  true,
		"m.b.s.1.2":           false, // nothing after it
		"m.b.s.0.2.rest":      false,
		"m.b.s.x.2.rest":      false,
		"m..s.1.2.rest":       false,
		"":                    false,
		"2514738.tmp":         false,
		"FRCXLZ4V.tmp-wal":    false,
		"m.b.s.-1.2.rest.tmp": false,
	} {
		id, ok := Parse(name)
		if ok != want {
			t.Errorf("Parse(%q) = %v, %v", name, id, ok)
		}
		if _, known := id.Alive(); known {
			t.Errorf("Parse(%q): it is known whether it lives", name)
		}
	}
}

func TestMachine(t *testing.T) {
	t.Setenv("container", "")
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	const id = "3d1219c7c4c5404aaa1f6d2a48adfda4\n"
	whole := machine(system(t, "etc/machine-id", id), "web1")
	if len(whole) != 16 || whole == id[:16] {
		t.Errorf("machine = %q", whole)
	}
	for name, test := range map[string]struct {
		files []string
		host  string
		want  string
	}{
		"the same":       {[]string{"etc/machine-id", id}, "web1", whole},
		"no host":        {[]string{"etc/machine-id", id}, "", ""},
		"none":           {nil, "web1", ""},
		"empty":          {[]string{"etc/machine-id", ""}, "web1", ""},
		"uninitialized":  {[]string{"etc/machine-id", "uninitialized\n"}, "web1", ""},
		"zeros":          {[]string{"etc/machine-id", "00000000000000000000000000000000\n"}, "web1", ""},
		"short":          {[]string{"etc/machine-id", "3d12\n"}, "web1", ""},
		"docker":         {[]string{"etc/machine-id", id, ".dockerenv", ""}, "web1", ""},
		"podman":         {[]string{"etc/machine-id", id, "run/.containerenv", ""}, "web1", ""},
		"systemd-nspawn": {[]string{"etc/machine-id", id, "run/systemd/container", "systemd-nspawn"}, "web1", ""},
		"lxc":            {[]string{"etc/machine-id", id, "proc/self/ns/pid", "-> pid:[4026532281]"}, "web1", ""},
		"none of these":  {[]string{"etc/machine-id", id, "proc/self/ns/pid", "-> pid:[4026531836]"}, "web1", whole},
	} {
		if got := machine(system(t, test.files...), test.host); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	if other := machine(system(t, "etc/machine-id", id), "web2"); other == whole || other == "" {
		t.Errorf("a copy of it with another name: %q", other)
	}
	t.Setenv("container", "lxc")
	if got := machine(system(t, "etc/machine-id", id), "web1"); got != "" {
		t.Errorf("$container: %q", got)
	}
}

// system makes the root of a file system, of pairs of name and text.
func system(t *testing.T, files ...string) string {
	t.Helper()
	root := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		path := filepath.Join(root, files[i])
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if to, link := strings.CutPrefix(files[i+1], "-> "); link && err == nil {
			err = os.Symlink(to, path)
		} else if err == nil {
			err = os.WriteFile(path, []byte(files[i+1]), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

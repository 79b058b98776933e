package process

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestZombie: a process that has ended is not alive because nobody asked yet how.
func TestZombie(t *testing.T) {
	cmd := exec.Command("cat")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	pid := cmd.Process.Pid
	id := at(pid)
	if alive, known := id.Alive(); !alive || !known || !GroupAlive(pid) {
		t.Errorf("before its end: %v, %v, its group %v", alive, known, GroupAlive(pid))
	}
	in.Close()
	if err := waitid(pid); err != nil {
		t.Fatal(err)
	}
	if alive, known := id.Alive(); alive || !known || GroupAlive(pid) {
		t.Errorf("after it: %v, %v, its group %v", alive, known, GroupAlive(pid))
	}
	if text := Text(pid); text != "" {
		t.Errorf("Text() = %q", text)
	}
}

// waitid waits until a child has ended, and leaves it a zombie.
func waitid(pid int) error {
	const p, exited, noWait = 1, 4, 0x01000000 // P_PID, WEXITED, WNOWAIT
	for {
		if _, _, err := syscall.Syscall6(syscall.SYS_WAITID, p, uintptr(pid), 0, exited|noWait, 0, 0); err != syscall.EINTR {
			if err == 0 {
				return nil
			}
			return err
		}
	}
}

// TestGroupOutlivesItsLeader: it is alive as long as any of it is.
func TestGroupOutlivesItsLeader(t *testing.T) {
	cmd := exec.Command("sh", "-c", "cat <&3 & echo $!")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	cmd.ExtraFiles = []*os.File{r}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	lines := bufio.NewReader(out)
	if line, err := lines.ReadString('\n'); err != nil {
		t.Fatalf("%q, %v", line, err)
	}
	group := cmd.Process.Pid
	if _, err := cmd.Process.Wait(); err != nil {
		t.Fatal(err)
	}
	if !GroupAlive(group) {
		t.Error("the group has ended with its leader")
	}
	w.Close()
	lines.ReadString('\n') // its end: cat has closed its output
	for end := time.Now().Add(10 * time.Second); GroupAlive(group); {
		if time.Now().After(end) {
			t.Fatal("the group is alive after all of it has ended")
		}
	}
}

func TestRecordedReadsText(t *testing.T) {
	self := Self()
	if id := Recorded(os.Getpid(), Text(os.Getpid()), Machine()); id != self || !id.Here() {
		t.Errorf("%+v, want %+v; here: %v", id, self, id.Here())
	}
	for _, text := range []string{"", "host web1", "b pid:[1]", "b pid:[1", "pid:[1] 2", "b 1 2", strings.Repeat("x", 10_000)} {
		id := Recorded(os.Getpid(), text, Machine())
		if alive, known := id.Alive(); alive || known || id.Here() {
			t.Errorf("%.20q: %+v is alive: %v, known: %v, here: %v", text, id, alive, known, id.Here())
		}
	}
}

// TestStat: the name of a program may hold what comes after it.
func TestStat(t *testing.T) {
	path := t.TempDir() + "/stat"
	fields := strings.Repeat(" 7", 17)
	for text, want := range map[string]string{
		"12 (cat) S 1 12" + fields:            "S",
		"12 (a) R 9 9 (b) S 1 12" + fields:    "S",
		"12 (a\nb) S 1 12" + fields:           "S",
		"12 ()) S 1 12" + fields:              "S",
		"12 (cat) Z 1 12" + fields:            "",
		"12 (cat) X 1 12" + fields:            "",
		"12 (cat) S 1":                        "",
		"":                                    "",
		"12 (cat) S 1 12" + fields[2:] + "\n": "",
	} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		got := ""
		if list, err := stat(path); err != nil {
			t.Errorf("%q: %v", text, err)
		} else if list != nil {
			got = list[0]
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

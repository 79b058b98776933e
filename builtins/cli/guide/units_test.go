package guide

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// TestUnits lets systemd read the units of the guide, which name themselves in their first
// line. Their programs need not be there.
func TestUnits(t *testing.T) {
	g, _ := Named("deploying")
	dir := t.TempDir()
	var units []string
	for _, m := range regexp.MustCompile("(?s)```ini\n# (\\S+)\n(.*?)```").FindAllStringSubmatch(g.Text, -1) {
		units = append(units, filepath.Join(dir, m[1]))
		text := regexp.MustCompile(`/usr/local/bin/\w+`).ReplaceAllString(m[2], "/bin/true")
		if err := os.WriteFile(units[len(units)-1], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if len(units) != 2 {
		t.Fatalf("the guide has the units %v, want two", units)
	}
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip(err)
	}
	if out, err := exec.Command("systemd-analyze", append([]string{"verify"}, units...)...).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

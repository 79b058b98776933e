package file

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTransactionsAreInOneFile pins that nothing else of core begins or ends a
// transaction by hand, and so none lacks the ROLLBACK, or takes its lock too late.
func TestTransactionsAreInOneFile(t *testing.T) {
	byHand := map[string]bool{
		"internal/file/transaction.go": true,
		"coretest/rows.go":             true, // in a database of its own
	}
	found := regexp.MustCompile(`Exec\("(?:BEGIN|COMMIT|END)\b.*`)
	core, seen := os.DirFS(filepath.Join("..", "..")), map[string]bool{}
	err := fs.WalkDir(core, ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := fs.ReadFile(core, path)
		for _, line := range found.FindAll(text, -1) {
			if seen[path] = true; !byHand[path] {
				t.Errorf("%s: %s: use what internal/file/transaction.go has", path, line)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for path := range byHand {
		if !seen[path] {
			t.Errorf("%s has no transaction: it needs no exception", path)
		}
	}
}

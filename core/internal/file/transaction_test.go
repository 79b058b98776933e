package file

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTransactionsAreInOneFile pins that nothing else of the package begins or ends a
// transaction by hand, and so none lacks the ROLLBACK, or takes its lock too late.
func TestTransactionsAreInOneFile(t *testing.T) {
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	byHand := regexp.MustCompile(`Exec\("(?:BEGIN|COMMIT|END)\b.*`)
	for _, path := range paths {
		if path == "transaction.go" || strings.HasSuffix(path, "_test.go") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range byHand.FindAll(text, -1) {
			t.Errorf("%s: %s: use transact or ofOneMoment", path, found)
		}
	}
}

package hint

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"fastmigrate/core/fault"
)

// TestWaysOut pins that there is a hint for every reason that package core knows.
func TestWaysOut(t *testing.T) {
	source, err := os.ReadFile("../../../../core/fault/reason.go")
	if err != nil {
		t.Fatal(err)
	}
	keys := regexp.MustCompile(`(?m)^\s+\w+\s+Key = "(.*?)"`).FindAllSubmatch(source, -1)
	if len(keys) < 20 {
		t.Fatalf("there are %d keys", len(keys))
	}
	c := Context{DB: "app.db", Dir: "m"}
	for _, k := range keys {
		if fault.Key(k[1]) == fault.Syntax { // TestDialects
			continue
		}
		hints := c.WayOut(&fault.Reason{Key: fault.Key(k[1]), Name: "the name", Detail: "view v"})
		if len(hints) == 0 || hints[0] == "" || strings.ContainsAny(strings.Join(hints, ""), "{}") {
			t.Errorf("%s: %q", k[1], hints)
		}
	}
}

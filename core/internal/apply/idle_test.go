package apply

import "testing"

// TestIdleIsKnownByItsText: what was never written is known by its text.
func TestIdleIsKnownByItsText(t *testing.T) {
	for _, test := range []struct {
		kind, text string
		want       bool
	}{
		{"sql", "", true}, {"sql", "\uFEFF", true}, {"sql", "-- only\n/* a\ncomment */ ;;\n", true}, {"sql", "SELECT 1", false}, {"sql", "-- a\nDROP TABLE t", false},
		{"star", "", true}, {"star", "# a\ndef migrate(db):\n    pass\n", true}, {"star", "def migrate(db):\n    \"\"\"Does nothing yet.\"\"\"\n", true},
		{"star", "def migrate(db): return\n", true}, {"star", "def migrate(db):\n    print(1)\n", false}, {"star", "def migrate(db):\n    pass\n\ndef f():\n    pass\n", false},
		{"py", "", true}, {"py", "#!/usr/bin/python3\n\n# nothing\r\n", true}, {"py", "import sys\n", false},
		{"sh", "\n", true}, {"sh", "# true\n", true}, {"sh", "true\n", false},
		{"js", " ", true}, {"js", "x()", false},
	} {
		if got := idle(test.kind, []byte(test.text)); got != test.want {
			t.Errorf("idle(%q, %q) = %v", test.kind, test.text, got)
		}
	}
}

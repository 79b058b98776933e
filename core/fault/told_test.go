package fault

import "testing"

// TestSayingsCompile: the expressions of which parts are put together compile, too.
func TestSayingsCompile(t *testing.T) {
	for _, s := range sayings() {
		s.message.Regexp()
		s.statement.Regexp()
	}
}

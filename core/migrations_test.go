package core

import "testing"

// TestNames pins the naming rule, which is the Python package's, and what is
// close enough to it to be warned of.
func TestNames(t *testing.T) {
	for _, test := range []struct {
		name    string
		version int // 0: none
		almost  bool
	}{
		{"0001-a.sql", 1, true}, {"9999-a.py", 9999, true}, {"0010-.sh", 10, true}, {"0003-a.b.sql", 3, true}, {"0004-a.star", 4, true},
		{"0007--.sql", 7, true}, {"0008-ünïcode ;.sql", 8, true},
		{"0000-a.sql", 0, true}, {"2-b.sql", 0, true}, {"0003_c.sql", 0, true}, {"0004-E.SQL", 0, true}, {"10000-d.sql", 0, true},
		{"001-a.sql", 0, true}, {"0001.sql", 0, true}, {"0001-sql", 0, false}, {"0001-a.sql~", 0, false}, {"0001-a.txt", 0, false},
		{"a-0001.sql", 0, false}, {".0001-a.sql", 0, false}, {"README.md", 0, false}, {"", 0, false}, {"-001-a.sql", 0, false}, {"+001-a.sql", 0, false},
	} {
		version, ok := Options{}.parseName(test.name)
		if !ok {
			version = 0
		}
		if version != test.version || (Options{}).almost(test.name) != test.almost {
			t.Errorf("%q: version %d, almost %v", test.name, version, (Options{}).almost(test.name))
		}
	}
}

// FuzzNames: no name is read as a version out of range, nor one that the warning
// would not know.
func FuzzNames(f *testing.F) {
	f.Add("0001-a.sql")
	f.Add("0000-.py")
	f.Fuzz(func(t *testing.T, name string) {
		version, ok := Options{}.parseName(name)
		if ok && (version < 1 || version > 9999 || !(Options{}).almost(name)) {
			t.Errorf("%q is version %d", name, version)
		}
	})
}

package directive

import (
	"fmt"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	const (
		ofSQL    = ` in a .sql only "fastmigrate: no foreign key check" and "fastmigrate: accept" with codes are understood`
		ofShell  = ` in a .sh only "fastmigrate: isolated", "fastmigrate: no foreign key check" and "fastmigrate: accept" with codes are understood`
		first    = " it must be before the first statement"
		tenLines = " it must be in the first ten lines"
	)
	for _, test := range []struct{ kind, text, want string }{
		{"sql", "-- fastmigrate: no foreign key check", "unchecked"},
		{"sql", "-- fastmigrate: no foreign key check\r\nDROP TABLE a;\r\n", "unchecked"},
		{"sql", "\uFEFF-- fastmigrate: no foreign key check\nDROP TABLE a;", "unchecked"},
		{"sql", "\n  --fastmigrate:no-foreign-key-check  \n", "unchecked"},
		{"sql", "-- Fastmigrate : No foreign keys check\n", "unchecked"},
		{"sql", "/* of 2024 */ -- fastmigrate: no foreign key check\n", "unchecked"},
		{"sql", strings.Repeat("-- a\n", 50) + "-- fastmigrate: no foreign key check\nSELECT 1;", "unchecked"},
		{"sql", "INSERT INTO t VALUES ('\n-- fastmigrate: no foreign key check\n');", ""},
		{"sql", "-- not fastmigrate: no foreign key check\n", ""},
		{"sql", "-- -- fastmigrate: no foreign key check\n", ""},
		{"sql", "-- fastmigrate runs this: it is short\n", ""},
		{"sql", "-- fastmigrate: no foreign key check.\n", "1" + ofSQL},
		{"sql", "-- a\n-- fastmigrate: no foreign key check, as 0003 mends it\n", "2" + ofSQL},
		{"sql", "-- fastmigrate: no foreign keys chek\n", "1" + ofSQL},
		{"sql", "-- fastmigrate: isolated\n", "1" + ofSQL},
		{"sql", "-- FASTMIGRATE: isolated, no foreign key check\n", "1" + ofSQL},
		{"sql", "-- fastmigrate:", "1" + ofSQL},
		{"sql", "/*\n-- fastmigrate: no foreign key check\n*/", "2 it must be a -- comment"},
		{"sql", "/* fastmigrate: no foreign key check */ SELECT 1;", "1 it must be a -- comment"},
		{"sql", "SELECT 1; -- fastmigrate: no foreign key check\n", "1" + first},
		{"sql", "SELECT 1; -- fastmigrate: accept values\n", "1 it must be on a line of its own, above its statement"},
		{"sql", "-- fastmigrate: accept destructive, values\nSELECT 1;", "destructive@1 values@1"},
		{"sql", "-- fastmigrate: no foreign key check, accept Values\n-- Fastmigrate: accepts fts", "unchecked values@1 fts@2"},
		{"sql", "SELECT 1;\n\t-- fastmigrate: accept long-lock\nSELECT 2\n-- fastmigrate: accept values\n;", "long-lock@2 for 3 values@4 for 3"},
		{"sql", "SELECT 1;\n-- fastmigrate: accept values, no foreign key check\n;", "2 no statement follows it: it must be above one, or before the first"},
		{"sql", "-- fastmigrate: accept all\n", "no \"all\"@1"},
		{"sql", "-- FastMigrate: accept values\n", "values@1"},
		{"sql", "SELECT 1;\n-- fastmigrate: accept values\n", "2 no statement follows it: it must be above one, or before the first"},
		{"sql", "-- fastmigrate: accept\n", "no \"\"@1"},
		{"sql", "-- fastmigrate: accept values.\n", "no \"values.\"@1"},
		{"sql", "INSERT INTO t VALUES ('\n-- fastmigrate: accept values\n');", ""},
		{"sql", "/* fastmigrate: accept values */", "1 it must be a -- comment"},
		{"py", "# fastmigrate: isolated, accept destructive\n", "isolated destructive@1"},
		{"star", "def migrate(db):\n    # fastmigrate: accept values\n    pass", "values@2"},
		{"sh", strings.Repeat("\n", 10) + "# fastmigrate: accept values\n", "11" + tenLines},
		{"sql", "SELECT 1\n-- fastmigrate: no foreign key check\n;", "2" + first},
		{"sql", "-- fastmigrate: none\n-- fastmigrate: no foreign key check\n", "unchecked 1" + ofSQL},
		{"sh", "#!/bin/sh\n# fastmigrate: no foreign key check\n", "unchecked"},
		{"sh", "# fastmigrate: isolated\n", "isolated"},
		{"sh", "\tset -e\n\t## fastmigrate: isolated\r\n", "isolated"},
		{"py", "\uFEFF# fastmigrate: isolated, no foreign key check\n", "isolated unchecked"},
		{"py", "'''x'''\n# fastmigrate: isolated\n", "isolated"},
		{"py", "s = '\"\"\"' # no string\n", ""},
		{"sh", "# -- fastmigrate: isolated\n", ""},
		{"sh", "# not # fastmigrate: isolated\n", ""},
		{"sh", "echo '# fastmigrate: isolated'\n", ""},
		{"sh", "# fastmigrate: isolate\n", "1" + ofShell},
		{"sh", "# fastmigrate: isolated, as it is long\n", "1" + ofShell},
		{"sh", "set -e # fastmigrate: isolated\n", "1 it has to be on a line of its own"},
		{"sh", strings.Repeat("\n", 9) + "# fastmigrate: isolated\n", "isolated"},
		{"sh", strings.Repeat("\n", 10) + "# fastmigrate: isolated\n", "11" + tenLines},
		{"py", "\"\"\"Copies.\n# fastmigrate: isolated\n\"\"\"\n", "2 it must be a comment, but is in a string"},
		{"star", "# fastmigrate: no foreign key check\n", "unchecked"},
		{"star", "# fastmigrate: isolated\n", `1 in a .star only "fastmigrate: no foreign key check" and "fastmigrate: accept" with codes are understood`},
		{"sh", "", ""},
	} {
		d, got := Read(test.kind, []byte(test.text)), ""
		if d.Isolated {
			got += "isolated "
		}
		if d.Unchecked {
			got += "unchecked "
		}
		line := func(offset int) int { return strings.Count(test.text[:offset], "\n") + 1 }
		for _, u := range d.Unknown {
			got += fmt.Sprintf("no %q@%d ", u.Code, line(u.Offset))
		}
		for _, a := range d.Accepts {
			got += fmt.Sprintf("%s@%d ", a.Code, line(a.Offset))
			if a.Statement >= 0 {
				got += fmt.Sprintf("for %d ", line(a.Statement))
			}
		}
		for _, i := range d.Ignored {
			got += fmt.Sprint(line(i.Offset), " ", i.Why)
		}
		if strings.TrimSpace(got) != test.want {
			t.Errorf("Read(%s, %q) = %s, want %s", test.kind, test.text, got, test.want)
		}
	}
}

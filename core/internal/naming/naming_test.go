package naming

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestNamingRule: it is the Python package's; what is close enough to it is warned
// of, and why.
func TestNamingRule(t *testing.T) {
	for _, test := range []struct {
		name    string
		version int    // 0: none
		why     string // "": it was not meant as a migration, or is one
		rule    string
	}{
		{"0001-a.sql", 1, "", ""}, {"9999-a.py", 9999, "", ""}, {"0010-.sh", 10, "", ""}, {"0003-a.b.sql", 3, "", ""}, {"0004-a.star", 4, "", ""},
		{"0007--.sql", 7, "", ""}, {"0008-ünïcode ;.sql", 8, "", ""}, {"0009-UPPER CASE.sql", 9, "", ""},
		{"0000-a.sql", 0, "numbers begin with 0001", ""},
		{"2-b.sql", 0, "the number has four digits", "0002-b.sql"},
		{"0003_c.sql", 0, "'-' is expected after the number", "0003-c.sql"},
		{"0003–c.sql", 0, "'-' is expected after the number", "0003-c.sql"},
		{"0004-E.SQL", 0, "the extension is in lower case: .sql", "0004-E.sql"},
		{"4 E.Star", 0, "the number has four digits, and '-' is expected after the number, and the extension is in lower case: .star", "0004-E.star"},
		{"10000-d.sql", 0, "the number has four digits", ""},
		{"0001.sql", 0, "'-' is expected after the number", ""},
		{"v0001-a.sql", 0, "a name begins with the number", "0001-a.sql"},
		{"V1_a.sql", 0, "a name begins with the number, and the number has four digits, and '-' is expected after the number", "0001-a.sql"},
		{" 0001-a.sql", 0, "a name neither begins nor ends with a space", "0001-a.sql"},
		{"0001-a.sql ", 0, "a name neither begins nor ends with a space", "0001-a.sql"},
		{"0001-a\nb.sql", 0, "a name has no line breaks or other control characters", ""},
		{"0001-a.sql\n", 0, "a name has no line breaks or other control characters", "0001-a.sql"},
		{"0001-\x1b[2J.py", 0, "a name has no line breaks or other control characters", ""},
		{"0001-\u0085.py", 0, "a name has no line breaks or other control characters", ""},
		{"0001-\u2028.py", 0, "a name has no line breaks or other control characters", ""},
		{"V1__init.sql", 0, "named for Flyway", ""}, {"V1.2__x.sql", 0, "named for Flyway", ""}, {"U1__init.sql", 0, "named for Flyway", ""}, {"R__view.sql", 0, "named for Flyway", ""},
		{"001_init.sql", 0, "named for goose or golang-migrate", ""}, {"00001_init.sql", 0, "named for goose or dbmate", ""},
		{"1_init.up.sql", 0, "named for golang-migrate", ""}, {"000001_x.down.sql", 0, "named for golang-migrate", ""},
		{"20240101_x.sql", 0, "named for goose or dbmate", ""}, {"20240101120000_x.sql", 0, "named for goose or dbmate", ""}, {"20240101120000_x.go", 0, "named for goose or dbmate", ""},
		{"20240101-x.sql", 0, "named for a tool that numbers by time", ""},
		{"20240101120000_x.rb", 0, "named for Rails", ""}, {"20240101120000_x.js", 0, "named for a tool in JavaScript", ""},
		{"0001_initial.py", 0, "named for Django", ""}, {"1975ea83b712_account.py", 0, "named for Alembic", ""}, {"20240101_01_Ab1cD-x.py", 0, "named for yoyo", ""},
		{"2024_01_01_000000_x.php", 0, "named for Laravel or Phinx", ""},
		{"5f2a3c_add_users.py", 0, "named for Alembic", ""}, {"sqitch.plan", 0, "named for Sqitch", ""}, {"db.changelog-master.xml", 0, "named for Liquibase", ""},
		{"m20240101_000001_x.rs", 0, "named for SeaORM", ""}, {"x.up.sql", 0, "named for a tool with files for up and down", ""}, {"changelog.json", 0, "", ""},
		{"0001-sql", 0, "", ""}, {"0001-a.sql~", 0, "", ""}, {"0001-a.txt", 0, "", ""}, {"2024-report.pdf", 0, "", ""}, {"1.png", 0, "", ""},
		{"a-0001.sql", 0, "", ""}, {".0001-a.sql", 0, "", ""}, {"README.md", 0, "", ""}, {"", 0, "", ""}, {"-001-a.sql", 0, "", ""}, {"+001-a.sql", 0, "", ""},
		{"schema.sql", 0, "", ""}, {"seed.sql", 0, "", ""}, {"helpers.py", 0, "", ""}, {"a_test.star", 0, "", ""}, {"view.sql", 0, "", ""}, {".gitkeep", 0, "", ""}, {"V.sql", 0, "", ""},
	} {
		version, ok := Kinds(nil).parseName(test.name)
		if !ok {
			version = 0
		}
		m, near := Kinds(nil).nearMiss(test.name)
		if version != test.version || !ok && (near != (test.why != "") || m.Why != test.why || m.Rule != test.rule) {
			t.Errorf("%q: version %d, near %v: %q %q, want %d %q %q", test.name, version, near, m.Why, m.Rule, test.version, test.why, test.rule)
		}
	}
}

// TestMisnamed: what is found where.
func TestMisnamed(t *testing.T) {
	for _, test := range []struct{ files, list, misnamed string }{
		{"", "", ""},
		{"README.md .gitkeep seed.sql", "", ""},
		{"0001-a.sql", "0001-a.sql", ""},
		{"0001-a.sql 2_b.sql", "0001-a.sql", "2_b.sql: named for goose or golang-migrate"},
		{"0001-a.sql 2024/0002-b.sql", "0001-a.sql", "2024/0002-b.sql: subdirectories are not read"},
		{"0001/0001-a.sql 0002/0002-b.sql", "", "0001/0001-a.sql, 0002/0002-b.sql: subdirectories are not read"},
		{"0001-a.sql/x", "", "0001-a.sql: it is a directory"},
		{"20240101_a/migration.sql migration_lock.toml", "", "20240101_a/migration.sql: named for Prisma"},
		{"2024-01-01-000000_a/up.sql 2024-01-01-000000_a/down.sql", "", "2024-01-01-000000_a/up.sql: named for Diesel"},
		{"versions/1975ea83b712_a.py env.py", "", "versions/1975ea83b712_a.py: named for Alembic"},
		{"sql/V1__a.sql", "", "sql/V1__a.sql: named for Flyway"},
		// a directory of ours may hold others' files below, and what was set aside
		{"0001-a.sql sql/V1__a.sql", "0001-a.sql", ""},
		{"0001-a.sql down/0001-a.sql _old/0001-a.sql .git/0001-a.sql tests/a_test.star", "0001-a.sql", ""},
	} {
		fsys := fstest.MapFS{}
		for _, name := range strings.Fields(test.files) {
			fsys[name] = &fstest.MapFile{}
		}
		list, misnamed, err := Kinds(nil).List(fsys)
		var found []string
		for _, m := range list {
			found = append(found, m.Name)
		}
		if wrong := strings.Join(Reasons(misnamed), "; "); err != nil || strings.Join(found, " ") != test.list || strings.ReplaceAll(wrong, " and ", ", ") != test.misnamed {
			t.Errorf("%s: %v %v %q", test.files, err, found, wrong)
		}
		if err := CheckRecognised(0, list, misnamed); (err != nil) != (test.list == "" && test.misnamed != "") {
			t.Errorf("%s: %v", test.files, err)
		}
		if err := CheckRecognised(1, list, misnamed); err != nil {
			t.Errorf("%s: %v", test.files, err)
		}
	}
}

// FuzzNames: no name is read as a version out of range, and a near miss has a
// reason.
func FuzzNames(f *testing.F) {
	f.Add("0001-a.sql")
	f.Add("0000-.py")
	f.Fuzz(func(t *testing.T, name string) {
		version, ok := Kinds(nil).parseName(name)
		m, near := Kinds(nil).nearMiss(name)
		if ok && (version < 1 || version > 9999) || near && m.Why == "" && !ok || m.Rule != "" && !Kinds(nil).follows(m.Rule) {
			t.Errorf("%q is version %d", name, version)
		}
	})
}

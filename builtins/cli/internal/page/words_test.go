package page

import (
	"strings"
	"testing"
)

// TestDiffer pins which words are marked, - and + standing for what was and what is; and that
// the words that are not marked, with those of either mark, are the whole text.
func TestDiffer(t *testing.T) {
	for name, c := range map[string][3]string{
		"added":                {"", "CREATE VIEW v AS SELECT 1", "+[CREATE VIEW v AS SELECT 1]"},
		"a word":               {"CREATE TABLE t (a TEXT)", "CREATE TABLE t (a TEXT NOT NULL)", "CREATE TABLE t (\n  a TEXT +[NOT NULL]\n)"},
		"white space":          {"CREATE TABLE t (a  TEXT,\n\tb\tTEXT)", "CREATE TABLE t (\n  a TEXT,\n  b TEXT NOT NULL\n)", "CREATE TABLE t (\n  a TEXT,\n  b TEXT +[NOT NULL]\n)"},
		"line breaks":          {"CREATE TABLE t (a TEXT, b TEXT)", "CREATE TABLE t (\n  a TEXT,\n  b INT\n)", "CREATE TABLE t (\n  a TEXT,\n  b -[TEXT] +[INT]\n)"},
		"a column added":       {"CREATE TABLE t (\n  a TEXT,\n  b TEXT\n)", "CREATE TABLE t (\n  a TEXT,\n  b TEXT\n, c TEXT)", "CREATE TABLE t (\n  a TEXT,\n  b TEXT\n+[,] +[c TEXT])"},
		"a column dropped":     {"CREATE TABLE t (\n  a TEXT,\n  b TEXT,\n  c INT\n)", "CREATE TABLE t (\n  a TEXT,\n  c INT\n)", "CREATE TABLE t (\n  a TEXT,\n  -[b TEXT,]\n  c INT\n)"},
		"the last one dropped": {"CREATE TABLE t (\n  a TEXT,\n  b TEXT\n)", "CREATE TABLE t (\n  a TEXT)", "CREATE TABLE t (\n  a TEXT-[,]\n  -[b TEXT])"},
		"moved and commented":  {"CREATE TABLE t (a, b, -- of b\n c)", "CREATE TABLE t (a,\n c, b -- of b\n)", "CREATE TABLE t (a, -[b, -- of b]\n c+[,] +[b -- of b]\n)"},
		"quoted when renamed":  {"CREATE TABLE t (a)", `CREATE TABLE "t" (a)`, "CREATE TABLE +[\"]t+[\"] (\n  a\n)"},
		"in a string":          {"CREATE VIEW v AS SELECT 'a b'", "CREATE VIEW v AS SELECT 'a  b'", "CREATE VIEW v AS SELECT -['a b'] +['a  b']"},
		"in a name":            {`CREATE INDEX i ON t ("a b")`, `CREATE INDEX i ON t ("a  b")`, `CREATE INDEX i ON t (-["a b"]+["a  b"])`},
		"in a table's string":  {"CREATE TABLE t (a CHECK (a <> ',('), b)", "CREATE TABLE t (a CHECK (a <> ',('), b, c)", "CREATE TABLE t (\n  a CHECK (a <> ',('),\n  b+[,]\n  +[c]\n)"},
		"no accidents": {"CREATE VIEW v AS SELECT first, second FROM people", "CREATE VIEW v AS SELECT other, thing FROM people",
			"CREATE VIEW v AS SELECT -[first, second] +[other, thing] FROM people"},
		"to the end":      {"CREATE TABLE t (a CHECK (a IN (1, 2)), b)", "CREATE TABLE t (a, b)", "CREATE TABLE t (\n  a -[CHECK (a IN (1, 2))],\n  b\n)"},
		"lines of a mark": {"CREATE VIEW v AS\n  SELECT 1", "CREATE VIEW v AS\n  SELECT 1\n  UNION\n    SELECT 2", "CREATE VIEW v AS\n  SELECT 1\n  +[UNION]\n    +[SELECT 2]"},
		"of one line":     {"CREATE TABLE t (a, PRIMARY KEY (a)) WITHOUT ROWID", "CREATE TABLE t (a, PRIMARY KEY (a)) WITHOUT ROWID, STRICT", "CREATE TABLE t (\n  a,\n  PRIMARY KEY (a)\n) WITHOUT ROWID+[, STRICT]"},
	} {
		var got, was, is strings.Builder
		for _, w := range differ(c[0], c[1]) {
			switch w.Mark {
			case "del":
				got.WriteString("-[" + w.Text + "]")
				was.WriteString(w.Text)
			case "ins":
				got.WriteString("+[" + w.Text + "]")
				is.WriteString(w.Text)
			default:
				got.WriteString(w.Text)
				was.WriteString(w.Text)
				is.WriteString(w.Text)
			}
		}
		if got.String() != c[2] {
			t.Errorf("%s: %q, want %q", name, got.String(), c[2])
		}
		for i, text := range []string{was.String(), is.String()} {
			plain := func(s string) string { return strings.Join(strings.Fields(s), "") }
			if plain(text) != plain(c[i]) {
				t.Errorf("%s: the words of %q are %q", name, c[i], text)
			}
		}
	}
}

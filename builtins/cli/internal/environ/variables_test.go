package environ

import (
	"fmt"
	"strings"
	"testing"

	"fastmigrate/builtins/cli/internal/config"
)

func lookup(name string) (string, bool) { return "there", name == "OUTSIDE" }

// TestParse: what is read is what github.com/joho/godotenv v1.5.1 reads.
func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"":                                    "",
		"A=b":                                 "A=b",
		"export A=b\nexport\tB=c\nexportC=d":  "A=b B=c exportC=d",
		"  A = b  \nB: c\r\nC=d e":            "A=b B=c C=d e",
		"# c\n\n \t# d\nA=b # c\nB=c#d\nC=#d": "A=b B=c#d C=#d",
		"A=\nB=":                              "A= B=",
		`A="b # c" # d`:                       "A=b # c",
		"A='b $B \\n' ":                       `A=b $B \n`,
		`A='it\'s'`:                           `A=it\'s`,
		"A=1\nB=$A-${A}x$A.y":                 "A=1 B=1-1x1.y",
		"A=$OUTSIDE":                          "A=there",
		"A=1\nA=2\nB=$A":                      "A=1 A=2 B=2",
		`A="a\nb\"c\$D\\"`:                    "A=a\nb\"c$D\\", // which godotenv takes for a quote without an end
		"A=\"a\nb\"\nB=c":                     "A=a\nb B=c",
		`A=\$B`:                               "A=$B",
		`A=a\nb`:                              `A=a\nb`,
		"A=$(ls) a$b$ `c`":                    "A=$(ls) a$b$ `c`",
		"A.B=c\n_a1=d":                        "A.B=c _a1=d",
		"\ufeffA=b":                           "A=b",
	} {
		list, err := parse("f", []byte(text), lookup)
		var got []string
		for _, v := range list {
			got = append(got, v.Name+"="+v.Value)
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q: %q, %v, want %q", text, got, err, want)
		}
	}
}

// TestParseErrors: a line that is broken is said with its place, and nothing of it.
func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"A=b\nsecret":              "f:2:1: a line is NAME=value",
		"A=b\n=secret":             "f:2:1: a line is NAME=value",
		"  1A=secret":              "f:1:1: a line is NAME=value",
		"A-B=secret":               "f:1:1: a line is NAME=value",
		"export A":                 "f:1:1: a line is NAME=value",
		"A=b\n\nB=\"secret":        "f:3:3: this quote does not end",
		"A='secret":                "f:1:3: this quote does not end",
		`A= "b"secret`:             "f:1:4: this quote does not end, or something else",
		"Ä=1":                      "f:1:1: a line is NAME=value",
		"A='ü' B='ü$SECRET'":       "f:1:3: this quote",
		"A='ü'\nB=ü$SECRET":        "f:2:4: the variable is not set",
		"A=\"\n\n  ${SECRET}\"\n":  "f:3:3: the variable is not set",
		"A=b\nB=secret\x00":        "f:2:9: there is a NUL byte",
		"A=secret\xff":             "f:1:9: there is a NUL byte, or something else than UTF-8",
		"DATABASE_URL=p$SECRET@h/": "f:1:15: the variable is not set",
	} {
		if _, err := parse("f", []byte(text), lookup); err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(strings.ToLower(err.Error()), "secret") {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// FuzzParse pins that no text makes it panic, that errors have a place in the text, and
// that what it has read it reads again from single quotes.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"A=b\n", "export A=\"b\\n$A\" # c\nB='c'", "A=$", "A='\nb", "A: \\", "\xff\ufeff\r\n="} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, err := parse("f", []byte(text), lookup)
		if e, ok := err.(*config.Error); err != nil && (!ok || e.Line < 1 || e.Line > 1+strings.Count(text, "\n") || e.Column < 1 || e.Column > 1+len(text)) {
			t.Errorf("%q: %v", text, err)
		}
		for _, v := range list {
			if strings.ContainsAny(v.Value, "'\\\r") {
				continue
			}
			again, err := parse("f", fmt.Appendf(nil, "%s='%s'", v.Name, v.Value), lookup)
			if err != nil || len(again) != 1 || again[0].Value != v.Value {
				t.Errorf("%q: %q is read again as %v, %v", text, v.Value, again, err)
			}
		}
	})
}

// TestPath: the URLs of dbmate, Rails, golang-migrate, Atlas, sqlx, Prisma, SQLAlchemy and
// Django. Where they differ, what exists decides.
func TestPath(t *testing.T) {
	there := map[string]bool{"there.db": true, "/abs/there.db": true, "both.db": true, "/both.db": true, "a%20b.db": true, "c d.db": true}
	for text, want := range map[string]string{
		"sqlite:app.db":                      "app.db", // dbmate, sqlx
		"sqlite3:db/app.sqlite3":             "db/app.sqlite3",
		"SQLite:./app.db":                    "./app.db",
		"file:./dev.db":                      "./dev.db", // Prisma
		"sqlite:/abs/app.db":                 "/abs/app.db",
		"sqlite:///abs/app.db":               "/abs/app.db", // all but SQLAlchemy and Django
		"sqlite3:////abs/app.db":             "/abs/app.db", // SQLAlchemy and Django
		"file://localhost/abs/app.db":        "/abs/app.db", // https://sqlite.org/uri.html
		"sqlite://app.db":                    "app.db",      // golang-migrate, Atlas, sqlx
		"sqlite://db/app.db?_fk=1#x":         "db/app.db",
		"sqlite://./app.db":                  "./app.db",
		"sqlite:c%20d.db":                    "c d.db",
		"sqlite:app.db?cache=shared&mode=rw": "app.db",
		"sqlite://there.db":                  "there.db",
		"sqlite:///both.db":                  "/both.db",
		"sqlite:///there.db":                 "error: to some tools it is /there.db, which does not exist, to others there.db, which exists: write sqlite:there.db",
		"sqlite://abs/there.db":              "error: to some tools it is abs/there.db, which does not exist, to others /abs/there.db, which exists: write sqlite:/abs/there.db",
		"sqlite:a%20b.db":                    "error: to some tools it is a b.db, which does not exist, to others a%20b.db",
		"sqlite:":                            "error: it names no file",
		"sqlite://":                          "error: it names no file",
		"sqlite:///":                         "error: it names no file",
		"sqlite:a%zz":                        "error: it names no file",
		"sqlite:a%00b":                       "error: it names no file",
		"sqlite::memory:":                    "error: a database in memory",
		"sqlite://:memory:":                  "error: a database in memory",
		"file:x?mode=memory":                 "error: a database in memory",
		"sqlite://user:secret@/x.db":         "error: an SQLite database has no user",
		"postgres://u:secret@h:5432/db":      "error: postgres://*** is not an SQLite database",
		"postgres://u:sec/ret?secret@h/db":   "error: postgres://*** is not",
		"mysql:secret":                       "error: mysql:*** is not",
		"libsql://h?authToken=secret":        "error: libsql://*** is not",
		"secret":                             "error: it is not a URL",
		"app.db":                             "error: it is not a URL, such as sqlite:app.db",
		"":                                   "error: it is not a URL",
	} {
		got, err := path(text, func(path string) bool { return there[path] })
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != want && (!strings.HasPrefix(want, "error: ") || !strings.HasPrefix(got, want)) || strings.Contains(got, "secret") {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

package config

import (
	"strings"
	"testing"
	"time"
)

func read(text string) (db *string, timeout *time.Duration, isolated *bool, err error) {
	err = Read("f", []byte(text), []Setting{
		{"paths", "db", Text(&db)}, {"scripts", "timeout", Duration(&timeout)}, {"scripts", "isolated", Bool(&isolated, true)},
	})
	return db, timeout, isolated, err
}

func TestReadValuesAndErrors(t *testing.T) {
	db, timeout, isolated, err := read("# a comment\r\n[paths]\r\nDB = a b.db\n\n[scripts]\ntimeout: 10m\nisolated = On\n")
	if err != nil || *db != "a b.db" || *timeout != 10*time.Minute || !*isolated {
		t.Error(db, timeout, isolated, err)
	}
	if _, timeout, _, err := read("[scripts]\ntimeout = 1s\n"); err != nil || *timeout != time.Second {
		t.Error("without [paths]:", timeout, err)
	}
	for text, want := range map[string]string{
		"[paths]\ndb = a\n[pahts]\n":      "f:3: there is no section [pahts]",
		"[paths]\ndb = a\nbd = b\n":       "f:3: there is no key bd in [paths]: its keys are db",
		"db = a\n[paths]\n":               "f:1: db is not in a section",
		"[paths]\ndb = a\ndb = b\n":       "f:3: db is set twice, first in line 2",
		"[paths]\nnonsense\n":             "f:2: neither a [section] nor key = value: nonsense",
		"[paths]\n[scripts]\ntimeout=x\n": `f:3: timeout: "x" is not a time`,
		"[paths]\ndb =\n":                 "f:2: db: it is empty",
		"# a\n[paths]\ndb = a\x00b\n":     "f:3: there is a NUL byte",
		"[paths]\n# \x00\ndb = a\n":       "f:2: there is a NUL byte",
		"[paths]\ndb = caf\xe9\n":         `f:2: db: "caf\xe9" is not UTF-8`,
	} {
		if _, _, _, err := read(text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// FuzzRead pins that no text makes it panic, and that each error tells a line.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{"[paths]\ndb = a\n", "[paths", "=", "[a]\n[a]\nb=`c`\n", "[paths]\ndb = %(x)s\n", "\xff[paths]\ndb=\"\"\"a\nb\"\"\""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, _, _, err := read(text); err != nil && !strings.HasPrefix(err.Error(), "f:") {
			t.Errorf("%q: %v", text, err)
		}
	})
}

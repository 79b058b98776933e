// Package config reads the file .fastmigrate: an ini file that the Python
// fastmigrate may read too, so its rules are those of Python's configparser
// (https://docs.python.org/3/library/configparser.html#supported-ini-file-structure).
package config

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"gopkg.in/ini.v1"
)

// Setting is a key that the file may have.
type Setting struct {
	Section, Key string
	Set          func(value string) error // takes the value, or returns what is wrong with it
}

// Error is an error in a line of a file.
type Error struct {
	File   string
	Line   int // from 1
	Column int // from 1; 0 if it is the whole line
	Err    error
}

// Error returns "name:3: there is no key bd in [paths]: its keys are db, migrations".
func (e *Error) Error() string {
	if e.Column == 0 {
		return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err)
	}
	return fmt.Sprintf("%s:%d:%d: %v", e.File, e.Line, e.Column, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Read reads data, the text of the file name, and sets each key that it has. Every section
// and key must be a known one, and each key may appear once. All errors are an [Error].
func Read(name string, data []byte, known []Setting) error {
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return &Error{name, 1 + bytes.Count(data[:i], []byte("\n")), 0, errors.New("there is a NUL byte")}
	}
	f, err := ini.LoadSources(ini.LoadOptions{
		IgnoreInlineComment: true, IgnoreContinuation: true, InsensitiveKeys: true, PreserveSurroundedQuote: true,
	}, data)
	if err != nil {
		var culprit string
		if i := strings.LastIndex(err.Error(), ": "); i >= 0 {
			culprit = strings.TrimSpace(err.Error()[i+2:])
		}
		line := 1 + strings.Count(string(data)[:max(0, strings.Index(string(data), culprit))], "\n")
		return &Error{name, line, 0, fmt.Errorf("neither a [section] nor key = value: %s", culprit)}
	}
	at := func(section, key, format string, args ...any) error {
		return &Error{name, append(lines(string(data), section, key), 1)[0], 0, fmt.Errorf(format, args...)}
	}
	for _, s := range f.Sections() {
		var keys []string
		for _, k := range known {
			if k.Section == s.Name() {
				keys = append(keys, k.Key)
			}
		}
		if s.Name() == ini.DefaultSection {
			if len(s.Keys()) > 0 {
				return at(s.Name(), s.Keys()[0].Name(), "%s is not in a section", s.Keys()[0].Name())
			}
			continue
		}
		if keys == nil {
			return at(s.Name(), "", "there is no section [%s]: the sections are [paths], [run] and [scripts]", s.Name())
		}
		for _, k := range s.Keys() {
			i := slices.IndexFunc(known, func(c Setting) bool { return c.Section == s.Name() && c.Key == k.Name() })
			if i < 0 {
				return at(s.Name(), k.Name(), "there is no key %s in [%s]: its keys are %s", k.Name(), s.Name(), strings.Join(keys, ", "))
			}
			if twice := lines(string(data), s.Name(), k.Name()); len(twice) > 1 {
				return &Error{name, twice[1], 0, fmt.Errorf("%s is set twice, first in line %d", k.Name(), twice[0])}
			}
			if !utf8.ValidString(k.String()) { // it would be read as another name
				return at(s.Name(), k.Name(), "%s: %q is not UTF-8", k.Name(), k.String())
			}
			if err := known[i].Set(strings.ReplaceAll(k.String(), "%%", "%")); err != nil {
				return at(s.Name(), k.Name(), "%s: %w", k.Name(), err)
			}
		}
	}
	return nil
}

// Text sets *p, unless it is set already by something that overrides the file.
func Text(p **string) func(string) error {
	return func(v string) error {
		if v == "" {
			return errors.New("it is empty")
		}
		if *p == nil {
			*p = &v
		}
		return nil
	}
}

// Duration is Text for a time such as 30s; it cannot be negative.
func Duration(p **time.Duration) func(string) error {
	return func(v string) error {
		d, err := time.ParseDuration(v)
		if err != nil || d < 0 {
			return fmt.Errorf("%q is not a time, such as 30s or 5m", v)
		}
		if *p == nil {
			*p = &d
		}
		return nil
	}
}

// Bool is Text for yes or no (true, on, 1; false, off, 0). *p becomes whether the value
// is equal to means.
func Bool(p **bool, means bool) func(string) error {
	return func(v string) error {
		switch strings.ToLower(v) {
		case "yes", "true", "on", "1":
			v = "yes"
		case "no", "false", "off", "0":
			v = ""
		default:
			return fmt.Errorf("%q is neither yes nor no", v)
		}
		if b := (v == "yes") == means; *p == nil {
			*p = &b
		}
		return nil
	}
}

// lines finds a section, or a key in it, in the text of a configuration file.
func lines(data, section, key string) (found []int) {
	in := ini.DefaultSection
	for i, l := range strings.Split(data, "\n") {
		l = strings.TrimSpace(l)
		if strings.HasPrefix(l, "[") && strings.HasSuffix(l, "]") {
			in = strings.TrimSpace(l[1 : len(l)-1])
			if in == section && key == "" {
				found = append(found, i+1)
			}
		}
		name, _, _ := strings.Cut(strings.Replace(l, ":", "=", 1), "=")
		if in == section && key != "" && strings.EqualFold(strings.TrimSpace(name), key) {
			found = append(found, i+1)
		}
	}
	return found
}

package split

import "strings"

// Virtual is the content of a CREATE VIRTUAL TABLE statement.
type Virtual struct {
	Module  string   // in lower case
	Options []Option // arguments of the form key = value, in their order
}

// Option is an argument of a module, as FTS5 reads it
// (https://sqlite.org/fts5.html#fts5_table_creation_and_initialization).
type Option struct {
	Key   string // in lower case
	Value string // without quotes
}

// ReadVirtual reads a CREATE VIRTUAL TABLE statement. Ok is false for another statement.
func ReadVirtual(statement []byte) (v Virtual, ok bool) {
	r := newReader(statement)
	if !r.take("CREATE", "VIRTUAL", "TABLE") {
		return v, false
	}
	for !r.end() && !r.word(r.at, "USING") {
		r.at++
	}
	if !r.take("USING") || r.end() {
		return v, false
	}
	v.Module = strings.ToLower(r.name())
	if !r.opens() {
		return v, true
	}
	last := len(r.list) - 1
	for last > r.at && string(statement[r.list[last].start:r.list[last].end]) != ")" {
		last--
	}
	for _, arg := range (&reader{text: statement, list: r.list[r.at+1 : max(last, r.at+1)]}).items() {
		if arg.at = 1; len(arg.list) < 2 || arg.list[0].kind != word || !arg.sign('=') {
			continue
		}
		value := ""
		if len(arg.list) > 2 {
			value = Unquote(arg.between(2, len(arg.list)))
		}
		v.Options = append(v.Options, Option{strings.ToLower(arg.raw(0)), value})
	}
	return v, true
}

// ExternalContent is the table that a full-text table of FTS5 names as its content
// (https://sqlite.org/fts5.html#external_content_tables); "" if it is none, or has its
// content itself or not at all. FTS5 knows an option by the first letters of its name, too.
func (v Virtual) ExternalContent() string {
	if v.Module != "fts5" {
		return ""
	}
	for _, o := range v.Options {
		if strings.HasPrefix("content", o.Key) {
			return o.Value
		}
	}
	return ""
}

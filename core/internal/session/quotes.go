// What is said of names in double quotes that SQLite takes for strings: at the end of a
// step, as views and triggers are only compiled when they are used; the gravest first, and
// no more than three lines for a file, as a dump has any number of them.

package session

import (
	"fastmigrate/core/finding"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/quoted"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// quotes has the findings about the running script.
type quotes struct {
	quoted.Compiler
	some     bool // the script has double quotes at all
	found    quoted.Gravest[place]
	added    []source // an ALTER TABLE that adds a column, and is about to run
	deferred []source // of views and triggers
}

// source is a statement of a script.
type source struct {
	*plan.Script
	from, end int
}

func (s source) text() []byte { return s.Text[s.from:s.end] }

// start is the first byte that is no blank and no comment.
func (s source) start() int { return s.StatementAt(s.from, s.end).Start }

// place is the byte at of a statement.
type place struct {
	source
	at int
}

// run compiles and runs by guard, which must call what it is given, the statement of the
// script at the byte at, and gives its end.
func (x *Session) run(at, limit int, guard func(run func() error) error) (end int, err error) {
	if !x.quotes.some {
		err = guard(func() (err error) {
			end, err = x.compiled.Run(at)
			return err
		})
		return end, err
	}
	s, end, err := x.compile(x.Script, at, limit, guard, func() (*sqlite.Stmt, int, error) { return x.compiled.Compile(at) })
	if err != nil {
		return at, err
	}
	defer s.Close()
	return end, guard(s.Run)
}

// CompileBound compiles sql, one statement of the script that is in no file. Errors: as of
// [Session.AsScript].
func (x *Session) CompileBound(sql string) (*sqlite.Stmt, error) {
	s, _, err := x.compile(&plan.Script{Name: x.Script.Name, Text: []byte(sql), Says: x.Script.Says}, 0, len(sql), x.AsScript, func() (*sqlite.Stmt, int, error) {
		s, err := x.Conn.Prepare(sql)
		return s, len(sql), err
	})
	return s, err
}

// compile compiles by guard a statement that is about to run, and notes what it has in
// double quotes.
func (x *Session) compile(script *plan.Script, at, limit int, guard func(run func() error) error, prepare func() (*sqlite.Stmt, int, error)) (s *sqlite.Stmt, end int, err error) {
	var has quoted.Quotes
	x.quotes.Conn = x.Conn
	err = guard(func() (err error) {
		s, end, has, err = x.quotes.Compile(script.Text, at, limit, prepare)
		return err
	})
	if err != nil {
		if s != nil {
			s.Close()
		}
		return nil, at, err
	}
	if x.quotes.deferred != nil && split.Begins(script.Text[at:end], "ALTER") { // its RENAME rewrites views and triggers with single quotes
		x.lookAtDeferred()
	}
	switch here := (source{script, at, end}); has {
	case quoted.Strings:
		x.noteMisquoted(here)
	case quoted.Names:
		x.noteDeferred(here)
	}
	return s, end, nil
}

// noteDeferred keeps a statement whose names are looked at later.
func (x *Session) noteDeferred(s source) {
	text := s.text()
	if split.Begins(text, "ALTER") {
		if _, ok := split.AddedColumn(text); ok {
			x.quotes.added = append(x.quotes.added, s)
		}
	}
	if !split.Begins(text, "CREATE") {
		return
	}
	d, ok := split.DeferredObject(text)
	if ok && !(d.IfNotExists && quoted.Exists(x.Conn, d)) {
		x.quotes.deferred = append(x.quotes.deferred, s)
	}
}

// lookAtAdded looks at the columns that ALTER TABLE has added: later, the table may have
// another name.
func (x *Session) lookAtAdded() {
	for _, s := range x.quotes.added {
		table, _ := split.AddedColumn(s.text())
		for _, n := range quoted.InAdded(x.Conn, table, s.text()) {
			x.keepMisquoted(s, n.Name, s.from+n.Offset, "here")
		}
	}
	x.quotes.added = nil
}

// noteMisquoted finds the strings in double quotes of a statement that is about to run.
func (x *Session) noteMisquoted(s source) {
	if x.quotes.found.Full() {
		x.quotes.found.Omit(s.acceptsQuoted())
		return
	}
	for _, n := range quoted.Find(x.Conn, s.text()) {
		x.keepMisquoted(s, n.Name, s.from+n.Offset, "here")
	}
}

// acceptsQuoted reports whether a comment accepts the findings in a statement.
func (s source) acceptsQuoted() bool {
	return s.Says.Accepted(finding.QuotedName, s.from, s.end)
}

// keepMisquoted keeps what is to be told of a name of a statement, which stands where, at
// the byte at of the script.
func (x *Session) keepMisquoted(s source, name string, at int, where string) {
	f := quoted.Say(x.Conn, s.text(), name, where)
	f.Accepted = s.acceptsQuoted()
	x.quotes.found.Add(f, place{s, at})
}

// lookAtDeferred looks at the views and triggers that were created.
func (x *Session) lookAtDeferred() {
	for _, s := range x.quotes.deferred {
		d, _ := split.DeferredObject(s.text())
		for _, name := range quoted.InDeferred(x.Conn, d) {
			x.keepMisquoted(s, name, s.start(), "in the "+d.Type+" "+d.Name)
		}
	}
	x.quotes.deferred = nil
}

// ReportQuoted reports the findings since its last call.
func (x *Session) ReportQuoted() {
	x.lookAtAdded()
	x.lookAtDeferred()
	x.tellQuoted()
}

// tellQuoted reports the findings.
func (x *Session) tellQuoted() {
	for _, t := range x.quotes.found.Take() {
		x.find(t.Finding, t.Place.Script, t.Place.at, t.Place.from, t.Place.end)
	}
}

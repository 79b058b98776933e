package coretest

import (
	"context"
	"fmt"

	"fastmigrate/core/finding"
	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/loss"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/session"
	"fastmigrate/core/internal/sqlite"
)

// listener keeps what the migrator itself finds in a migration that it applies, and what that
// touches: only this is read, compared, checked and given rows afterwards.
type listener struct {
	found []finding.Finding
	trace *loss.Trace // nil: what it touched is unknown, as of a program
}

// notes are those that no comment accepts.
func (l *listener) notes() (notes []string) {
	for _, f := range l.found {
		switch {
		case f.Accepted:
		case f.Line > 0:
			notes = append(notes, fmt.Sprintf("line %d, column %d: %s", f.Line, f.Column, f.Message))
		default:
			notes = append(notes, f.Message)
		}
	}
	return notes
}

func (l *listener) Run(context.Context, file.Target) (end func(), err error) { return func() {}, nil }
func (l *listener) Continue(context.Context, file.Target) error              { return nil }
func (l *listener) Applied(context.Context, file.Target, apply.Done) error   { return nil }

// Script forgets what was seen of a script that is started again.
func (l *listener) Script(c *sqlite.Conn, _ file.Target, s *plan.Script) session.Witness {
	l.found, l.trace = nil, loss.NewTrace(c, s.Text)
	l.trace.Blind = s.WritesSchema
	return witness{l.trace, l}
}

// witness sees the statements of one script.
type witness struct {
	*loss.Trace
	by *listener
}

func (w witness) Found(f finding.Finding)    { w.by.found = append(w.by.found, f) }
func (w witness) Attached(_, _ string) error { return nil }
func (w witness) BeforeCommit() error        { return nil }
func (w witness) End() error                 { return nil }

// Touch passes on what a statement does to a table of the database itself.
func (w witness) Touch(schema, table string, code int) {
	if schema == "main" {
		w.Trace.Touch(table, code)
	}
}

// Row passes on a row that was changed in one.
func (w witness) Row(code int, schema, table string) {
	if schema == "main" {
		w.Trace.Row(code, table)
	}
}

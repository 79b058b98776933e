package coretest

import (
	"context"
	"fmt"

	"fastmigrate/core/finding"
	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/session"
	"fastmigrate/core/internal/sqlite"
)

// listener keeps what the migrator itself finds in a migration that it applies. It looks at
// nothing else.
type listener struct{ found []finding.Finding }

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

// Script forgets what was found in a script that begins again.
func (l *listener) Script(*sqlite.Conn, file.Target, *plan.Script) session.Witness {
	l.found = nil
	return l
}

func (l *listener) Found(f finding.Finding)    { l.found = append(l.found, f) }
func (l *listener) Touch(table string, _ int)  {}
func (l *listener) Row(code int, table string) {}
func (l *listener) Begin(at int)               {}
func (l *listener) After()                     {}
func (l *listener) BeforeCommit() error        { return nil }
func (l *listener) End() error                 { return nil }

package coretest

import (
	"context"
	"fmt"
	"log/slog"

	"fastmigrate/core/finding"
	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/session"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/schema"
)

// bare reads the schema that a migration makes of the database without rows, before its COMMIT:
// another connection would have to read it first. It is an [apply.Observer] and a
// [session.Witness]. The zero value is ready.
type bare struct {
	schema []schema.Object // nil: it was not read
	c      *sqlite.Conn    // nil: the script is not one transaction, or may write the schema itself
	log    *slog.Logger    // nil: there is none
	logged map[string]bool
}

func (*bare) Run(context.Context, file.Target) (end func(), err error) { return func() {}, nil }
func (*bare) Continue(context.Context, file.Target) error              { return nil }
func (*bare) Applied(context.Context, file.Target, apply.Done) error   { return nil }

func (b *bare) Script(c *sqlite.Conn, t file.Target, s *plan.Script) session.Witness {
	b.schema, b.c, b.log = nil, nil, t.Config.Logger
	if s.Text != nil && s.Why == "" && !s.WritesSchema {
		b.c = c
	}
	return b
}

func (b *bare) BeforeCommit() (err error) {
	if b.c != nil {
		b.schema, err = file.Objects(b.c)
	}
	return err
}

// Found logs once what would be logged if no one saw the script.
func (b *bare) Found(f finding.Finding) {
	text := fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, f.Message)
	if f.Accepted || b.log == nil || b.logged[text] {
		return
	}
	if b.logged == nil {
		b.logged = map[string]bool{}
	}
	b.logged[text] = true
	b.log.Warn(text)
}

func (*bare) Attached(string, string) error { return nil }
func (*bare) Touch(string, string, int)     {}
func (*bare) Row(int, string, string)       {}
func (*bare) Begin(int)                     {}
func (*bare) After()                        {}
func (*bare) End() error                    { return nil }

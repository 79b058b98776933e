// How the migrations of another tool become ours: their files and their history.

package adopt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/input"
	"fastmigrate/core/internal/directive"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/internal/tools"
	"fastmigrate/core/internal/upgrade"
)

// convert makes our migrations of those of the tool.
func (a *adoption) convert() (Result, error) {
	list, rows := a.list, a.rows
	if len(list) > 9999 {
		return Result{}, fault.Of(fault.ErrRefused, "%d migrations are too many: 9999 is the highest version", len(list))
	}
	r := Result{Version: len(rows)}
	for i, m := range list {
		slug := naming.Slug(m.Title)
		if slug == "" {
			slug = m.Version
		}
		one := Migration{Migration: naming.Migration{Version: i + 1, Name: fmt.Sprintf("%04d-%s.sql", i+1, slug)}, From: m.File, Pending: i >= len(rows), part: m.Up}
		if !one.Pending && !rows[i].At.IsZero() {
			one.Applied = &rows[i].At
		}
		header := "-- Adopted from " + a.From + ": " + strings.Join(strings.Fields(m.File), " ") + "\n"
		one.header, one.text = header, withHeader(header, m.Up)
		if !m.Down.Empty() {
			one.Down = "down/" + one.Name
			one.down = withHeader(header+"-- It undoes the migration of this name. Nothing runs it.\n", m.Down)
		}
		r.Migrations = append(r.Migrations, one)
	}
	return r, nil
}

// withHeader returns a part of a file of the tool below a header.
func withHeader(header string, p tools.Part) []byte {
	return append(append([]byte(header), bytes.TrimRight(p.Text, " \t\r\n")...), '\n')
}

// sameFiles refuses migrations in dir that are not those to be written: after a kill, or
// where another database was adopted, all or the first of them exist. Shown is how the
// caller wrote dir. The error is fs.ErrExist.
func (r Result) sameFiles(ctx context.Context, dir, shown string, opts core.Options) error {
	there, _, err := opts.Migrations(os.DirFS(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("%s: %w", shown, fault.WithoutPath(err))
	}
	for i, m := range there[:min(len(there), len(r.Migrations))] {
		text, err := input.File(ctx, filepath.Join(dir, m.Name), input.MaxMigration)
		if err != nil {
			return err
		}
		one := &r.Migrations[i]
		same := m == one.Migration && plan.Checksum(text) == plan.Checksum(one.text)
		for _, line := range []string{directive.NoForeignKeyCheck, keysOn} {
			if way := one.withLine(line); !same && m == one.Migration && plan.Checksum(text) == plan.Checksum(way.text) {
				*one, same = way, true
			}
		}
		if !same {
			return fault.Of(fs.ErrExist, "%s already has other migrations, such as %s", shown, m.Name)
		}
		one.written = true
	}
	return nil
}

// withLine returns the migration with a line below its header.
func (m Migration) withLine(line string) Migration {
	m.line, m.text = line, withHeader(m.header+line+"\n", m.part)
	return m
}

// atOriginal makes an error about a migration one about its place in the tool's file.
func (r Result) atOriginal(e *fault.Error) error {
	for _, m := range r.Migrations {
		if m.Name != e.File {
			continue
		}
		e.File = m.From
		at := e.Line - 2 // the first is the header
		if m.line != "" {
			at--
		}
		if at >= 0 && at < len(m.part.Lines) {
			e.Line = m.part.Lines[at]
		} else {
			e.Line, e.Column, e.Source = 0, 0, ""
		}
	}
	return e
}

// record adds what the tool applied to the history. Who ran it is not known.
func (r Result) record(c *sqlite.Conn, tool string, opts upgrade.Config) error {
	if opts.NoHistory {
		return nil
	}
	for _, m := range r.Migrations[:r.Version] {
		rec := history.Record{Version: m.Version, File: m.Name, Sha256: plan.Checksum(m.text), State: history.Done, Text: history.Pack(m.text)}
		if m.Applied != nil {
			rec.Started = *m.Applied
		}
		if err := rec.Write(c, tool); err != nil {
			return err
		}
	}
	return nil
}

// write writes the files into dir that do not exist yet.
func (r Result) write(ctx context.Context, dir string, w *upgrade.NewFiles) error {
	for _, m := range r.Migrations {
		if m.Down != "" {
			if err := w.Write(ctx, filepath.Join(dir, m.Down), m.down); err != nil {
				return err
			}
		}
		if err := w.Write(ctx, filepath.Join(dir, m.Name), m.text); err != nil {
			return err
		}
	}
	return nil
}

package rehearse

import (
	"context"
	"errors"
	"io/fs"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/loss"
	"fastmigrate/core/internal/sqlite"
)

// content is what a rehearsal compares of a database.
type content struct {
	version *int // nil: it has none
	loss.Content
}

// readContent reads the content of the copy; nil if there is no database, or none that can
// be read.
func (t *twin) readContent(ctx context.Context, opts file.Config, count counting, before *content, seen *loss.Trace) (*content, error) {
	opts.Trial = nil
	d := &file.DB{Name: t.name, Path: t.path, Config: opts}
	conn, err := d.OpenRecover(ctx)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fault.ErrNotDatabase) || errors.Is(err, fault.ErrCorrupt) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return readContent(d, conn, count, before, seen)
}

// counting counts the content of a table.
type counting func(*loss.Table, *sqlite.Conn) error

var (
	countRows   counting = (*loss.Table).CountRows
	countValues counting = (*loss.Table).CountValues // and the rows
	countFilled counting = (*loss.Table).CountFilled
)

// readContent reads the version and the schema of the database, and counts the content of
// its tables. Tables that what was seen did not touch are as before; if one of both is
// nil, all are counted.
func readContent(d *file.DB, c *sqlite.Conn, count counting, before *content, seen *loss.Trace) (*content, error) {
	now := &content{}
	v, err := d.VersionIfAny(c)
	if err != nil {
		return nil, err
	}
	if v >= 0 {
		now.version = &v
	}
	list, err := file.Objects(c)
	if err != nil {
		return nil, d.Diagnose(err)
	}
	if now.Content, err = loss.Of(c, list); err != nil {
		return nil, d.Diagnose(err)
	}
	for _, table := range now.Tables {
		if before != nil && table.CountedBefore(before.Content, seen) {
			continue
		}
		if err := counted(count(table, c)); err != nil {
			return nil, d.Diagnose(err)
		}
	}
	return now, nil
}

// counted is the error of what reads a table, unless the table needs what only its application has.
func counted(err error) error {
	if catalog.CannotCompile(err) {
		return nil
	}
	return err
}

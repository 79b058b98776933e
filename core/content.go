package core

import (
	"context"
	"errors"
	"io/fs"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/loss"
	"fastmigrate/core/internal/sqlite"
)

// content is what a rehearsal compares of a database.
type content struct {
	version *int // nil: it has none
	loss.Content
}

// look looks at the copy; nil if it is not there or cannot be read. See
// contentOf.
func (c *copied) look(ctx context.Context, o dbConfig, full bool, before *content, seen *loss.Trace) (*content, error) {
	o.Trial = nil
	d := &db{name: c.name, path: c.path, cfg: o}
	conn, err := d.readOrRepair(ctx)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fault.ErrNotDatabase) || errors.Is(err, fault.ErrCorrupt) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return contentOf(d, conn, full, before, seen)
}

// contentOf reads what the database holds; if full, also as what its values are
// stored. Tables that were not touched by what was seen are as before.
func contentOf(d *db, c *sqlite.Conn, full bool, before *content, seen *loss.Trace) (*content, error) {
	now := &content{}
	v, err := d.versionIfAny(c)
	if err != nil {
		return nil, err
	}
	if v >= 0 {
		now.version = &v
	}
	list, err := objects(c)
	if err != nil {
		return nil, d.diagnose(err)
	}
	if now.Content, err = loss.Of(c, list); err != nil {
		return nil, d.diagnose(err)
	}
	for _, t := range now.Tables {
		if before != nil && t.CountedBefore(before.Content, seen) {
			continue
		}
		count := t.CountRows
		if full {
			count = t.CountValues
		}
		if err := count(c); err != nil && !catalog.Absent(err) { // else it needs what only its application has
			return nil, d.diagnose(err)
		}
	}
	return now, nil
}

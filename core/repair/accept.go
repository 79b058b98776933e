package repair

import (
	"context"
	"io/fs"

	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/internal/upgrade"
)

// Edit is a migration whose file is no longer what was applied.
type Edit struct {
	core.Migration
	Was    string // name of the file as it was applied
	Before string // its text as it was applied; "" if that is not kept
	Kept   bool   // the text is kept: not of scripts above 1 MiB, nor before history held it
	Now    string // the text of the file
	sha256 string // of what was applied
}

// FindEdit gives what was edited in the migration of a version since it was
// applied to the database at path. Line ends, a BOM and blank lines at the end
// are no edit. It changes nothing, but undoes what a crash left unfinished in the
// database. Errors: fs.ErrNotExist if nothing was edited, the file is gone, or it is
// not recorded what was applied; ErrDuplicate; those of Version.
func FindEdit(ctx context.Context, path string, fsys fs.FS, version int, opts core.Options) (e Edit, err error) {
	defer core.Wrap(&err, "read", path)
	list, _, err := opts.Migrations(fsys)
	if err != nil {
		return e, err
	}
	m, err := naming.Find(list, version)
	if err != nil {
		return e, err
	}
	text, err := naming.Read(ctx, fsys, m)
	if err != nil {
		return e, err
	}
	d, err := upgrade.New(ctx, path, opts.Config())
	if err != nil {
		return e, err
	}
	c, err := d.OpenRecover(ctx)
	if err != nil {
		return e, err
	}
	defer c.Close()
	if err := d.BeginSnapshot(c); err != nil {
		return e, err
	}
	now, err := d.SurveyOn(ctx, c)
	if err != nil {
		return e, err
	}
	if now.Table.Theirs() {
		return e, fault.New(m.Name, fault.Of(fault.ErrUnrecorded, "it is not known what was applied: %v", now.Table.NotHistory())).AtVersion(now.Version)
	}
	for _, r := range now.History {
		if r.Version != version || r.State != history.Done || version > now.Version {
			continue
		}
		if r.Sha256 == plan.Checksum(text) || r.Sha256 == "" {
			return e, fault.New(m.Name, fault.Of(fs.ErrNotExist, "it is what was applied")).AtVersion(now.Version)
		}
		e = Edit{Migration: m, Was: r.File, Now: string(plan.Normalize(text, true)), sha256: r.Sha256}
		if !now.Table.Has("text") { // an earlier version did not keep it
			return e, nil
		}
		err := c.Query(func(s *sqlite.Stmt) error {
			packed, ok := s.Value(0).([]byte)
			if s.Value(0) == nil {
				return nil
			}
			before, err := history.Unpack(packed)
			if !ok || err != nil {
				return history.DamagedRecord(version, "its text cannot be read")
			}
			e.Before, e.Kept = string(before), true
			return nil
		}, "SELECT text FROM main._meta_history WHERE version = ?", version)
		return e, d.Diagnose(err)
	}
	return e, fault.New(m.Name, fault.Of(fs.ErrNotExist, "it is not recorded what was applied")).AtVersion(now.Version)
}

// Accept records that the file of a migration is meant to be as e shows it,
// though something else was applied. It runs nothing. Errors: ErrEdited if what
// is recorded is no longer what e was made for; those of Version.
func Accept(ctx context.Context, path string, e Edit, opts core.Options) (err error) {
	defer core.Wrap(&err, "accept", path)
	d, err := upgrade.New(ctx, path, opts.Config())
	if err != nil {
		return err
	}
	c, err := d.OpenWrite(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	return d.Diagnose(d.Transact(c, func() error {
		if err := history.EnsureTable(c); err != nil {
			return err
		}
		return history.KeepingVersion(c, func() error { return e.record(c) })
	}))
}

func (e Edit) record(c *sqlite.Conn) error {
	before, sum := c.TotalChanges(), plan.Checksum([]byte(e.Now))
	err := c.Exec("UPDATE main._meta_history SET file = ?, sha256 = ?, text = ? WHERE version = ? AND state = 'done' AND sha256 = ?",
		e.Name, sum, history.Pack([]byte(e.Now)), e.Version, e.sha256)
	if err != nil {
		return err
	}
	if c.TotalChanges() == before {
		return fault.New(e.Name, fault.Of(fault.ErrEdited, "what is recorded of it has changed meanwhile"))
	}
	return history.ConfirmRows(c, 1, "version = ? AND file = ? AND sha256 = ?", e.Version, e.Name, sum)
}

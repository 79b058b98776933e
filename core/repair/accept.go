// Package repair records a person's decision about a migration whose state in the database
// does not match its file: one that was edited after it was applied ([FindEdit] and
// [Accept]), or one that was interrupted ([Resolve]). Most programs need one call:
//
//	version, err := repair.Resolve(ctx, "app.db", repair.Completed, core.Options{})
//
// The invariant: no migration is run, and a record is replaced only if it is still the one
// that the person saw.
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

// Edit is a migration whose file was changed after it was applied. [FindEdit] returns
// one.
type Edit struct {
	core.Migration
	Was    string // name of the file when it was applied
	Before string // the text that was applied; "" if it was not kept
	Kept   bool   // the text was kept: false for scripts above 1 MiB, and in an old history
	Now    string // the text of the file now
	sha256 string // of what was applied
}

// FindEdit returns how the file of a version in fsys differs from the text that was
// applied to the database at path. Different line ends, a BOM and blank lines at the end
// do not count. It changes nothing, except that it rolls back a transaction that a crash
// left unfinished. It uses the LockTimeout, Runners, Logger and Trial of opts.
//
// Errors: fs.ErrNotExist if the file was not edited, is gone, or its applied text is not
// recorded; [fault.ErrUnrecorded] if an application has a table with the name of the
// history; [fault.ErrDuplicate]; those of [core.Version].
func FindEdit(ctx context.Context, path string, fsys fs.FS, version int, opts core.Options) (e Edit, err error) {
	defer core.Wrap(&err, fault.OpRead, path)
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
		return e, fault.New(m.Name, fault.Of(fault.ErrUnrecorded, "the text that was applied is not known: %v", now.Table.NotHistory())).AtVersion(now.Version)
	}
	for _, r := range now.History {
		if r.Version != version || r.State != history.Done || version > now.Version {
			continue
		}
		if r.Sha256 == plan.Checksum(text) || r.Sha256 == "" {
			return e, fault.New(m.Name, fault.Of(fs.ErrNotExist, "it is unchanged since it was applied")).AtVersion(now.Version)
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
	return e, fault.New(m.Name, fault.Of(fs.ErrNotExist, "the text that was applied is not recorded")).AtVersion(now.Version)
}

// Accept records that the file of a migration is meant to be as e shows it, although
// another text was applied. It runs nothing. It uses the LockTimeout, Logger and Trial of
// opts. Errors: [fault.ErrEdited] if the record has changed since [FindEdit] returned e;
// those of [core.Version]; [core.ErrReadOnly].
func Accept(ctx context.Context, path string, e Edit, opts core.Options) (err error) {
	defer core.Wrap(&err, fault.OpAccept, path)
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

// record replaces what is recorded, in the transaction that is open.
func (e Edit) record(c *sqlite.Conn) error {
	before, sum := c.TotalChanges(), plan.Checksum([]byte(e.Now))
	err := c.Exec("UPDATE main._meta_history SET file = ?, sha256 = ?, text = ? WHERE version = ? AND state = 'done' AND sha256 = ?",
		e.Name, sum, history.Pack([]byte(e.Now)), e.Version, e.sha256)
	if err != nil {
		return err
	}
	if c.TotalChanges() == before {
		return fault.New(e.Name, fault.Of(fault.ErrEdited, "its record in the history has changed meanwhile"))
	}
	return history.ConfirmRows(c, 1, "version = ? AND file = ? AND sha256 = ?", e.Version, e.Name, sum)
}

// The content of a database is replaced by that of a backup. The invariant: the file keeps
// its place and its locks, it holds the old content or the new one as a whole, and what was
// committed before is kept in another file first.

package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"fastmigrate/core/fault"
	"fastmigrate/core/filename"
	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/files"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/session"
	"fastmigrate/core/internal/sqlite"
)

// Restored is what was restored, with the fields of core.Restored.
type Restored struct {
	Path    string
	From    string
	Version int
	Origin  string
	Kept    string
}

// Restore makes the content of the database that of the backup at a path; "": the newest.
func (d *Vault) Restore(ctx context.Context, backup string) (r Restored, err error) {
	r = Restored{Path: d.Name, From: backup, Version: -1}
	from, origin, err := d.openSource(ctx, backup)
	if err != nil {
		return r, err
	}
	defer from.conn.Close()
	from.WarnUnchecked(from.left)
	r.Origin = origin
	r.From, r.Version = from.Name, from.version
	if _, err := os.Stat(d.Path); errors.Is(err, fs.ErrNotExist) {
		r.Kept, err = d.createFrom(ctx, from)
		if !errors.Is(err, fs.ErrExist) { // else another process was faster
			return r, fault.WithoutPath(err)
		}
	}
	for range 3 {
		if r.Kept, err = d.replaceContent(ctx, from); !errors.Is(err, file.ErrOvertaken) {
			break
		}
	}
	return r, err
}

// openBackup is a backup that is open and was found to be whole.
type openBackup struct {
	*file.DB
	conn    *sqlite.Conn     // in a read transaction: it sees what was checked
	version int              // -1 if it has none
	left    []file.Unchecked // of its tables
	before  file.Fingerprint
}

// checkUnchanged returns [fault.ErrBusy] after a write to the backup. SQLite does not
// prevent one in WAL mode if the file is opened as readStill does.
func (s *openBackup) checkUnchanged() error {
	if s.Fingerprint().State != s.before.State {
		return fault.Of(fault.ErrBusy, "%s: another process writes to it", s.Name)
	}
	return nil
}

// openSource opens the backup at a path, or if that is "", the newest that is whole. Origin
// is the database of the backup, if that is another one.
func (d *Vault) openSource(ctx context.Context, backup string) (s *openBackup, origin string, err error) {
	if backup == "" {
		s, b, err := d.latest(ctx)
		if err == nil && b.Foreign {
			origin = b.Origin
		}
		return s, origin, err
	}
	if err := filename.Plain(backup, backup); err != nil {
		return nil, "", err
	}
	source, err := d.sibling(ctx, backup)
	if err != nil {
		return nil, "", err
	}
	if err := d.replaceable(source); err != nil {
		return nil, "", err
	}
	if s, err = source.openWhole(ctx); err != nil {
		return nil, "", fmt.Errorf("%s: %w", backup, err)
	}
	return s, "", nil
}

// replaceable reports what prevents restoring source into d, before either is opened.
func (d *Vault) replaceable(source *Vault) error {
	if os.IsPathSeparator(d.Name[len(d.Name)-1]) {
		return errors.New("the path of the database ends like that of a directory")
	}
	if err := d.CheckLink(); err != nil {
		return err
	}
	if info, err := os.Stat(d.Path); err == nil {
		if other, err := os.Stat(source.Path); err == nil && os.SameFile(info, other) {
			return fault.Of(fault.ErrRefused, "%s is the database itself", source.Name)
		}
		if !info.Mode().IsRegular() {
			return d.Precheck()
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return d.Precheck()
	}
	return nil
}

// openWhole opens a backup and checks all of it. It makes and changes no file beside it.
func (d *Vault) openWhole(ctx context.Context) (s *openBackup, err error) {
	if err := d.Precheck(); err != nil {
		return nil, err
	}
	if files.Size(d.Path) == 0 {
		return nil, fault.Of(fault.ErrNotDatabase, "is empty")
	}
	if err := file.Readable(d.Path); errors.Is(err, fs.ErrPermission) {
		return nil, fault.Of(fs.ErrPermission, "no permission to read it")
	}
	s = &openBackup{DB: d.DB, before: d.Fingerprint()}
	if s.conn, err = d.readStill(ctx); err != nil {
		return nil, err
	}
	if err = d.BeginSnapshot(s.conn); err == nil {
		if s.left, err = d.Intact(s.conn); err == nil {
			s.version, err = d.VersionIfAny(s.conn)
		}
	}
	if err != nil {
		s.conn.Close()
	}
	return s, err
}

// readStill opens a database to which no one writes, without the files that SQLite makes
// beside one in WAL mode.
func (d *Vault) readStill(ctx context.Context) (*sqlite.Conn, error) {
	if files.Size(d.Path+"-wal") > 0 {
		if d.Exists("-shm") {
			return nil, fault.Of(fault.ErrBusy, "another process has it open, or had when it was copied: its -wal and -shm are beside it")
		}
		return d.OpenReadAlone(ctx)
	}
	if files.Size(d.Path+"-journal") == 0 {
		if c, err := d.OpenImmutable(ctx); c != nil || err != nil {
			return c, err
		}
	}
	c, err := d.OpenReadShared(ctx)
	if errors.Is(err, fault.ErrUnfinished) {
		err = errors.New("a crash left a transaction unfinished, which its -journal would roll back")
	}
	return c, err
}

// replaceContent keeps the content of the database in another file and replaces it by that
// of from. The error is [file.ErrOvertaken] if another process wrote between the two.
func (d *Vault) replaceContent(ctx context.Context, from *openBackup) (kept string, err error) {
	c, err := d.OpenWrite(ctx)
	var seen uint32
	if err == nil {
		defer c.Close()
		if err := apply.SamePageSize(c, from.conn, "the page size of the database is %d bytes, that of the backup %d"); err != nil {
			return "", d.Diagnose(err)
		}
		err = d.Transact(c, func() error { // only to keep writers out; nothing is written
			if v, err := d.Version(c); err == nil {
				if left, found, err := history.Unfinished(c, v); err == nil && found {
					if err := history.StillRuns(left); err != nil {
						return err
					}
				}
			}
			if seen, err = c.DataVersion(); err != nil {
				return err
			}
			b, err := d.makeBackup(ctx)
			if kept = b.Path; err == nil {
				err = session.ErrRollback
			}
			return err
		})
	}
	copies := []string{kept}
	if errors.Is(err, fault.ErrCorrupt) || errors.Is(err, fault.ErrNotDatabase) {
		c.Close()
		if c, err = d.openDamaged(ctx, err); err != nil {
			return "", err
		}
		defer c.Close()
		if seen, copies, err = d.keepFiles(ctx, c); err != nil {
			return "", fmt.Errorf("the current content cannot be kept: %w", err)
		}
		kept = copies[0]
	} else if err != session.ErrRollback {
		return "", err
	}
	if err = from.checkUnchanged(); err == nil {
		err = d.ReplaceContent(c, from.conn, seen)
	}
	stopped := context.Cause(ctx)
	for _, before := range []error{file.ErrOvertaken, fault.ErrBusy, syscall.ENOSPC, stopped} {
		if err == nil || before == nil || !errors.Is(err, before) {
			continue // other failures may have come after the end
		}
		d.discardKept(context.WithoutCancel(ctx), copies)
		return "", err
	}
	return kept, err
}

// openDamaged opens a database that is too damaged to be read.
func (d *Vault) openDamaged(ctx context.Context, damage error) (*sqlite.Conn, error) {
	d.Log().Warn(d.Name + " " + file.OneLine(damage) + "; its files are kept unchanged")
	c, err := sqlite.Open(ctx, d.Path, sqlite.ReadWrite|sqlite.NoFollow, d.LockTimeout())
	if err != nil {
		return nil, d.Diagnose(err)
	}
	c.Waiting = d.WarnLocked
	c.Reset()
	if err := file.MakeDurable(c, "main"); err != nil {
		c.Close()
		return nil, d.Diagnose(err)
	}
	return c, nil
}

// createFrom creates the database, which does not exist, with the content of from.
func (d *Vault) createFrom(ctx context.Context, from *openBackup) (kept string, err error) {
	if _, err := files.MakeDirs(filepath.Dir(d.Path), 0o777); err != nil {
		return "", err
	}
	temp, err := file.Temporary(d.Path, 0o600)
	if err != nil {
		return "", err
	}
	defer file.Discard(temp)
	if err := d.CopySnapshot(ctx, temp, from.conn, 0o600); err != nil {
		return "", err
	}
	if err := file.MatchOwner(temp, from.Path); err != nil {
		return "", err
	}
	if err := from.checkUnchanged(); err != nil {
		return "", err
	}
	if kept, err = d.setAside(); err != nil {
		return "", err
	}
	return kept, files.Publish(temp, d.Path)
}

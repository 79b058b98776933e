// A new backup.

package backup

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"fastmigrate/core/filename"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/files"
	"fastmigrate/core/internal/process"
)

// Backup is a backup that was made, with the fields of core.Backup.
type Backup struct {
	Path    string
	Version int
	Bytes   int64
	SHA256  string
}

// Backup makes a backup, and removes older ones as Config.Keep says.
func (d *Vault) Backup(ctx context.Context) (b Backup, err error) {
	if b, err = d.makeBackup(ctx); err == nil {
		d.prune(ctx, b)
	}
	return b, err
}

// makeBackup makes a backup, and leaves nothing if it fails.
func (d *Vault) makeBackup(ctx context.Context) (b Backup, err error) {
	if err := d.Precheck(); err != nil {
		return b, err
	}
	at, removeDirs, err := d.backupPlace()
	if err != nil {
		return b, err
	}
	defer func() {
		if err != nil {
			removeDirs()
		}
	}()
	temp, err := file.Temporary(at.path, 0o600)
	if err != nil {
		return b, err
	}
	defer file.Discard(temp)
	sum := sha256.New()
	if b.Bytes, err = d.CopyAndSee(ctx, temp, 0o600, sum); err != nil {
		return b, err
	}
	if b.Bytes > 0 {
		b.SHA256 = hex.EncodeToString(sum.Sum(nil))
	}
	if err := d.examineCopy(ctx, temp, &b); err != nil {
		return b, err
	}
	if err := file.MatchOwner(temp, d.Path); err != nil {
		return b, err
	}
	return b, d.enter(ctx, at, temp, &b)
}

// enter gives the finished backup at temp its name and its line in the list. If it cannot
// have a line, it still gets its name.
func (d *Vault) enter(ctx context.Context, at place, temp string, b *Backup) error {
	l, unlisted := d.lockList(ctx, filepath.Dir(at.path), d.Path)
	if unlisted == nil {
		defer l.Close()
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	info, err := os.Stat(temp)
	if err != nil {
		return err
	}
	made := time.Now()
	e := entry{Database: d.origin(), Machine: process.Machine(), Inode: file.Identity(d.origin()), Time: made.UTC(), SHA256: b.SHA256, Bytes: b.Bytes, Modified: info.ModTime().UTC()}
	t := made
	if unlisted == nil {
		t = l.after(made, filepath.Base(at.path))
	}
	for ; ; t = t.Add(time.Second) { // if a second is taken, the next one is used
		suffix := t.Format(backupSuffix)
		if d.taken(at.path + suffix) {
			continue
		}
		undo := func() {}
		if unlisted == nil {
			e.File = filepath.Base(at.path) + suffix
			undo, unlisted = l.add(e)
		}
		err := files.Publish(temp, at.path+suffix)
		if err != nil && unlisted == nil {
			undo()
		}
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return err
		}
		b.Path = at.name + suffix
		if !d.Redirected() {
			d.cfg.Hold.Take(at.path + suffix)
		}
		if unlisted != nil {
			d.Log().Warn(fmt.Sprintf("%s: its database and time cannot be recorded in %s beside it: %v", b.Path, filename.Backups, unlisted))
		}
		return nil
	}
}

// examineCopy verifies the copy at path and completes b. As the copy no longer changes, its
// checksum is taken, if b has none yet, and the disk writes it at the same time.
func (d *Vault) examineCopy(ctx context.Context, path string, b *Backup) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	var summed, synced error
	var both sync.WaitGroup
	if b.SHA256 == "" {
		both.Go(func() { b.SHA256, b.Bytes, summed = checksum(f) })
	}
	both.Go(func() { synced = f.Sync() })
	b.Version, err = d.verify(ctx, path)
	if err != nil {
		f.Close() // ends the sum
	}
	both.Wait()
	return cmp.Or(err, summed, synced)
}

// verify checks the copy at path, which no one else knows yet, without changing it, and
// returns its version, or -1.
func (d *Vault) verify(ctx context.Context, path string) (int, error) {
	copied := d.WithPath(path)
	c, err := copied.OpenRead(ctx)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	var left []file.Unchecked
	if err := c.Mapped(func() (err error) {
		left, err = copied.Intact(c)
		return err
	}); err != nil {
		return 0, copied.Diagnose(err)
	}
	copied.WarnUnchecked(left)
	return copied.VersionIfAny(c)
}

func checksum(r io.Reader) (sum string, size int64, err error) {
	h := sha256.New()
	size, err = io.Copy(h, r)
	return hex.EncodeToString(h.Sum(nil)), size, err
}

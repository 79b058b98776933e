package core

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

	"fastmigrate/core/internal/sqlite"
)

// Backup is a copy of a database.
type Backup struct {
	Path    string `json:"path"`
	Version int    `json:"version"` // of the database; -1 if it is unversioned
	Bytes   int64  `json:"bytes"`
	SHA256  string `json:"sha256"` // of the file, in hexadecimal
}

// BackupDB makes a consistent copy of the database at path, while others write
// to it: path.YYYYMMDD_HHMMSS.backup, in local time, or in Options.BackupDir. If
// path is a symbolic link, the copy lies beside the file that it leads to, and has
// that file's name. It has its name only once it is complete, checked and on disk, no more people may
// read it than the database, and it never replaces a file. A backup that fails
// leaves nothing; one that succeeds removes older ones as Options.Keep says.
// Errors: those of Version but ErrUnversioned, and what the disk says.
func BackupDB(ctx context.Context, path string, o Options) (b Backup, err error) {
	defer wrap(&err, "backup", path)
	d, err := newDatabase(ctx, path, o)
	if err != nil {
		return b, err
	}
	defer d.watched()()
	if b, err = d.backup(ctx); err == nil {
		d.prune(ctx, b)
	}
	return b, err
}

func (d *database) backup(ctx context.Context) (b Backup, err error) {
	if err := d.check(); err != nil {
		return b, err
	}
	info, err := os.Stat(d.path)
	if err != nil {
		return b, cause(err)
	}
	at, unmade, err := d.copies()
	if err != nil {
		return b, err
	}
	defer func() {
		if err != nil {
			unmade()
		}
	}()
	temp, err := temporary(at.path, 0o600)
	if err != nil {
		return b, err
	}
	defer discard(temp)
	if err := d.copyTo(ctx, temp, 0o600); err != nil {
		return b, err
	}
	if err := d.examine(ctx, temp, &b); err != nil {
		return b, err
	}
	if err := matchOwner(temp, info); err != nil {
		return b, err
	}
	suffix, err := at.publishDated(ctx, temp, ".backup")
	b.Path = at.shown + suffix
	return b, err
}

// copies is where copies of the database have their names, and a function that
// removes the directories that had to be made for them.
func (d *database) copies() (at *database, unmade func(), err error) {
	dir := d.o.BackupDir
	if dir == "" {
		return d, func() {}, nil
	}
	if at, err = d.in(dir, filepath.Base(d.path)); err != nil {
		return nil, nil, err
	}
	made := missing(filepath.Dir(at.path))
	unmade = func() {
		for _, dir := range made {
			os.Remove(dir)
		}
	}
	if err := os.MkdirAll(filepath.Dir(at.path), 0o700); err != nil {
		unmade()
		return nil, nil, fmt.Errorf("the directory of the backups cannot be made: %w", err)
	}
	return at, unmade, nil
}

const dated = ".20060102_150405"

// publishDated gives the finished file at temp the name of the database, the
// time and kind, and gives what was added to the name.
func (d *database) publishDated(ctx context.Context, temp, kind string) (suffix string, err error) {
	for {
		now := time.Now()
		suffix := now.Format(dated) + kind
		err := publish(temp, d.path+suffix)
		if !errors.Is(err, fs.ErrExist) {
			return suffix, err
		}
		// Another backup of this second: the next one is free.
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(time.Until(now.Truncate(time.Second).Add(time.Second))):
		}
	}
}

// examine verifies the copy at path, of which b tells. As nothing changes it any
// more, its sum is taken and the disk writes it in the same time.
func (d *database) examine(ctx context.Context, path string, b *Backup) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	var summed, synced error
	var both sync.WaitGroup
	both.Go(func() { b.SHA256, b.Bytes, summed = sum(f) })
	both.Go(func() { synced = f.Sync() })
	b.Version, err = d.verify(ctx, path)
	if err != nil {
		f.Close() // which ends the sum
	}
	both.Wait()
	return cmp.Or(err, summed, synced)
}

// verify reports damage in the copy at path, which it leaves as it is, and gives
// its version, or -1.
func (d *database) verify(ctx context.Context, path string) (int, error) {
	copied := &database{name: d.name, path: path, o: d.o}
	c, err := copied.read(ctx)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	if err := copied.intact(c); err != nil {
		return 0, err
	}
	return copied.versionIfAny(c)
}

// versionIfAny is the version, -1 if the database has none.
func (d *database) versionIfAny(c *sqlite.Conn) (int, error) {
	version, err := d.version(c)
	if errors.Is(err, ErrUnversioned) || errors.Is(err, ErrMeta) {
		return -1, nil
	}
	return version, err
}

func sum(r io.Reader) (sum string, size int64, err error) {
	h := sha256.New()
	size, err = io.Copy(h, r)
	return hex.EncodeToString(h.Sum(nil)), size, err
}

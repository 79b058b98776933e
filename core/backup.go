package core

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
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
// to it: path.YYYYMMDD_HHMMSS.backup, in local time. It has its name only once
// it is complete, checked and on disk, no more people may read it than the
// database, and it never replaces a file. A backup that fails leaves nothing.
// Errors: those of Version but ErrUnversioned, and what the disk says.
func BackupDB(ctx context.Context, path string, o Options) (b Backup, err error) {
	defer wrap(&err, "backup", path)
	d, err := newDatabase(path, o)
	if err != nil {
		return b, err
	}
	return d.backup(ctx)
}

func (d *database) backup(ctx context.Context) (b Backup, err error) {
	if err := d.check(); err != nil {
		return b, err
	}
	info, err := os.Stat(d.path)
	if err != nil {
		return b, cause(err)
	}
	temp, err := temporary(d.path, 0o600)
	if err != nil {
		return b, err
	}
	defer discard(temp)
	if err := d.copyTo(ctx, temp, 0o600); err != nil {
		return b, err
	}
	if b.Version, err = d.verify(ctx, temp); err != nil {
		return b, err
	}
	if err := matchOwner(temp, info); err != nil {
		return b, err
	}
	if b.SHA256, b.Bytes, err = fileSum(temp); err != nil {
		return b, err
	}
	suffix, err := d.publishDated(ctx, temp, ".backup")
	b.Path = d.name + suffix
	return b, err
}

// publishDated gives the finished file at temp the name of the database, the
// time and kind, and gives what was added to the name.
func (d *database) publishDated(ctx context.Context, temp, kind string) (suffix string, err error) {
	for {
		now := time.Now()
		suffix := now.Format(".20060102_150405") + kind
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

// verify reports damage in the copy at path, and gives its version, or -1.
func (d *database) verify(ctx context.Context, path string) (int, error) {
	copied := &database{name: d.name, path: path, o: d.o}
	c, err := copied.write(ctx)
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

func fileSum(path string) (sum string, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	size, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), size, err
}

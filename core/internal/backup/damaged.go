// What is there cannot be read as a database: its files are kept as they are.

package backup

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/files"
	"fastmigrate/core/internal/sqlite"
)

// keepFiles copies the file of a damaged database and its -wal and -journal as they are. It
// returns the data version at that time, and the copies, that of the database first.
func (d *Vault) keepFiles(ctx context.Context, c *sqlite.Conn) (seen uint32, kept []string, err error) {
	if err := d.BeginSnapshot(c); err != nil {
		return 0, nil, err
	}
	defer c.Exec("ROLLBACK")
	if err := c.Exec("PRAGMA data_version"); err != nil { // takes the lock, without a look at the schema
		return 0, nil, d.Diagnose(err)
	}
	if seen, err = c.DataVersion(); err != nil {
		return 0, nil, d.Diagnose(err)
	}
	whole, err := c.File()
	if err != nil {
		return 0, nil, d.Diagnose(err)
	}
	at, _, err := d.backupPlace()
	if err != nil {
		return 0, nil, err
	}
	temp, err := copyPlain(at.path, d.Path, io.NewSectionReader(whole, 0, whole.Size))
	if err != nil {
		return 0, nil, d.Diagnose(err)
	}
	defer os.Remove(temp)
	suffix, err := at.publishDated(temp, ".damaged")
	if err != nil {
		return 0, nil, err
	}
	kept = []string{at.name + suffix}
	for _, beside := range []string{"-wal", "-journal"} { // in which SQLite locks nothing
		f, err := file.OpenRegular(d.Path+beside, os.O_RDONLY, 0)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, nil, err
		}
		temp, err := copyPlain(at.path, d.Path, f)
		f.Close()
		if err != nil {
			return 0, nil, err
		}
		defer os.Remove(temp)
		if err := files.Publish(temp, at.path+suffix+beside); err != nil {
			return 0, nil, err
		}
		kept = append(kept, at.name+suffix+beside)
	}
	return seen, kept, nil
}

// copyPlain copies from to a new file beside path, with the permissions of the file like.
func copyPlain(path, like string, from io.Reader) (temp string, err error) {
	if temp, err = file.Temporary(path, 0o600); err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			os.Remove(temp)
		}
	}()
	to, err := os.OpenFile(temp, os.O_WRONLY, 0)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(to, from)
	if err = errors.Join(err, to.Close()); err != nil {
		return "", err
	}
	return temp, file.MatchOwner(temp, like)
}

// setAside renames the -journal and -wal of a database that is gone, which SQLite would take
// for parts of a new one, and returns the new name of the last; "" if there are none.
func (d *Vault) setAside() (kept string, err error) {
	os.Remove(d.Path + "-shm") // it only indexes the -wal
	for _, beside := range []string{"-journal", "-wal"} {
		if _, err := os.Lstat(d.Path + beside); err != nil {
			continue
		}
		suffix, err := d.beside().publishDated(d.Path+beside, ".damaged"+beside)
		if errors.Is(err, fs.ErrNotExist) { // another process was faster
			continue
		}
		if err != nil {
			return kept, fault.WithoutPath(err)
		}
		kept = d.Shown + suffix
		d.Log().Warn(d.Shown + beside + " is left over from a database that is gone: it is kept as " + kept)
	}
	return kept, nil
}

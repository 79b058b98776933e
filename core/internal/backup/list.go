// The list of the backups in a directory, the file .backups.fastmigrate. It records what
// neither the name of a backup nor its content tells: its database, and when it was made.
// The invariants: one process at a time adds a line, before the backup gets its name; a line
// is removed after its backup; a backup is valid without a line.

package backup

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/filename"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/files"
)

const listLimit = 64 << 20 // bytes of the list that are read

// entry is a line of the list.
type entry struct {
	File     string    `json:"file"`
	Database string    `json:"database"`          // its resolved path
	Machine  string    `json:"machine,omitempty"` // of the database; "" if it has no id
	Inode    string    `json:"inode,omitempty"`   // of the database, see [file.Identity]
	Time     time.Time `json:"time"`              // UTC
	SHA256   string    `json:"sha256"`
	Bytes    int64     `json:"bytes"`
	Modified time.Time `json:"modified"` // of the file, in UTC

	line int // in the list: later ones were added later
}

// readList returns the lines of the list in dir that can be read; none if there is no
// list.
func readList(dir string) ([]*entry, error) {
	f, err := file.OpenRegular(filepath.Join(dir, filename.Backups), os.O_RDONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.WithoutPath(err)
	}
	defer f.Close()
	return parseList(f)
}

func parseList(r io.Reader) (list []*entry, err error) {
	lines := bufio.NewScanner(io.LimitReader(r, listLimit))
	lines.Buffer(nil, 1<<20)
	read := 0
	for ; lines.Scan(); read++ {
		e := &entry{line: read}
		// Other lines are of another version, or were cut off by a crash.
		if json.Unmarshal(lines.Bytes(), e) == nil && e.File != "" && e.Database != "" && e.SHA256 != "" && !e.Time.IsZero() {
			list = append(list, e)
		}
	}
	if err = lines.Err(); err == nil && read > 0 && list == nil {
		err = errors.New("it has no readable line")
	}
	return list, err
}

// backupList is the list of a directory, open.
type backupList struct {
	*os.File
	made   bool // now
	locked bool // else the file system knows no locks
}

// lockList opens and locks the list in dir, and makes it if there is none. Only those may
// read it who may read the file like.
func (d *Vault) lockList(ctx context.Context, dir, like string) (*backupList, error) {
	path := filepath.Join(dir, filename.Backups)
	ctx, cancel := context.WithTimeout(ctx, max(d.LockTimeout(), 30*time.Second)) // no one has it locked for long
	defer cancel()
	for {
		f, err := file.OpenRegular(path, os.O_RDWR|os.O_APPEND, 0)
		made := errors.Is(err, fs.ErrNotExist)
		if made {
			f, err = file.OpenRegular(path, os.O_RDWR|os.O_APPEND|os.O_CREATE|os.O_EXCL, 0o600)
		}
		if made && errors.Is(err, fs.ErrExist) {
			if info, e := os.Lstat(path); e == nil && info.Mode().IsRegular() { // another process was faster
				continue
			}
		}
		if err != nil {
			return nil, fault.WithoutPath(err)
		}
		l := &backupList{File: f, made: made}
		l.locked, err = file.LockFile(ctx, f)
		current := err == nil && l.current()
		if current {
			err = l.restrict(like)
		}
		if current && err == nil {
			return l, nil
		}
		f.Close()
		if err != nil {
			return nil, err
		}
	}
}

// current reports whether the list is still this file. It may have been rewritten during
// the wait for its lock.
func (l *backupList) current() bool {
	mine, err := l.Stat()
	if err != nil {
		return false
	}
	now, err := os.Lstat(l.Name())
	return err == nil && os.SameFile(mine, now)
}

// restrict limits the permissions of the list to those of the file like.
func (l *backupList) restrict(like string) error {
	if l.made {
		if err := file.MatchOwner(l.Name(), like); err != nil {
			return err
		}
	}
	most, err := os.Stat(like)
	if err != nil {
		return err
	}
	is, err := l.Stat()
	if err != nil {
		return err
	}
	if mode := is.Mode().Perm()&most.Mode().Perm() | 0o600; mode != is.Mode().Perm() {
		os.Chmod(l.Name(), mode) // which only its owner may
	}
	return nil
}

// after returns the time for the name of a new backup: t, or the first second after those
// that recent backups have used. Names then have the order of the lines.
func (l *backupList) after(t time.Time, base string) time.Time {
	list, _ := parseList(io.NewSectionReader(l, 0, listLimit))
	for _, e := range list {
		stamp, ok := strings.CutPrefix(e.File, base)
		if used, err := time.ParseInLocation(backupSuffix, stamp, t.Location()); ok && err == nil && used.Sub(t) < time.Minute && !used.Before(t.Truncate(time.Second)) {
			t = used.Add(time.Second)
		}
	}
	return t
}

// add appends a line and waits until it is on disk. Undo removes it.
func (l *backupList) add(e entry) (undo func(), err error) {
	text, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	info, err := l.Stat()
	if err != nil {
		return nil, err
	}
	undo = func() {
		if !l.locked { // others may have added theirs
			return
		}
		l.Truncate(info.Size())
		if l.made && info.Size() == 0 {
			os.Remove(l.Name())
		}
	}
	last := make([]byte, 1)
	if n, _ := l.ReadAt(last, info.Size()-1); n == 1 && last[0] != '\n' { // a crash cut it off
		text = append([]byte{'\n'}, text...)
	}
	if _, err = l.Write(append(text, '\n')); err == nil {
		err = l.Sync()
	}
	if err == nil && l.made {
		err = files.SyncDir(filepath.Dir(l.Name()))
	}
	if err != nil {
		undo()
	}
	return undo, err
}

// tidy removes the lines of backups that are gone. The list is then another file, which
// is not locked.
func (l *backupList) tidy() error {
	dir := filepath.Dir(l.Name())
	text, err := io.ReadAll(io.NewSectionReader(l, 0, listLimit))
	if err != nil {
		return err
	}
	var kept []byte
	for line := range bytes.Lines(text) {
		var e entry
		if json.Unmarshal(line, &e) == nil && e.File != "" && filepath.IsLocal(e.File) {
			if _, err := os.Lstat(filepath.Join(dir, e.File)); errors.Is(err, fs.ErrNotExist) {
				continue
			}
		}
		kept = append(kept, line...)
	}
	if len(kept) == len(text) || len(text) >= listLimit || !l.locked {
		return nil
	}
	if len(kept) == 0 {
		return os.Remove(l.Name())
	}
	temp, err := file.Temporary(l.Name(), 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	f, err := os.OpenFile(temp, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(kept)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := file.MatchOwner(temp, l.Name()); err != nil {
		return err
	}
	if err := os.Rename(temp, l.Name()); err != nil {
		return err
	}
	return files.SyncDir(dir)
}

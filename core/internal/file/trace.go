// Whether a program has changed the database. The times of the file do not tell it: a
// program can set them back, and rolling back what it left unfinished changes them. So
// the database itself is read, after SQLite has rolled that back.

package file

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"fastmigrate/core/internal/sqlite"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/history"
)

// Trace is the part of a database in which every change leaves a mark.
type Trace struct {
	file    fs.FileInfo
	changed time.Time // its inode
	undone  bool      // SQLite had to roll back an unfinished transaction, which changes the inode too
	size    int64
	header  [100]byte      // with the change counter (https://sqlite.org/fileformat2.html#the_database_header)
	wal     Commits        // in the -wal
	states  map[int]string // of the records in the history, by version
}

// Trace reads the trace of the database, after SQLite has rolled back what was left
// unfinished. Package os only asks for the state of its file: see open.go.
func (d *DB) Trace(ctx context.Context) (*Trace, error) {
	info, err := os.Stat(d.Path)
	if err != nil {
		return nil, fault.WithoutPath(err)
	}
	t := &Trace{file: info, changed: ChangeTime(info), undone: d.HotJournal(), states: map[int]string{}}
	c, err := d.OpenRecover(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if err := d.BeginSnapshot(c); err != nil { // keeps others from writing to the file meanwhile
		return nil, err
	}
	records, _, err := history.All(c)
	if err != nil && !errors.Is(err, fault.ErrRecord) {
		return nil, d.Diagnose(err)
	}
	for _, r := range records {
		t.states[r.Version] = r.State
	}
	f, err := c.File()
	if err != nil {
		return nil, d.Diagnose(err)
	}
	t.size = f.Size
	if _, err := f.ReadAt(t.header[:], 0); err != nil {
		return nil, d.Diagnose(err)
	}
	t.wal, err = WALCommits(d.Path + "-wal")
	return t, err
}

// Same reports whether the database has not changed since before. A commit changes the
// header, or else the rest of the file, which its inode shows.
func (t *Trace) Same(before *Trace) bool {
	return os.SameFile(t.file, before.file) && t.size == before.size && t.header == before.header && t.wal == before.wal &&
		(t.undone || t.changed.Equal(before.changed))
}

// HotJournal reports whether there is a -journal that SQLite will roll back. It has a
// header, unlike one that SQLite is done with.
func (d *DB) HotJournal() bool {
	f, err := OpenRegular(d.Path+"-journal", os.O_RDONLY, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	var magic [8]byte // https://sqlite.org/fileformat2.html#the_rollback_journal
	io.ReadFull(f, magic[:])
	return string(magic[:]) == JournalMagic
}

// JournalMagic is how a rollback journal begins.
const JournalMagic = "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"

// Commits are the commits in a write-ahead log. The zero value is none.
type Commits struct {
	N    int               // number of commits
	Salt uint64            // changes whenever the log restarts
	sum  [sha256.Size]byte // of the log up to the last commit
}

// WALCommits reads the write-ahead log at path; none if there is no such file. Each
// frame has a checksum of all frames before it, with a new salt whenever the log restarts
// (https://sqlite.org/fileformat2.html#the_write_ahead_log).
func WALCommits(path string) (found Commits, err error) {
	f, err := OpenRegular(path, os.O_RDONLY, 0) // SQLite locks nothing in it
	if errors.Is(err, fs.ErrNotExist) {
		return found, nil
	} else if err != nil {
		return found, fault.WithoutPath(err)
	}
	defer f.Close()
	var header [32]byte
	if _, err := io.ReadFull(f, header[:]); err != nil {
		return found, nil // it is empty
	}
	hash := sha256.New()
	hash.Write(header[:])
	frame, size := make([]byte, 24), int64(binary.BigEndian.Uint32(header[8:]))
	for at := int64(len(header)); ; at += int64(len(frame)) + size {
		if _, err := f.ReadAt(frame, at); errors.Is(err, io.EOF) {
			return found, nil
		} else if err != nil {
			return found, fault.WithoutPath(err)
		}
		if !bytes.Equal(frame[8:16], header[16:24]) { // of an earlier log
			return found, nil
		}
		hash.Write(frame)
		if binary.BigEndian.Uint32(frame[4:]) > 0 { // a commit
			found.N, found.Salt = found.N+1, binary.BigEndian.Uint64(header[16:])
			hash.Sum(found.sum[:0])
		}
	}
}

// Fingerprint returns that of the files of d as they are now.
func (d *DB) Fingerprint() Fingerprint {
	var f Fingerprint
	for _, suffix := range []string{"", "-wal", "-journal"} {
		info, err := os.Stat(d.Path + suffix)
		if err != nil {
			f.State += " -"
			continue
		}
		if suffix == "" {
			f.info = info
		}
		if suffix == "" || info.Size() > 0 {
			f.State += fmt.Sprintf(" %d@%d", info.Size(), info.ModTime().UnixNano())
		}
	}
	return f
}

// SameFile reports that a program has removed the file, or put another in its place.
// Errors: [ErrGone].
func (d *DB) SameFile(before Fingerprint) error {
	now, err := os.Stat(d.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fault.Of(ErrGone, "the program removed the file of %s", d.Name)
	case err != nil:
		return fault.WithoutPath(err)
	case before.info != nil && !os.SameFile(before.info, now):
		return fault.Of(ErrGone, "the program replaced the file of %s: it must change the database through SQLite", d.Name)
	}
	return nil
}

// Fingerprint tells whether the files of a database were changed or replaced. It is
// cheap, and a program that means to can deceive it: see [Trace].
type Fingerprint struct {
	info  fs.FileInfo
	State string // sizes and times of the file, the -wal and the -journal
}

// CheckRecords reports a record of the history that has gone, or changed its state,
// since the trace. Errors: [fault.ErrRefused].
func (t *Trace) CheckRecords(c *sqlite.Conn) error {
	records, _, err := history.All(c)
	if err != nil {
		return err
	}
	now := map[int]string{}
	for _, r := range records {
		now[r.Version] = r.State
	}
	for v, state := range t.states {
		switch now[v] {
		case state:
		case "":
			return fault.Of(fault.ErrRefused, "the program removed the record of version %d from the table _meta_history", v)
		default:
			return fault.Of(fault.ErrRefused, "the program changed the record of version %d in the table _meta_history", v)
		}
	}
	return nil
}

// ErrGone: the database is no longer where it was, so nothing is known about it.
var ErrGone = errors.New("the database is gone")

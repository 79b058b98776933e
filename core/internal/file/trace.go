// Whether a program has changed the database. The file's times do not tell: a
// program can set them back, and undoing what it left unfinished moves them. So
// the database is asked, once SQLite has undone that.

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

// Trace is what every change of a database leaves a mark in.
type Trace struct {
	file    fs.FileInfo
	changed time.Time // its inode
	undone  bool      // SQLite had to undo an unfinished transaction, which changes the inode too
	size    int64
	header  [100]byte      // with the change counter (https://sqlite.org/fileformat2.html#the_database_header)
	wal     Commits        // in the -wal
	states  map[int]string // of the records in the history, by version
}

// Trace looks at the database, and has SQLite first undo what was left unfinished.
// Package os only asks for the state of its file: see open.go.
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
	if err := d.BeginSnapshot(c); err != nil { // which keeps others from writing to the file meanwhile
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

// Same reports whether the database is what it was. A commit changes the header,
// or outside WAL mode what else is in the file: its inode then shows it.
func (t *Trace) Same(before *Trace) bool {
	return os.SameFile(t.file, before.file) && t.size == before.size && t.header == before.header && t.wal == before.wal &&
		(t.undone || t.changed.Equal(before.changed))
}

// HotJournal reports whether there is a -journal that SQLite will undo: one that it is
// done with has no header.
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

const JournalMagic = "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"

// Commits are what a write-ahead log holds, up to its last commit; zero: nothing.
type Commits struct {
	N    int
	Salt uint64 // another one whenever the log begins anew
	sum  [sha256.Size]byte
}

// WALCommits reads a write-ahead log. Each frame has a checksum of all before it, salted
// anew whenever the log begins anew
// (https://sqlite.org/fileformat2.html#the_write_ahead_log).
func WALCommits(path string) (found Commits, err error) {
	f, err := OpenRegular(path, os.O_RDONLY, 0) // in which SQLite locks nothing
	if errors.Is(err, fs.ErrNotExist) {
		return found, nil
	} else if err != nil {
		return found, fault.WithoutPath(err)
	}
	defer f.Close()
	var header [32]byte
	if _, err := io.ReadFull(f, header[:]); err != nil {
		return found, nil // it is empty, or was never begun
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

func (d *DB) SameFile(before Fingerprint) error {
	now, err := os.Stat(d.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fault.Of(ErrGone, "the program removed the file of %s", d.Name)
	case err != nil:
		return fault.WithoutPath(err)
	case before.info != nil && !os.SameFile(before.info, now):
		return fault.Of(ErrGone, "the program put another file in the place of %s: it must change the database through SQLite", d.Name)
	}
	return nil
}

// Fingerprint tells whether the files of a database were changed or replaced.
type Fingerprint struct {
	info  fs.FileInfo
	State string
}

// CheckRecords reports a record that is no longer there, or no longer in its state.
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

// errGone: the database is no longer where it was, so nothing is known of it.
var ErrGone = errors.New("the database is gone")

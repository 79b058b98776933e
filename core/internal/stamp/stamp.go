// Package stamp tells whether a program that was killed together with its run had changed
// the database. The record of the program holds a stamp, by which a later run can tell:
// between which times the file was last changed, and how many commits are in the -wal, if
// the record was the last that was written.
//
// The invariant: what is not proven counts as changed.
package stamp

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/process"
	"fastmigrate/core/internal/sqlite"
)

// stamp describes a database to which nothing was written after the record of a program,
// just before the program was let go.
type stamp struct {
	from, until time.Time // when its inode was last changed
	counter     uint32    // its change counter, outside WAL mode
	salt        uint64    // of its -wal
	commits     int       // in it
	dir         string    // that is locked as long as the program or its run lives; "-" if none is
}

// NotLetGo stands for the stamp in the record of a program until it is let go.
const NotLetGo = "not let go"

// tick is longer than a tick of the clock of a file system.
const tick = 10 * time.Millisecond

// Write writes the record of a program that is about to be let go, and returns once
// whatever the program writes gets a later time. It tries again with more time if the disk
// took longer than allowed, or if the log was reset with the record.
func Write(ctx context.Context, d *file.DB, rec *history.Record, dir string) error {
	wait := tick
	for _, allowed := range []time.Duration{20 * time.Millisecond, 100 * time.Millisecond, 500 * time.Millisecond} {
		p, err := writeOnce(ctx, d, rec, cmp.Or(dir, "-"), allowed)
		if err != nil {
			return err
		}
		if p.matchesFile(d.Path) || p.matchesLog(d.Path+"-wal") {
			wait += time.Until(p.until)
			break
		}
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(wait):
		return nil
	}
}

func writeOnce(ctx context.Context, d *file.DB, rec *history.Record, dir string, allowed time.Duration) (p stamp, err error) {
	c, err := d.OpenWrite(ctx)
	if err != nil {
		return p, err
	}
	defer c.Close()
	err = d.Transact(c, func() error {
		header, err := fileHeader(c)
		if err != nil {
			return err
		}
		log, err := file.WALCommits(d.Path + "-wal")
		if err != nil {
			return err
		}
		now := time.Now()
		p = stamp{now.Add(-tick), now.Add(allowed), binary.BigEndian.Uint32(header[24:]) + 1, log.Salt, log.N + 1, dir}
		rec.Cursor = p.String()
		return rec.Write(c, d.Config.Tool)
	})
	if err == nil {
		err = c.Close() // which may write to the file what is in the -wal
	}
	return p, err
}

// fileHeader is that of the database file (https://sqlite.org/fileformat2.html#the_database_header).
func fileHeader(c *sqlite.Conn) (header [100]byte, err error) {
	f, err := c.File()
	if err == nil {
		_, err = f.ReadAt(header[:], 0)
	}
	return header, err
}

const stampFormat = "last changed %d %d %d, log %x %d, lock %s"

func (p stamp) String() string {
	return fmt.Sprintf(stampFormat, p.from.UnixNano(), p.until.UnixNano(), p.counter, p.salt, p.commits, p.dir)
}

func readStamp(cursor any) (p stamp, ok bool) {
	text, _ := cursor.(string)
	var from, until int64
	_, err := fmt.Sscanf(text, stampFormat, &from, &until, &p.counter, &p.salt, &p.commits, &p.dir)
	p.from, p.until = time.Unix(0, from), time.Unix(0, until)
	return p, err == nil
}

// matchesFile reports whether a file was not changed since. If the file system only knows
// full seconds, it may have been: false.
func (p stamp) matchesFile(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	at := file.ChangeTime(info)
	return !at.Before(p.from) && !at.After(p.until) && at.Nanosecond() != 0
}

// matchesLog reports whether the last commit in a write-ahead log is that of the record. Its
// times do not tell: SQLite gives it to its owner whenever root opens it.
func (p stamp) matchesLog(path string) bool {
	log, err := file.WALCommits(path)
	return err == nil && log.N == p.commits && log.Salt == p.salt
}

// Untouched reports whether the database is what it was when the program of the record
// left was let go, and both the program and its run have ended. A copy that stands for
// another database has no such stamp: the original is asked, if it has the record.
func Untouched(ctx context.Context, d *file.DB, c *sqlite.Conn, left history.Record) bool {
	if left.State != history.Running || left.Cursor == nil || history.WayOf(left) != naming.Program {
		return false
	}
	if d.Original != "" {
		from := d.WithPath(d.Original)
		from.Config.Trial = nil
		there, err := from.OpenRead(ctx)
		d.Recovered = d.Recovered || errors.Is(err, fault.ErrUnfinished) // in the copy it was
		if err == nil {
			defer there.Close()
			records, _, _ := history.All(there)
			for _, rec := range records {
				if rec.Version == left.Version && rec.Cursor == left.Cursor {
					return Untouched(ctx, from, there, rec)
				}
			}
		}
	}
	p, ok := readStamp(left.Cursor)
	switch {
	case !bothEnded(d, left, p.dir):
		return false
	case left.Cursor == NotLetGo:
		return true
	case !ok:
		return false
	}
	header, err := fileHeader(c)
	if err != nil {
		return false
	}
	if wal := header[18] == 2; !wal {
		return binary.BigEndian.Uint32(header[24:]) == p.counter && (p.matchesFile(d.Path) || d.Recovered)
	}
	log, err := file.WALCommits(d.Path + "-wal")
	return err == nil && (p.matchesLog(d.Path+"-wal") || log.N == 0 && p.matchesFile(d.Path))
}

// bothEnded reports whether the program of a record and its run have ended, as far as this
// machine can know that, and has not restarted: a restart may keep the content of a file
// and lose its times.
func bothEnded(d *file.DB, left history.Record, dir string) bool {
	id := process.Recorded(left.Pid, left.Process, left.Machine)
	if alive, known := history.Alive(left); known || alive {
		return !alive && id.Here()
	}
	if dir == "" || !id.SameKernel() { // else in another container
		return false
	}
	f, which := file.LockDir(filepath.Dir(d.Path))
	if f == nil {
		return false
	}
	f.Close()
	return which == dir
}

// Forget forgets a program that was killed and changed nothing: it is pending again.
func Forget(ctx context.Context, d *file.DB, left history.Record) error {
	c, err := d.OpenWrite(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	return d.Transact(c, func() error {
		records, _, err := history.All(c)
		if err != nil {
			return d.Diagnose(err)
		}
		for _, now := range records {
			if now.Version == left.Version && now.Cursor == left.Cursor && Untouched(ctx, d, c, now) {
				d.Log().Warn(fmt.Sprintf("%s: pid %d on %s, which ran it, was killed before it changed %s: it starts again", left.File, left.Pid, left.Host, d.Name))
				return d.Diagnose(history.Forget(c, left.Version))
			}
		}
		return nil
	})
}

package sqlite

import (
	"cmp"
	"context"

	lib "modernc.org/sqlite/lib"
)

// Backup copies the main database of one connection over that of another, page
// by page (https://sqlite.org/c3ref/backup_finish.html).
type Backup struct {
	to *Conn
	p  uintptr
}

// NewBackup begins to copy the main database of from over that of to. Neither may be in
// a write transaction. From should be in a read transaction: otherwise each commit of
// another process restarts the copy.
func NewBackup(to, from *Conn) (*Backup, error) {
	name := to.cstring("main")
	defer to.free(name)
	p := lib.Xsqlite3_backup_init(to.tls, to.db, name, from.db, name)
	if p == 0 {
		return nil, to.error(lib.Xsqlite3_extended_errcode(to.tls, to.db))
	}
	return &Backup{to, p}, nil
}

// Step copies up to so many pages, all if pages is negative, and reports whether the copy
// is complete. If pages is 0, it only takes the locks: from then on no other connection
// writes to the destination.
func (b *Backup) Step(pages int) (done bool, err error) {
	if b.to.ctx.Err() != nil {
		return false, context.Cause(b.to.ctx)
	}
	switch rc := lib.Xsqlite3_backup_step(b.to.tls, b.p, int32(pages)); rc {
	case lib.SQLITE_DONE:
		return true, nil
	case lib.SQLITE_OK:
		return false, nil
	default:
		return false, b.to.plain(rc)
	}
}

// Finish copies all pages that are left, and closes the copy. In between it calls copied
// with the number of pages that are copied, and of all. An error of Step comes first.
func (b *Backup) Finish(copied func(pages, all int)) (err error) {
	for done := false; !done && err == nil; {
		if done, err = b.Step(1000); err == nil {
			left, all := b.Pages()
			copied(all-left, all)
		}
	}
	return cmp.Or(err, b.Close())
}

// Pages returns how many pages the last [Backup.Step] left to copy, and how many there
// are.
func (b *Backup) Pages() (left, all int) {
	return int(lib.Xsqlite3_backup_remaining(b.to.tls, b.p)), int(lib.Xsqlite3_backup_pagecount(b.to.tls, b.p))
}

// plain describes rc by its code alone: the message of the connection may be that of
// another call.
func (c *Conn) plain(rc int32) error {
	return &Error{Code: int(rc), Msg: text(lib.Xsqlite3_errstr(c.tls, rc)), Offset: -1}
}

// Close ends the copy, and rolls it back if it is not complete.
func (b *Backup) Close() error {
	if b.p == 0 {
		return nil
	}
	rc := lib.Xsqlite3_backup_finish(b.to.tls, b.p)
	b.p = 0
	if rc != lib.SQLITE_OK {
		return b.to.plain(rc)
	}
	return nil
}

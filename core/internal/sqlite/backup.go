package sqlite

import (
	"context"

	lib "modernc.org/sqlite/lib"
)

// Backup copies the main database of one connection over that of another, page
// by page (https://sqlite.org/c3ref/backup_finish.html).
type Backup struct {
	to *Conn
	p  uintptr
}

// NewBackup begins a copy of from's main database over to's, neither of which
// may be in a write transaction. From ought to be in a read transaction, else
// each commit of another process starts the copy anew.
func NewBackup(to, from *Conn) (*Backup, error) {
	name := to.cstring("main")
	defer to.free(name)
	p := lib.Xsqlite3_backup_init(to.tls, to.db, name, from.db, name)
	if p == 0 {
		return nil, to.error(lib.Xsqlite3_extended_errcode(to.tls, to.db))
	}
	return &Backup{to, p}, nil
}

// Step copies up to pages pages, all if negative, and reports whether that was
// the last. With 0 it only takes the locks: from then on no other connection
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
		return false, b.error(rc)
	}
}

// Pages gives how many pages the last Step left, and how many there are.
func (b *Backup) Pages() (left, all int) {
	return int(lib.Xsqlite3_backup_remaining(b.to.tls, b.p)), int(lib.Xsqlite3_backup_pagecount(b.to.tls, b.p))
}

// error describes rc by its code alone: the message that the connections hold
// may be of another call.
func (b *Backup) error(rc int32) error {
	return &Error{Code: int(rc), Msg: text(lib.Xsqlite3_errstr(b.to.tls, rc)), Offset: -1}
}

// Close ends the copy. Before the last page was copied, it undoes it.
func (b *Backup) Close() error {
	if b.p == 0 {
		return nil
	}
	rc := lib.Xsqlite3_backup_finish(b.to.tls, b.p)
	b.p = 0
	if rc != lib.SQLITE_OK {
		return b.error(rc)
	}
	return nil
}

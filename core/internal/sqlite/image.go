package sqlite

import (
	"encoding/binary"
	"io"

	lib "modernc.org/sqlite/lib"
)

// Image is the content of a database in one piece, byte for byte what [Backup] makes of
// it, to be read in blocks of any size.
type Image struct {
	Pages    int64
	PageSize int64 // in bytes
	file     *File
}

// Image returns what the read transaction of the connection sees of the main database, as
// long as it lasts. In the rollback journal modes, all of that is in the file, and no one
// writes to it under a SHARED lock (https://sqlite.org/lockingv3.html#locking). It is nil
// if only SQLite can find the content: some of it may be in a write-ahead log, in memory
// or in a write transaction of the connection; or nothing has been read yet.
func (c *Conn) Image() (*Image, error) {
	main := c.cstring("main")
	defer c.free(main)
	if lib.Xsqlite3_txn_state(c.tls, c.db, main) != lib.SQLITE_TXN_READ || c.Filename("main") == "" {
		return nil, nil
	}
	mode, err := c.Text("PRAGMA main.journal_mode")
	if err != nil || mode == "wal" {
		return nil, err
	}
	m := &Image{}
	if m.Pages, err = c.Int("PRAGMA main.page_count"); err != nil || m.Pages == 0 { // Backup would make one
		return nil, err
	}
	if m.PageSize, err = c.Int("PRAGMA main.page_size"); err != nil {
		return nil, err
	}
	m.file, err = c.File()
	return m, err
}

// Size is the number of bytes.
func (m *Image) Size() int64 { return m.Pages * m.PageSize }

// lockBytes is where the page begins on which SQLite takes its locks. It has no content,
// and Windows lets no one read it that is locked
// (https://sqlite.org/fileformat2.html#the_lock_byte_page).
const lockBytes = 1 << 30

// ReadAt implements [io.ReaderAt].
func (m *Image) ReadAt(b []byte, at int64) (n int, err error) {
	for _, end := range []int64{lockBytes, lockBytes + m.PageSize, m.Size()} {
		part := b[n:max(int64(n), min(int64(len(b)), end-at, m.Size()-at))]
		if end == lockBytes+m.PageSize {
			clear(part)
		} else if len(part) > 0 {
			read, err := m.file.ReadAt(part, at+int64(n))
			if err != nil && err != io.EOF {
				return n, err
			}
			clear(part[read:]) // of a page that ends the file, and is not all in it
		}
		n += len(part)
	}
	m.renew(b[:n], at)
	if n < len(b) {
		err = io.EOF
	}
	return n, err
}

// renew changes the header (https://sqlite.org/fileformat2.html#the_database_header), of
// which b is the part from at on, to that of a file to which a transaction gave its
// first content.
func (m *Image) renew(b []byte, at int64) {
	for offset, value := range map[int64]uint32{
		24: 1, // file change counter
		28: uint32(m.Pages),
		40: 1, // schema cookie
		92: 1, // the change counter to which the number of pages belongs
		96: lib.SQLITE_VERSION_NUMBER,
	} {
		var field [4]byte
		binary.BigEndian.PutUint32(field[:], value)
		for i, c := range field {
			if here := offset + int64(i) - at; 0 <= here && here < int64(len(b)) {
				b[here] = c
			}
		}
	}
}

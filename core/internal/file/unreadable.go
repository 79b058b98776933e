// What a file may be that is not a database, judged by its first bytes.

package file

import (
	"bytes"
	"errors"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/sqlite"
)

// unreadable is [DB.Diagnose] for the first read through a connection: of a file that is
// not a database, it adds what it looks like.
func (d *DB) unreadable(c *sqlite.Conn, err error) error {
	if err = d.Diagnose(err); !errors.Is(err, fault.ErrNotDatabase) {
		return err
	}
	f, of := c.File()
	if of != nil {
		return err
	}
	head := make([]byte, min(f.Size, 4096))
	if _, of := f.ReadAt(head, 0); of != nil {
		return err
	}
	return looks(head, f.Size, err)
}

// packed are the first bytes of compressed files, and the programs that unpack them.
var packed = []struct{ magic, undo string }{
	{"\x1f\x8b", "gunzip"}, {"PK\x03\x04", "unzip"}, {"BZh", "bunzip2"}, {"\xfd7zXZ", "unxz"}, {"\x28\xb5\x2f\xfd", "unzstd"}, {"\x04\x22\x4d\x18", "unlz4"},
}

// looks adds to err what a file of that size looks like that begins with head.
func looks(head []byte, size int64, err error) error {
	for _, p := range packed {
		if bytes.HasPrefix(head, []byte(p.magic)) {
			return &fault.Reason{Key: fault.Compressed, Name: p.undo, Err: fault.Of(err, "%v: it is a compressed file", err)}
		}
	}
	text := bytes.TrimSpace(head)
	upper := bytes.ToUpper(text)
	for _, begin := range []string{"--", "/*", "PRAGMA ", "BEGIN", "CREATE ", "INSERT ", "SET ", "DROP "} {
		if bytes.HasPrefix(upper, []byte(begin)) && bytes.IndexByte(text, 0) < 0 {
			return &fault.Reason{Key: fault.Dump, Err: fault.Of(err, "%v: it is a text file that begins like SQL", err)}
		}
	}
	if size%512 == 0 && random(head) {
		return &fault.Reason{Key: fault.Encrypted, Err: fault.Of(err, "%v: it looks encrypted", err)}
	}
	return err
}

// random reports whether all values of a byte are equally frequent, up to chance, as in
// encrypted text. The sum is chi-squared with 255 degrees of freedom, which exceeds 400
// in one case of ten million.
func random(b []byte) bool {
	if len(b) < 512 {
		return false
	}
	var n [256]float64
	for _, c := range b {
		n[c]++
	}
	sum, each := 0.0, float64(len(b))/256
	for _, k := range n {
		sum += (k - each) * (k - each) / each
	}
	return sum < 400
}

// What a file is that is no database, as far as its first bytes tell.

package file

import (
	"bytes"
	"errors"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/sqlite"
)

// unreadable is diagnose for the first thing that is read through a connection: it
// looks at what is no database.
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

// packed are what compressed files begin with, and what undoes it.
var packed = []struct{ magic, undo string }{
	{"\x1f\x8b", "gunzip"}, {"PK\x03\x04", "unzip"}, {"BZh", "bunzip2"}, {"\xfd7zXZ", "unxz"}, {"\x28\xb5\x2f\xfd", "unzstd"}, {"\x04\x22\x4d\x18", "unlz4"},
}

// looks adds to err what a file of that size looks like which begins with head.
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
			return &fault.Reason{Key: fault.Dump, Err: fault.Of(err, "%v: it is a text that begins like SQL", err)}
		}
	}
	if size%512 == 0 && random(head) {
		return &fault.Reason{Key: fault.Encrypted, Err: fault.Of(err, "%v: it looks encrypted", err)}
	}
	return err
}

// random reports whether bytes are spread as those of a cipher are: for each value
// as many as for any other, up to chance. The sum is chi-squared with 255 degrees of
// freedom, which is below 400 but for one in ten million.
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

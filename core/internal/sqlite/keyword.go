package sqlite

import (
	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// Keyword reports whether a word has a meaning in SQL, in any case
// (https://sqlite.org/c3ref/keyword_check.html).
func Keyword(word string) bool {
	c := &Conn{tls: libc.NewTLS()}
	defer c.tls.Close()
	p := c.cstring(word)
	defer c.free(p)
	return lib.Xsqlite3_keyword_check(c.tls, p, int32(len(word))) != 0
}

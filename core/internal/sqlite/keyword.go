package sqlite

import (
	"context"
	"strings"
	"sync"
	"unsafe"

	"fastmigrate/core/internal/split"

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

// KeywordAsName reports whether a keyword, in any case, can be a name without quotes where
// it has no meaning (https://sqlite.org/lang_keywords.html: not all are reserved).
func KeywordAsName(word string) bool { return nameable()[strings.ToUpper(word)] }

// nameable has the keywords, in upper case, that SQLite accepts as names.
var nameable = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	c, err := Open(context.Background(), ":memory:", ReadWrite|Create, 0)
	if err != nil {
		return names
	}
	defer c.Close()
	for i := range lib.Xsqlite3_keyword_count(c.tls) {
		if lib.Xsqlite3_keyword_name(c.tls, i, c.out, c.out+8) != lib.SQLITE_OK {
			continue
		}
		word := string(unsafe.Slice(pointer[byte](*pointer[uintptr](c.out)), *pointer[int32](c.out + 8)))
		if s, err := c.Prepare("CREATE TABLE " + word + "(x)"); err == nil {
			s.Close()
			names[word] = true
		}
	}
	return names
})

// Words are the keywords of SQLite, for package split.
var Words = split.Words{Keyword: Keyword, Name: KeywordAsName}

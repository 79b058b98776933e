package sqlite

import (
	"sort"
	"unsafe"
)

// Script is a text of many statements, which run one by one. SQLite reads a text from its own
// memory, up to a NUL: there is a copy of one part of a large text at a time.
type Script struct {
	c    *Conn
	text []byte
	cuts []Cut

	base     uintptr // of the copy; 0 if there is none
	size     int     // of its memory, in bytes
	from, to int     // bytes of the text that it has
	whole    int     // each statement that begins before this byte is whole in it
}

// Cut is a place to cut a script: the end of a statement, which begins at the byte Last. All
// statements but that one are compiled from a part that does not end with them, so that SQLite
// sees of each one what it would see in the whole text, even if it disagrees about its end.
type Cut struct{ Last, End int }

// NewScript prepares to run a text without a NUL byte, which must not change. The cuts are in
// their order; without any, all of the text is copied. [Script.Close] frees the copy.
func (c *Conn) NewScript(text []byte, cuts ...Cut) *Script {
	return &Script{c: c, text: text, cuts: cuts}
}

// at returns the address in the copy of the statement that begins at the byte start.
func (s *Script) at(start int) uintptr {
	if s.base == 0 || start < s.from || start >= s.whole {
		s.copy(start)
	}
	return s.base + uintptr(start-s.from)
}

// copy copies the part that begins with the statement at the byte start.
func (s *Script) copy(start int) {
	s.from, s.to, s.whole = start, len(s.text), len(s.text)+1
	if i := sort.Search(len(s.cuts), func(i int) bool { return s.cuts[i].Last > start }); i < len(s.cuts) {
		s.to, s.whole = s.cuts[i].End, s.cuts[i].Last
	}
	if len(s.cuts) == 0 {
		s.from = 0
	}
	part := s.text[s.from:s.to]
	if len(part)+1 > s.size {
		s.Close()
		s.size = len(part) + 1
		s.base = s.c.malloc(s.size)
	}
	b := unsafe.Slice(pointer[byte](s.base), len(part)+1)
	copy(b, part)
	b[len(part)] = 0
}

// Run runs the statement that begins at the byte start to its end, skips its rows, and
// gives the byte after it. The Offset of an [Error] counts from start.
func (s *Script) Run(start int) (end int, err error) {
	stmt, end, err := s.Compile(start)
	if err != nil {
		return start, err
	}
	defer stmt.Close()
	return end, stmt.Run()
}

// Compile compiles the statement that begins at the byte start, and gives the byte after
// it. The Offset of an [Error] counts from start.
func (s *Script) Compile(start int) (stmt *Stmt, end int, err error) {
	one, tail, err := s.c.prepare(s.at(start))
	if err != nil {
		return nil, start, err
	}
	return &one, s.from + int(tail-s.base), nil
}

// End is the byte after the statement that begins at the byte start, which it compiles and
// does not run.
func (s *Script) End(start int) (end int, err error) {
	stmt, end, err := s.Compile(start)
	if err == nil {
		stmt.Close()
	}
	return end, err
}

// Close frees the copy.
func (s *Script) Close() {
	s.c.free(s.base)
	s.base, s.size = 0, 0
}

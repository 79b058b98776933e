package runner

import "fastmigrate/core/internal/sqlite"

// buffer holds rows in the order in which they were added. The zero value is empty.
type buffer struct {
	pieces [][]byte // rows one after the other; each row is in one piece
	bytes  int      // of all that was added
}

const (
	maxBuffered = 32 << 20  // about how many bytes of rows a cursor buffers before it uses a table
	pieceSize   = 256 << 10 // about how many bytes are freed at once
)

// add adds the row of s.
func (b *buffer) add(s *sqlite.Stmt) {
	last := len(b.pieces) - 1
	if last < 0 || len(b.pieces[last]) > pieceSize*3/4 {
		var piece []byte
		if last++; last > 0 { // most queries need only one, and a short one
			piece = make([]byte, 0, pieceSize)
		}
		b.pieces = append(b.pieces, piece)
	}
	was := len(b.pieces[last])
	b.pieces[last] = s.Pack(b.pieces[last])
	b.bytes += len(b.pieces[last]) - was
}

// next moves the first row into row, which has its number of columns, and reports whether
// there was one.
func (b *buffer) next(row []any) bool {
	if len(b.pieces) == 0 {
		return false
	}
	if b.pieces[0] = sqlite.Unpack(b.pieces[0], row); len(b.pieces[0]) == 0 {
		b.pieces = b.pieces[1:]
	}
	return true
}

package session

import (
	"fmt"
	"slices"

	"fastmigrate/core/finding"
	"fastmigrate/core/internal/plan"
)

// find passes on what was found at the byte at of s, in the statement between from and end:
// to the witness, or if there is none as a warning, unless a comment accepts it.
func (x *Session) find(f finding.Finding, s *plan.Script, at, from, end int) {
	where := s.Name
	if f.File = s.Name; len(s.Text) > 0 { // else it is no SQL
		e := s.At(at, nil)
		where = fmt.Sprintf("%s:%d:%d", s.Name, e.Line, e.Column)
		if slices.Contains(x.Foreign.Scripts, s) { // else the text is in no file
			f.Line, f.Column = e.Line, e.Column
		}
	}
	f.Accepted = s.Says.Accepted(f.Code, from, end)
	switch {
	case x.Witness != nil:
		x.Witness.Found(f)
	case !f.Accepted:
		x.WarnOnce(where + ": " + f.Message)
	}
}

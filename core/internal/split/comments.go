package split

// Comment is a comment of a script, in byte offsets.
type Comment struct {
	Start, End int
	Inside     bool // a statement begins before it
}

// Comments lists the comments of a script.
func Comments(text []byte) (list []Comment) {
	s, inside := &Scanner{text: text}, false
	for {
		t := s.token()
		switch {
		case t.kind == eof || t.kind == broken:
			return list
		case t.kind == blank && (text[t.start] == '-' || text[t.start] == '/'):
			list = append(list, Comment{t.start, t.end, inside})
		case t.kind != blank && t.kind != semi:
			inside = true
		}
	}
}

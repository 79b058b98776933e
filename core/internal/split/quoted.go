package split

// Quoted is a name in double quotes, and where it stands with them.
type Quoted struct {
	Name       string
	Start, End int
}

// DoubleQuoted lists the names of a statement that are in double quotes, in their order.
func DoubleQuoted(statement []byte) (list []Quoted) {
	s := Scanner{text: statement}
	for {
		switch t := s.solid(); {
		case t.kind == eof, t.kind == broken:
			return list
		case t.kind == quoted && statement[t.start] == '"':
			list = append(list, Quoted{s.unquoted(t), t.start, t.end})
		}
	}
}

// Deferred is an object whose names SQLite looks up only when it is used.
type Deferred struct {
	Type        string // view or trigger
	Name        string
	IfNotExists bool
}

// DeferredObject reads the beginning of a CREATE VIEW or a CREATE TRIGGER. Ok is false for
// another statement.
func DeferredObject(statement []byte) (d Deferred, ok bool) {
	r := headReader(statement)
	if !r.take("CREATE") {
		return d, false
	}
	if r.is("TEMP") || r.is("TEMPORARY") {
		r.at++
	}
	switch {
	case r.take("VIEW"):
		d.Type = "view"
	case r.take("TRIGGER"):
		d.Type = "trigger"
	default:
		return d, false
	}
	d.IfNotExists = r.take("IF", "NOT", "EXISTS")
	if d.Name = r.name(); r.sign('.') {
		r.at++
		d.Name = r.name()
	}
	return d, d.Name != ""
}

// headReader reads the first tokens of a statement, as many as the names of an object need.
func headReader(statement []byte) *reader {
	r, s := &reader{text: statement}, Scanner{text: statement}
	for t := s.solid(); t.kind != eof && t.kind != broken && len(r.list) < 10; t = s.solid() {
		r.list = append(r.list, t)
	}
	return r
}

// AddedColumn reads the name of the table in an ALTER TABLE that adds a column. Ok is false
// for another statement.
func AddedColumn(statement []byte) (table string, ok bool) {
	r := headReader(statement)
	if !r.take("ALTER", "TABLE") {
		return "", false
	}
	if table = r.name(); r.sign('.') {
		r.at++
		table = r.name()
	}
	return table, r.take("ADD")
}

// Body finds the SELECT of a CREATE VIEW: its first byte. Ok is false if there is none.
func Body(view []byte) (start int, ok bool) {
	s, depth := Scanner{text: view}, 0
	for {
		switch t := s.solid(); {
		case t.kind == eof, t.kind == broken:
			return 0, false
		case view[t.start] == '(':
			depth++
		case view[t.start] == ')':
			depth--
		case depth == 0 && is(t.kind, view[t.start:t.end], "AS"):
			return t.end, true
		}
	}
}

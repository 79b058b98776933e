package core

// counted has the execution counted, from the first statement of its script.
func (x *execution) counted() {
	name, phase := x.s.Name, "migrate"
	if name == statement {
		name, phase = "", "execute"
	}
	if x.stage = x.watch.begin(name, phase, x.s.Statements()); x.stage == nil {
		return
	}
	x.c.Progress = func(changes int64) {
		// Inside a trigger, SQLite does not count the rows of the statement outside.
		if rows := changes - x.before; rows > x.stage.rows.Load() {
			x.stage.rows.Store(rows)
		}
	}
}

// next says that n more statements of the script begin, or were applied before.
func (s *stage) next(x *execution, n int) {
	if s != nil {
		s.statement.Add(int64(n))
		s.rows.Store(x.rows())
	}
}

package split

import (
	"slices"
	"strings"
)

// Definition is what a CREATE TABLE statement says of its table.
type Definition struct {
	Name        string
	Columns     []Column
	Constraints []Constraint // in the order in which they stand there
}

// Column is one column of a table.
type Column struct {
	Name string
	Type string // as it stands there, with single spaces; "" if there is none
}

// Define reads a CREATE TABLE statement. What SQLite would refuse, it reads as far as it
// can. The names of constraints are left out, and so is what says nothing: NULL, DEFAULT
// NULL, COLLATE BINARY, a constraint that is repeated. Not ok: as of [Columns].
func Define(statement []byte) (d Definition, ok bool) {
	start, end, ok := Columns(statement)
	if !ok {
		return d, false
	}
	_, _, d.Name, _ = Table(statement)
	for _, item := range newReader(statement[start:end]).items() {
		if item.tableConstraint() {
			d.table(item)
		} else if !item.end() {
			d.column(item)
		}
	}
	for r := newReader(statement[end+1:]); !r.end(); r.at++ {
		switch {
		case r.is("STRICT"):
			d.add(Constraint{Kind: Strict})
		case r.is("WITHOUT", "ROWID"):
			d.add(Constraint{Kind: WithoutRowid})
		}
	}
	for i, c := range d.Constraints { // all columns are known only now
		if c.Kind == Check {
			d.Constraints[i].Columns = d.mentioned(c.Expr)
		}
	}
	return d, true
}

// Primary returns the columns of the primary key; nil if there is none.
func (d *Definition) Primary() []string {
	for _, c := range d.Constraints {
		if c.Kind == PrimaryKey {
			return c.Columns
		}
	}
	return nil
}

// Rowid is the column that stands for the rowid, as an INTEGER PRIMARY KEY does
// (https://sqlite.org/lang_createtable.html#rowid); "" if none does.
func (d *Definition) Rowid() string {
	for _, c := range d.Constraints {
		if c.Kind == PrimaryKey && len(c.Columns) == 1 && !c.Descending && !d.Has(WithoutRowid) {
			if col := d.Column(c.Columns[0]); col != nil && strings.EqualFold(col.Type, "INTEGER") {
				return col.Name
			}
		}
	}
	return ""
}

// Has reports whether there is a constraint of a kind.
func (d *Definition) Has(kind ConstraintKind) bool {
	return slices.ContainsFunc(d.Constraints, func(c Constraint) bool { return c.Kind == kind })
}

// Of returns the constraint of a kind that a column has alone; nil if there is none.
func (d *Definition) Of(column string, kind ConstraintKind) *Constraint {
	for i, c := range d.Constraints {
		if c.Kind == kind && len(c.Columns) == 1 && strings.EqualFold(c.Columns[0], column) {
			return &d.Constraints[i]
		}
	}
	return nil
}

// Column finds a column by its name, in any case; nil if there is none.
func (d *Definition) Column(name string) *Column {
	for i, c := range d.Columns {
		if strings.EqualFold(c.Name, name) {
			return &d.Columns[i]
		}
	}
	return nil
}

// add takes a constraint in. A column has one NOT NULL, DEFAULT, COLLATE and expression:
// the last one.
func (d *Definition) add(c Constraint) {
	switch c.Kind {
	case NotNull, Default, Collate, Generated, Strict, WithoutRowid:
		d.Constraints = slices.DeleteFunc(d.Constraints, func(o Constraint) bool {
			return o.Kind == c.Kind && slices.EqualFunc(o.Columns, c.Columns, strings.EqualFold)
		})
	}
	if c.Kind == Default && strings.EqualFold(c.Expr, "NULL") || c.Kind == Collate && strings.EqualFold(c.Expr, "BINARY") {
		return
	}
	d.Constraints = append(d.Constraints, c)
}

// column reads a column with its constraints.
func (d *Definition) column(r *reader) {
	col := Column{Name: r.name()}
	from := r.at
	for !r.end() && !r.columnConstraint() && !r.opens() {
		r.at++
	}
	if r.at > from && r.opens() {
		r.parenthesized()
	}
	col.Type = r.between(from, r.at)
	d.Columns = append(d.Columns, col)
	own := []string{col.Name}
	for !r.end() {
		switch {
		case r.take("CONSTRAINT"):
			r.at++
		case r.take("PRIMARY", "KEY"):
			c := Constraint{Kind: PrimaryKey, Columns: own, Descending: r.take("DESC")}
			r.take("ASC")
			c.Conflict = r.conflict()
			c.Autoincrement = r.take("AUTOINCREMENT")
			c.Collations = []string{""}
			d.add(c)
		case r.take("UNIQUE"):
			d.add(Constraint{Kind: Unique, Columns: own, Collations: []string{""}, Conflict: r.conflict()})
		case r.take("NOT", "NULL"):
			d.add(Constraint{Kind: NotNull, Columns: own, Conflict: r.conflict()})
		case r.take("DEFAULT"):
			d.add(Constraint{Kind: Default, Columns: own, Expr: r.value()})
		case r.take("COLLATE"):
			d.add(Constraint{Kind: Collate, Columns: own, Expr: r.name()})
		case r.take("GENERATED", "ALWAYS", "AS"), r.take("AS"):
			d.add(Constraint{Kind: Generated, Columns: own, Expr: r.parenthesized()})
		default:
			d.shared(r, own)
		}
	}
}

// table reads the constraints of the table that stand between two commas.
func (d *Definition) table(r *reader) {
	for !r.end() {
		switch {
		case r.take("CONSTRAINT"):
			r.at++
		case r.take("PRIMARY", "KEY"):
			c := r.terms(Constraint{Kind: PrimaryKey})
			c.Conflict = r.conflict()
			d.add(c)
		case r.take("UNIQUE"):
			c := r.terms(Constraint{Kind: Unique})
			c.Conflict = r.conflict()
			d.add(c)
		case r.take("FOREIGN", "KEY"):
			from := r.terms(Constraint{}).Columns
			if r.is("REFERENCES") {
				d.shared(r, from)
			}
		default:
			d.shared(r, nil)
		}
	}
}

// shared reads what a column and a table write alike, or passes over a token.
func (d *Definition) shared(r *reader, columns []string) {
	switch {
	case r.take("CHECK"):
		d.add(Constraint{Kind: Check, Expr: r.parenthesized()})
		r.conflict()
	case r.take("REFERENCES"):
		d.add(r.reference(columns))
	case r.is("NOT", "DEFERRABLE"), r.is("DEFERRABLE"): // after another constraint, it is about the last foreign key
		negated := r.take("NOT")
		r.at++
		deferred := r.take("INITIALLY", "DEFERRED")
		if !deferred {
			r.take("INITIALLY", "IMMEDIATE")
		}
		for i := len(d.Constraints) - 1; i >= 0; i-- {
			if d.Constraints[i].Kind == References {
				d.Constraints[i].Deferred = deferred && !negated
				break
			}
		}
	default:
		r.at++
	}
}

// reference reads what follows REFERENCES, but for DEFERRABLE.
func (r *reader) reference(columns []string) Constraint {
	c := Constraint{Kind: References, Columns: columns, Parent: r.name()}
	if r.opens() {
		c.To = r.terms(Constraint{}).Columns
	}
	for {
		switch {
		case r.take("ON", "DELETE"):
			c.OnDelete = r.action()
		case r.take("ON", "UPDATE"):
			c.OnUpdate = r.action()
		case r.take("ON", "INSERT"):
			r.action()
		case r.take("MATCH"): // which SQLite does not heed
			r.at++
		default:
			return c
		}
	}
}

func (r *reader) action() string {
	for _, action := range [...]string{"SET NULL", "SET DEFAULT", "CASCADE", "RESTRICT"} {
		if r.take(strings.Fields(action)...) {
			return action
		}
	}
	r.take("NO", "ACTION")
	return ""
}

// conflict reads ON CONFLICT.
func (r *reader) conflict() (how string) {
	if !r.take("ON", "CONFLICT") {
		return ""
	}
	if how = strings.ToUpper(r.name()); how == "ABORT" {
		return ""
	}
	return how
}

// terms reads columns in parentheses, with what may follow each.
func (r *reader) terms(c Constraint) Constraint {
	for r.opens() || r.comma() {
		r.at++
		c.Columns, c.Collations = append(c.Columns, r.name()), append(c.Collations, "")
		for !r.end() && !r.comma() && !r.closes() {
			switch {
			case r.take("COLLATE"):
				c.Collations[len(c.Collations)-1] = r.name()
			case r.take("AUTOINCREMENT"):
				c.Autoincrement = true
			case r.opens():
				r.parenthesized()
			default:
				r.at++
			}
		}
	}
	if r.closes() {
		r.at++
	}
	return c
}

package split

import "strings"

// ConstraintKind is what a constraint demands, by SQLite's word for it.
type ConstraintKind string

const (
	PrimaryKey   ConstraintKind = "PRIMARY KEY"
	Unique       ConstraintKind = "UNIQUE"
	NotNull      ConstraintKind = "NOT NULL"
	Default      ConstraintKind = "DEFAULT"
	Collate      ConstraintKind = "COLLATE"
	Check        ConstraintKind = "CHECK"
	References   ConstraintKind = "REFERENCES"
	Generated    ConstraintKind = "GENERATED ALWAYS AS"
	Strict       ConstraintKind = "STRICT"
	WithoutRowid ConstraintKind = "WITHOUT ROWID"
)

// Constraint is one of a table, in one form wherever it stands: as that of a column, of
// the table, or after the parentheses. The zero value of a field is SQLite's default.
type Constraint struct {
	Kind ConstraintKind

	// Columns are those it is about, without quotes: of CHECK those that the expression
	// names, of GENERATED ALWAYS AS the column alone.
	Columns []string

	// Collations are, of PRIMARY KEY and UNIQUE, those of the Columns; "" is the one that
	// the column has.
	Collations []string

	// Expr is, of DEFAULT, CHECK and GENERATED ALWAYS AS, the expression as it stands
	// there, without comments and without the parentheses around it; of COLLATE the name.
	Expr string

	Conflict      string // ROLLBACK, FAIL, IGNORE, REPLACE; "" for ABORT
	Autoincrement bool   // of PRIMARY KEY
	Descending    bool   // of PRIMARY KEY: the column itself says so, which then is no rowid

	Parent             string   // of REFERENCES
	To                 []string // columns of the parent; nil for its primary key
	OnDelete, OnUpdate string   // RESTRICT, SET NULL, SET DEFAULT, CASCADE; "" for NO ACTION
	Deferred           bool     // DEFERRABLE INITIALLY DEFERRED
}

// String returns the constraint as one would write it, on its own: UNIQUE (mail),
// n NOT NULL, REFERENCES p ON DELETE CASCADE. A foreign key of several columns begins
// with FOREIGN KEY.
func (c Constraint) String() string {
	switch c.Kind {
	case PrimaryKey, Unique:
		var terms []string
		for i, name := range c.Columns {
			if term := spell(name); i < len(c.Collations) && c.Collations[i] != "" {
				terms = append(terms, term+" COLLATE "+spell(c.Collations[i]))
			} else {
				terms = append(terms, term)
			}
		}
		text := string(c.Kind) + " (" + strings.Join(terms, ", ") + ")"
		if c.Autoincrement {
			text += " AUTOINCREMENT"
		}
		return text + c.onConflict()
	case NotNull:
		return spell(c.Columns[0]) + " NOT NULL" + c.onConflict()
	case Default:
		if c.simple() {
			return spell(c.Columns[0]) + " DEFAULT " + c.Expr
		}
		return spell(c.Columns[0]) + " DEFAULT (" + c.Expr + ")"
	case Collate:
		return spell(c.Columns[0]) + " COLLATE " + spell(c.Expr)
	case Check:
		return "CHECK (" + c.Expr + ")"
	case Generated:
		return spell(c.Columns[0]) + " GENERATED ALWAYS AS (" + c.Expr + ")"
	case References:
		if len(c.Columns) > 1 {
			return c.Foreign()
		}
		return c.reference()
	}
	return string(c.Kind)
}

// Foreign returns a foreign key with the columns that it is about, however many.
func (c Constraint) Foreign() string { return "FOREIGN KEY " + names(c.Columns) + " " + c.reference() }

func (c Constraint) reference() string {
	text := "REFERENCES " + spell(c.Parent)
	if c.To != nil {
		text += " " + names(c.To)
	}
	if c.OnDelete != "" {
		text += " ON DELETE " + c.OnDelete
	}
	if c.OnUpdate != "" {
		text += " ON UPDATE " + c.OnUpdate
	}
	if c.Deferred {
		text += " DEFERRABLE INITIALLY DEFERRED"
	}
	return text
}

func (c Constraint) onConflict() string {
	if c.Conflict == "" {
		return ""
	}
	return " ON CONFLICT " + c.Conflict
}

// simple reports whether a DEFAULT stands there without parentheses.
func (c Constraint) simple() bool {
	r := newReader([]byte(c.Expr))
	r.value()
	return r.end()
}

func names(list []string) string {
	spelled := make([]string, len(list))
	for i, name := range list {
		spelled[i] = spell(name)
	}
	return "(" + strings.Join(spelled, ", ") + ")"
}

// spell returns a name for a person to read, in quotes if it has other characters than
// letters and digits.
func spell(name string) string {
	if plain(name) {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

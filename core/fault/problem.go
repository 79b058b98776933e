package fault

// Problem is something wrong with a part of a database.
type Problem struct {
	Part  Part
	Text  string // "row 7 missing from index a_x"
	Times string // how often it was found: "3 times", "at least 100 times"; "": once
}

// Kind gives "integrity: row 7 missing from index a_x", however often it was found.
func (p Problem) Kind() string { return string(p.Part) + ": " + p.Text }

// String gives "integrity: CHECK constraint failed in t (3 times)".
func (p Problem) String() string {
	if p.Times == "" {
		return p.Kind()
	}
	return p.Kind() + " (" + p.Times + ")"
}

// MarshalText gives [Problem.String], so that a Problem is a string in JSON.
func (p Problem) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// Part is a part of a database that can be checked, by its name.
type Part string

// The parts, in the order in which they are checked.
const (
	Journal     Part = "journal"      // the files beside the database
	Integrity   Part = "integrity"    // pages, indexes and constraints
	ForeignKeys Part = "foreign keys" // rows without the parent that a foreign key wants
	FullText    Part = "full text"    // full-text tables whose rows are in another table, compared with it
	Version     Part = "version"      // the table _meta
	History     Part = "history"      // the table _meta_history
)

package fault

// Problem is a problem in a part of a database.
type Problem struct {
	Part  Part
	Text  string // "row 7 missing from index a_x"
	Times string // how often it was found: "3 times", "at least 100 times"; "": once
}

// Kind returns "integrity: row 7 missing from index a_x", however often it was found.
func (p Problem) Kind() string { return string(p.Part) + ": " + p.Text }

// String returns "integrity: CHECK constraint failed in t (3 times)".
func (p Problem) String() string {
	if p.Times == "" {
		return p.Kind()
	}
	return p.Kind() + " (" + p.Times + ")"
}

// MarshalText returns [Problem.String], so that a Problem is a string in JSON.
func (p Problem) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// Part is a part of a database that can be checked, by its name.
type Part string

// The parts, in the order in which they are checked.
const (
	Journal     Part = "journal"      // the files beside the database
	Integrity   Part = "integrity"    // pages, indexes and constraints
	ForeignKeys Part = "foreign keys" // rows without the parent that a foreign key requires
	FullText    Part = "full text"    // full-text tables, compared with the tables whose rows they index
	Version     Part = "version"      // the table _meta
	History     Part = "history"      // the table _meta_history
)

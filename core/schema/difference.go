package schema

import (
	"strings"

	"fastmigrate/core/visible"
)

// Difference is a table, index, view or trigger that differs from the schema that the
// migrations produce.
type Difference struct {
	Type       string `json:"type"`
	Name       string `json:"name"`
	Database   string `json:"in_database"`   // its SQL in the database; "" if it is not in the database
	Migrations string `json:"in_migrations"` // its SQL as the migrations create it; "" if they do not
	Changed    string `json:"changed_by"`    // the last migration that created, changed or removed it; "" if none did
}

// String returns "index users_name is only in the database", or "table users
// differs, last changed by 0003-phone.sql" with both texts.
func (d Difference) String() string {
	where, texts := "differs", "\n  in the database\n    "+strings.ReplaceAll(visible.Text(d.Database), "\n", "\n    ")+
		"\n  in the migrations\n    "+strings.ReplaceAll(visible.Text(d.Migrations), "\n", "\n    ")
	switch {
	case d.Migrations == "":
		where, texts = "is only in the database", ""
	case d.Database == "":
		where, texts = "is only in the migrations", ""
	}
	if d.Changed != "" {
		where += ", last changed by " + visible.Line(d.Changed)
	}
	return d.Type + " " + visible.Name(d.Name) + " " + where + texts
}

// The migration that makes the schema of a database that had none.

package upgrade

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fastmigrate/core/internal/directive"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/sqlite"
)

// initial returns the text of the migration that makes the schema of the open database.
func (d *Database) initial(c *sqlite.Conn) (string, error) {
	list, err := file.ManagedObjects(c, d.Opts.IgnoreTables)
	if err != nil {
		return "", d.Diagnose(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, initialHead+"%q on %s, as it was when the database was enrolled.\n", filepath.Base(d.Name), time.Now().Format(time.DateOnly))
	b.WriteString("-- It creates the same tables, indexes, views and triggers in a new database, but no\n-- rows: add those that the application needs.\n")
	for _, p := range []string{"application_id", "user_version"} {
		n, err := c.Int("PRAGMA " + p)
		if err != nil {
			return "", d.Diagnose(err)
		}
		if n != 0 {
			fmt.Fprintf(&b, "\nPRAGMA %s = %d;\n", p, n)
		}
	}
	for _, o := range list {
		sql, err := o.IfNotExists()
		if err != nil {
			return "", err
		}
		b.WriteString("\n" + sql)
	}
	return b.String(), nil
}

// sameInitial reports whether a file is the text of initial, perhaps written on another
// day: the first line has the date.
func sameInitial(file, text []byte) bool {
	head, file, _ := bytes.Cut(bytes.TrimPrefix(file, plan.BOM), []byte("\n"))
	_, text, _ = bytes.Cut(text, []byte("\n"))
	unchecked := withLine(text, 0, directive.NoForeignKeyCheck)
	return bytes.HasPrefix(head, []byte(initialHead)) && (plan.Checksum(file) == plan.Checksum(text) || plan.Checksum(file) == plan.Checksum(unchecked))
}

// withLine inserts a line after the first n of a text.
func withLine(text []byte, n int, line string) []byte {
	lines := bytes.SplitAfterN(text, []byte("\n"), n+1)
	return bytes.Join(slices.Insert(lines, n, []byte(line+"\n")), nil)
}

const initialHead = "-- The schema of "

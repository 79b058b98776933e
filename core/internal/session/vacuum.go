// The file that a VACUUM INTO makes.

package session

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"

	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/split"
)

// VacuumTarget is the absolute path of the file that step, a VACUUM INTO, would make; "" if step
// is none. Its name may be computed, so SQLite is asked: it attaches the file, which is
// refused.
func (x *Session) VacuumTarget(step plan.Step) string {
	if step.Specials[0].Kind != split.Vacuum || step.Specials[0].Explain {
		return ""
	}
	x.AttachName, x.probing = "", true
	x.AsScript(func() error {
		_, err := x.compiled.Run(step.Start)
		return err
	})
	x.probing = false
	if x.AttachName == "" || x.AttachName == ":memory:" {
		return ""
	}
	file, err := filepath.Abs(x.AttachName)
	if err != nil {
		return ""
	}
	return file
}

// CheckCopy reports why a file is not a complete copy of the database at version from, as
// VACUUM INTO makes it. Empty says that a VACUUM INTO was killed in the middle, of which
// SQLite leaves an empty file when it is opened.
func (x *Session) CheckCopy(file string, from int) (empty bool, err error) {
	const name = "fastmigrate_copy"
	if err := x.Conn.Exec("ATTACH ? AS "+name, file); err != nil {
		return false, err
	}
	defer func() { err = cmp.Or(err, x.Conn.Exec("DETACH "+name)) }()
	if pages, err := x.Conn.Int("PRAGMA " + name + ".page_count"); err != nil || pages == 0 {
		return err == nil, err
	}
	if said, err := x.Conn.Text("PRAGMA " + name + ".integrity_check(1)"); err != nil || said != "ok" {
		return false, cmp.Or(err, errors.New(said))
	}
	const schema = "SELECT type, name, tbl_name, sql FROM %s.sqlite_schema WHERE name NOT LIKE 'sqlite\\_%%' ESCAPE '\\'"
	here, there := fmt.Sprintf(schema, "main"), fmt.Sprintf(schema, name)
	other, err := x.Conn.Int("SELECT EXISTS (" + here + " EXCEPT " + there + ") OR EXISTS (" + there + " EXCEPT " + here + ")")
	if err != nil || other != 0 {
		return false, cmp.Or(err, errors.New("it has another schema"))
	}
	version, err := x.Conn.Int("SELECT version FROM " + name + "._meta")
	if err == nil && int(version) != from {
		err = fmt.Errorf("it is at version %d, not %d", version, from)
	}
	return false, err
}

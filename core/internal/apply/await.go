// How a run waits while another is applying a migration.

package apply

import (
	"cmp"
	"fmt"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/sqlite"
)

// awaitOthers waits while another process runs a migration above the version from, even one
// that this run does not know. It only reads, so that it blocks no one. Errors:
// [file.ErrVersionChanged] if the version is not from afterwards; [fault.ErrBusy] or
// [fault.ErrElsewhere] once the lock timeout is over.
func (r *Run) awaitOthers(c *sqlite.Conn, from int) error {
	deadline, told := time.Now().Add(r.LockTimeout()), false
	for {
		left, found, err := history.Unfinished(c, from)
		if err != nil {
			return r.Diagnose(err)
		}
		if !found || !history.HeldByOther(left) {
			return r.ExpectVersion(c, from)
		}
		who := fmt.Sprintf("pid %d on %s has been running %s since %s", left.Pid, left.Host, left.File, left.Started.Local().Format("15:04:05"))
		_, known := history.Alive(left)
		switch {
		case time.Now().After(deadline) && !known:
			return fault.New(left.File, fault.Of(fault.ErrElsewhere, "%s; this machine cannot check whether it still does", who))
		case time.Now().After(deadline):
			return fault.New("", fault.Of(fault.ErrBusy, "is locked: %s", who))
		case !told:
			r.Log().Warn("waiting: " + who)
			told = true
		}
		if err := c.Sleep(100 * time.Millisecond); err != nil {
			return err
		}
	}
}

// awaitOther waits for the process that left unfinished, and gives [file.ErrVersionChanged], so that
// the caller looks again; if that process has ended, it gives [Interrupted].
func (r *Run) awaitOther(c *sqlite.Conn, left history.Record, from int) error {
	if !history.HeldByOther(left) {
		return Interrupted(left, r.Name)
	}
	return cmp.Or(r.awaitOthers(c, from), file.ErrVersionChanged)
}

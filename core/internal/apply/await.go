// How a run waits while another one is at a migration that it is to apply.

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

// awaitOthers waits while another process runs a migration above the version from, also one
// that this run does not know. It only reads, so that it is in nobody's way.
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
			return fault.New(left.File, fault.Of(fault.ErrElsewhere, "%s; whether it still does cannot be known from here", who))
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

// awaitOther waits for what another process has begun, and then has its caller look
// again. What nobody is at any more is an error.
func (r *Run) awaitOther(c *sqlite.Conn, left history.Record, from int) error {
	if !history.HeldByOther(left) {
		return Interrupted(left, r.Name)
	}
	return cmp.Or(r.awaitOthers(c, from), file.ErrVersionChanged)
}

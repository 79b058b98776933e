// Full-text tables that index the rows of another table. To SQLite their check is an
// INSERT, so it is made on a private copy.

package check

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/fulltext"
	"fastmigrate/core/internal/session"
	"fastmigrate/core/internal/sqlite"
)

func (d *checker) checkFullText(ctx context.Context, c *sqlite.Conn, r *Report) error {
	list, err := fulltext.Tables(c)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return errNone
	}
	private, remove, err := d.private(ctx, c)
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, errNoPlace) {
		r.Notes = append(r.Notes, string(fault.FullText)+": not checked, because that needs a private copy: "+file.OneLine(err))
		return errNone
	}
	if err != nil {
		return err
	}
	defer remove()
	w, err := private.OpenWrite(ctx)
	if err != nil {
		return err
	}
	defer w.Close()
	err = private.Transact(w, func() error {
		for _, f := range list {
			if err := r.addFullText(w, f); err != nil {
				return err
			}
		}
		return session.ErrRollback
	})
	if err == session.ErrRollback {
		err = nil
	}
	return err
}

// addFullText adds what the check of a full-text table finds.
func (r *Report) addFullText(c *sqlite.Conn, f fulltext.Table) error {
	var broken *fulltext.Broken
	err := f.Check(c)
	switch {
	case err == nil:
		return nil
	case err == fulltext.ErrStale:
		r.problem(fault.FullText, fmt.Sprintf("%s does not match the rows of its content %s, so searches find wrong rows or none: %s repairs it", f.Name, f.Content, f.Rebuild()))
		return nil
	case errors.As(err, &broken):
		r.problem(fault.FullText, fmt.Sprintf("%v: %s", broken, broken.Mend()))
		return nil
	case !catalog.CannotCompile(err):
		return err
	}
	note := fmt.Sprintf("the table %s was not checked: %v", f.Name, err)
	if catalog.LacksExtension(err) {
		note = file.Unchecked{Table: f.Name, Why: err.Error()}.String()
	}
	if !slices.Contains(r.Notes, string(fault.Integrity)+": "+note) {
		r.Notes = append(r.Notes, string(fault.FullText)+": "+note)
	}
	return nil
}

var errNoPlace = errors.New("there is not enough space for it")

// private returns a database that may be written to, with the content that c sees: the
// database itself if it is private already, or a copy. Errors: ENOSPC, errNoPlace.
func (d *checker) private(ctx context.Context, c *sqlite.Conn) (_ *file.DB, remove func(), err error) {
	if d.IsTrial() {
		return d.DB, func() {}, nil
	}
	dir, err := file.ScratchDir(filepath.Dir(d.Path))
	if err != nil {
		return nil, nil, fault.Of(errNoPlace, "%v", err)
	}
	twin := d.WithPath(filepath.Join(dir, filepath.Base(d.Path)))
	if err := d.CopySnapshot(ctx, twin.Path, c, 0o600); err != nil {
		os.RemoveAll(dir)
		return nil, nil, err
	}
	return twin, func() { os.RemoveAll(dir) }, nil
}

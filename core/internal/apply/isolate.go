// How a program runs that must not touch the database itself: on a copy. The invariant:
// the original changes in one transaction, or not at all.

package apply

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/finding"
	"fastmigrate/core/internal/directive"
	"fastmigrate/core/internal/excuse"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/foreign"
	"fastmigrate/core/internal/fulltext"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/session"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/temp"
)

// isolation is one attempt to run a program on a copy.
type isolation struct {
	r       *Run
	m       naming.Migration
	text    []byte
	command []string
	from    int

	original *sqlite.Conn // holds the lock until the program has ended
	twin     *file.DB     // the copy
	rec      history.Record
	version  uint32       // of the original's data when it was copied
	made     *sqlite.Conn // the copy, checked and with its version; nil until then
	output   string
}

// applyIsolated runs a program on a private copy of the database, and only if it succeeds
// the copy's content, version included, becomes the original's in one transaction.
// Writers wait from the copy to the end; if one was faster, it starts again.
func (r *Run) applyIsolated(ctx context.Context, m naming.Migration, text []byte, command []string, from int) (a Done, err error) {
	for range 3 {
		i := &isolation{r: r, m: m, text: text, command: command, from: from}
		if a, err = i.apply(ctx); !errors.Is(err, file.ErrOvertaken) {
			break
		}
	}
	return a, err
}

func (i *isolation) apply(ctx context.Context) (a Done, err error) {
	r := i.r
	r.Watch.Begin(i.m.Name, "run", 0)
	dir, err := privateDir(filepath.Dir(r.Path))
	if err != nil {
		return a, err
	}
	defer os.RemoveAll(dir)
	i.twin = r.WithPath(filepath.Join(dir, filepath.Base(r.Path)))
	if i.original, err = r.OpenWrite(ctx); err != nil {
		return a, err
	}
	defer i.original.Close()
	if err := r.awaitOthers(i.original, i.from); err != nil {
		return a, err
	}
	i.rec = history.New(i.m.Version, i.m.Name, i.text, i.from)
	err = r.Transact(i.original, func() error { // only to keep writers out; nothing is written
		if err := i.runOnCopy(ctx); err != nil {
			return err
		}
		return session.ErrRollback // a COMMIT would count as a change, a ROLLBACK of nothing does not
	})
	if err != session.ErrRollback {
		if errors.Is(err, file.ErrVersionChanged) {
			return a, err
		}
		if e := (*fault.Error)(nil); errors.As(err, &e) {
			e.Output = i.output
			return a, e
		}
		return a, fault.New(i.m.Name, err).WithOutput(i.output)
	}
	defer i.made.Close()
	if err := SamePageSize(i.original, i.made, "the program changed the page size from %d to %d bytes"); err != nil {
		return a, fault.New(i.m.Name, err)
	}
	if err := r.ReplaceContent(i.original, i.made, i.version); err != nil {
		return a, fault.New(i.m.Name, err)
	}
	return Done{Applied: Applied{Migration: i.m, Duration: i.rec.Took}, Says: directive.Read(i.m.Kind(), i.text), Text: i.text}, nil
}

// runOnCopy copies the database, which is locked, and has the program change the copy.
func (i *isolation) runOnCopy(ctx context.Context) (err error) {
	r, twin := i.r, i.twin
	if _, _, err := r.claim(i.original, forIsolated, i.from, i.m); err != nil {
		return err
	}
	if i.version, err = i.original.DataVersion(); err != nil {
		return err
	}
	if err := r.CopyTo(ctx, twin.Path, 0o600); err != nil {
		return err
	}
	r.Watch.Phase("run")
	before := twin.Fingerprint()
	if i.output, err = r.execute(ctx, i.command, twin.Path, nil, func(int) error { return nil }); err != nil {
		return explainShell(i.m, i.text, i.command, err)
	}
	if err := twin.SameFile(before); err != nil {
		return fmt.Errorf("%v (it ran on a private copy)", err)
	}
	return i.finishCopy(ctx)
}

// privateDir makes a directory for a copy, beside the database: the disk is the same, and
// only its owner can read it.
func privateDir(parent string) (string, error) {
	dir, err := temp.Dir(parent, temp.Hidden)
	return dir, fault.WithoutPath(err)
}

// SamePageSize refuses what SQLite could not copy from b to a: in WAL mode, the size of
// the pages cannot change (https://sqlite.org/c3ref/backup_finish.html). Where is a format
// for the sizes of a and b. Errors: [fault.ErrPageSize].
func SamePageSize(a, b *sqlite.Conn, where string) error {
	mode, err := a.Text("PRAGMA journal_mode")
	if err != nil || mode != "wal" {
		return err
	}
	old, err := a.Int("PRAGMA page_size")
	if err != nil {
		return err
	}
	size, err := b.Int("PRAGMA page_size")
	if err == nil && size != old {
		err = fault.Of(fault.ErrPageSize, where+", which a database in WAL mode cannot take over", old, size)
	}
	return err
}

// checkDamage refuses damage of the copy t that the original does not have.
func checkDamage(twin *file.DB, t, original *sqlite.Conn) error {
	twin.Watch.Phase("check")
	now, err := session.Damage(t)
	if err != nil || len(now) == 0 {
		return twin.Diagnose(err)
	}
	before, err := session.Damage(original)
	if what := session.NewDamage(now, before); what != "" && err == nil {
		return fault.Of(fault.ErrRefused, "the program left a damaged database: %s", what)
	}
	return err
}

// finishCopy checks what the program made of the copy, gives it its version and leaves it
// open, to be read from.
func (i *isolation) finishCopy(ctx context.Context) error {
	twin := i.twin
	t, err := twin.OpenWrite(ctx)
	if errors.Is(err, fault.ErrCorrupt) || errors.Is(err, fault.ErrNotDatabase) {
		return fault.Of(fault.ErrRefused, "the program left a database that %v", err)
	}
	if err != nil {
		return err
	}
	err = twin.Transact(t, func() error {
		if err := findTampering(twin, t, i.from); err != nil {
			return err
		}
		if err := sameRecords(i.original, t); err != nil {
			return err
		}
		if err := i.checkKeys(t); err != nil {
			return err
		}
		if err := checkFullText(t, i.original); err != nil {
			if !directive.Read(i.m.Kind(), i.text).Accepted(finding.FTS, -1, -1) || !errors.Is(err, fault.ErrStaleText) {
				return err
			}
			i.r.WarnOnce(i.m.Name + ": " + err.Error())
		}
		return i.r.commitVersion(twin, t, &i.rec, i.from)
	})
	if err == nil {
		err = checkDamage(twin, t, i.original)
	}
	if err != nil {
		t.Close()
		return err
	}
	i.made = t
	return nil
}

// checkKeys refuses violations of foreign keys in the copy that the original does not
// have, unless they are permitted.
func (i *isolation) checkKeys(t *sqlite.Conn) error {
	if i.r.Opts.NoForeignKeyCheck || directive.Read(i.m.Kind(), i.text).Unchecked {
		return nil
	}
	before, err := foreign.ReadOrphans(i.original)
	if err != nil {
		return err
	}
	now := excuse.ForeignKeys{DB: i.twin, Scripts: []*plan.Script{{Name: i.rec.File}}, Keys: foreign.Keys{Conn: t, Known: before}}
	err = now.CheckAll()
	if v := (*excuse.Failure)(nil); errors.As(err, &v) {
		return v.Unwrap()
	}
	return err
}

// checkFullText refuses a copy with a full-text table that does not fit its content, unless
// it is so in the original too. Both are in a transaction. It costs nothing if the program
// left the schema alone, whose version every change and VACUUM raise.
func checkFullText(twin, original *sqlite.Conn) error {
	const version = "PRAGMA main.schema_version"
	was, err := original.Int(version)
	if err != nil {
		return err
	}
	if now, err := twin.Int(version); err != nil || now == was {
		return err
	}
	list, err := fulltext.Tables(twin)
	if err != nil {
		return err
	}
	for _, f := range list {
		stale, err := f.Stale(twin)
		if err != nil {
			return err
		}
		if !stale {
			continue
		}
		if before, err := f.Stale(original); err != nil {
			return err
		} else if !before {
			return fault.Of(fault.ErrStaleText, "%s: the program has to run %s, or %s", f.Misfit(), f.Rebuild(), fulltext.Prevention)
		}
	}
	return nil
}

// sameRecords refuses a program that changed our tables in its copy: the change would
// replace the history in the original.
func sameRecords(original, twin *sqlite.Conn) error {
	for _, table := range plan.Guarded {
		if t, err := history.FindTable(original, table); err != nil {
			return err
		} else if table != "_meta" && t.Theirs() {
			continue
		}
		was, err := dumpTable(original, table)
		if err != nil {
			return err
		}
		now, err := dumpTable(twin, table)
		if err != nil {
			return err
		}
		if !slices.Equal(was, now) {
			return fault.Of(fault.ErrRefused, "the program changed the table %s, which only the migrator may change", table)
		}
	}
	return nil
}

// dumpTable returns the schema of a table of ours, and its rows, each as one text.
func dumpTable(c *sqlite.Conn, table string) (list []string, err error) {
	note := func(s *sqlite.Stmt) error {
		var b strings.Builder
		for i := range s.Columns() {
			fmt.Fprintf(&b, "%#v\n", s.Value(i))
		}
		list = append(list, b.String())
		return nil
	}
	err = c.Query(note, "SELECT type, name, sql FROM main.sqlite_master WHERE name = ?1 COLLATE NOCASE OR tbl_name = ?1 COLLATE NOCASE ORDER BY type, name", table)
	if t, e := history.FindTable(c, table); e != nil || err != nil || t.Kind != "table" {
		return list, errors.Join(err, e)
	}
	return list, c.Query(note, "SELECT * FROM main."+table+" ORDER BY 1")
}

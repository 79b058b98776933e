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
	"fastmigrate/core/internal/directive"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/foreign"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/session"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/temp"
)

// applyIsolated runs a program on a private copy of the database, and only if
// it succeeds the copy's content, version included, becomes the original's in
// one transaction. Writers wait from the copy to the end.
func (r *Run) applyIsolated(ctx context.Context, m naming.Migration, text []byte, command []string, from int) (a Done, err error) {
	for range 3 {
		if a, err = r.applyIsolatedOnce(ctx, m, text, command, from); !errors.Is(err, file.ErrOvertaken) {
			break
		}
	}
	return a, err
}

func (r *Run) applyIsolatedOnce(ctx context.Context, m naming.Migration, text []byte, command []string, from int) (a Done, err error) {
	r.Watch.Begin(m.Name, "run", 0)
	dir, err := privateDir(filepath.Dir(r.Path))
	if err != nil {
		return a, err
	}
	defer os.RemoveAll(dir)
	twin := r.WithPath(filepath.Join(dir, filepath.Base(r.Path)))
	c, err := r.OpenWrite(ctx)
	if err != nil {
		return a, err
	}
	defer c.Close()

	if err := r.awaitOthers(c, from); err != nil {
		return a, err
	}
	rec := history.New(m.Version, m.Name, text, from)
	var seen uint32
	var output string
	var t *sqlite.Conn
	err = r.Transact(c, func() error { // only to keep writers out; nothing is written
		if _, _, err := r.claim(c, forIsolated, from, m); err != nil {
			return err
		}
		if seen, err = c.DataVersion(); err != nil {
			return err
		}
		if err := r.CopyTo(ctx, twin.Path, 0o600); err != nil {
			return err
		}
		r.Watch.Phase("run")
		before := twin.Fingerprint()
		if output, err = r.execute(ctx, command, twin.Path, func(int) error { return nil }); err != nil {
			return explainShell(m, text, command, err)
		}
		if err := twin.SameFile(before); err != nil {
			return fmt.Errorf("%v (of which it had a private copy)", err)
		}
		if t, err = finishCopy(ctx, twin, r, c, &rec, from, directive.Read(m.Kind(), text).Unchecked); err != nil {
			return err
		}
		return session.ErrRollback // a COMMIT would count as a change, a ROLLBACK of nothing does not
	})
	if err != session.ErrRollback {
		if errors.Is(err, file.ErrVersionChanged) {
			return a, err
		}
		if e := (*fault.Error)(nil); errors.As(err, &e) {
			e.Output = output
			return a, e
		}
		return a, fault.New(m.Name, err).WithOutput(output)
	}
	defer t.Close()
	if err := SamePageSize(c, t, "the program changed the page size from %d to %d bytes"); err != nil {
		return a, fault.New(m.Name, err)
	}
	if err := r.ReplaceContent(c, t, seen); err != nil {
		return a, fault.New(m.Name, err)
	}
	return Done{Applied: Applied{Migration: m, Duration: rec.Took}}, nil
}

// privateDir makes a directory for a copy beside the database: there is room for
// a second one, and nobody sees what they could not see before.
func privateDir(parent string) (string, error) {
	dir, err := temp.Dir(parent, temp.Hidden)
	return dir, fault.WithoutPath(err)
}

// SamePageSize refuses what SQLite could not copy back: in WAL mode, the size of
// the pages stays (https://sqlite.org/c3ref/backup_finish.html). Where names the
// two sizes.
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

// checkDamage refuses damage that the original does not have.
func checkDamage(twin *file.DB, t, original *sqlite.Conn) error {
	twin.Watch.Phase("check")
	now, err := session.Damage(t)
	if err != nil || len(now) == 0 {
		return twin.Diagnose(err)
	}
	before, err := session.Damage(original)
	if what := session.NewDamage(now, before); what != "" && err == nil {
		return fault.Of(fault.ErrRefused, "the program left a database that is damaged: %s", what)
	}
	return err
}

// finishCopy checks what the program made of the copy, gives it its version and
// returns it open, to be read from.
func finishCopy(ctx context.Context, twin *file.DB, r *Run, original *sqlite.Conn, rec *history.Record, from int, unchecked bool) (*sqlite.Conn, error) {
	t, err := twin.OpenWrite(ctx)
	if errors.Is(err, fault.ErrCorrupt) || errors.Is(err, fault.ErrNotDatabase) {
		return nil, fault.Of(fault.ErrRefused, "the program left a database that %v", err)
	}
	if err != nil {
		return nil, err
	}
	err = twin.Transact(t, func() error {
		if err := findTampering(twin, t, from); err != nil {
			return err
		}
		if err := sameRecords(original, t); err != nil {
			return err
		}
		if !r.Opts.NoForeignKeyCheck && !unchecked {
			before, err := foreign.ReadOrphans(original)
			if err != nil {
				return err
			}
			now := session.ForeignKeys{DB: twin, Scripts: []*plan.Script{{Name: rec.File}}, Keys: foreign.Keys{Conn: t, Known: before}}
			var v *session.CheckFailure
			if err := now.CheckAll(); errors.As(err, &v) {
				return v.Unwrap()
			} else if err != nil {
				return err
			}
		}
		return r.commitVersion(twin, t, rec, from)
	})
	if err == nil {
		err = checkDamage(twin, t, original)
	}
	if err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

// sameRecords reports a program that changed our tables in its copy, from which
// they would get into the original, where all that is known of the past is.
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
			return fault.Of(fault.ErrRefused, "the program changed the table %s, which only the migrator may", table)
		}
	}
	return nil
}

// dumpTable is what makes a table of ours, and its rows, each in one text.
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

package core

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/visible"
)

// Result is what RunMigrations did.
type Result struct {
	From    int       `json:"from"`             // the version before
	To      int       `json:"to"`               // the version now
	Applied []Applied `json:"applied"`          // what this call applied, in order
	Backup  string    `json:"backup,omitempty"` // path of the backup, if one was made
}

// Applied is one migration that was applied.
type Applied struct {
	Migration
	Duration   time.Duration `json:"nanoseconds"` // as the history has it: in milliseconds, without the COMMIT
	Rows       int64         `json:"rows"`        // inserted, updated and deleted; 0 for programs, of which it is not known
	Statements int           `json:"statements"`  // of a .sql
	Steps      bool          `json:"steps"`       // a .sql, or a backfill, that could not be one transaction

	// Skipped is the program that a Trial passed over; nil: nothing was.
	Skipped []string `json:"skipped,omitempty"`

	seen Witness // nil of a program, or if there was none
}

// String is a line for a person: the name, and how long it took.
func (a Applied) String() string {
	if a.Skipped != nil {
		return fmt.Sprintf("%-40s not run: %s", visible.Line(a.Name), visible.Line(strings.Join(a.Skipped, " ")))
	}
	return fmt.Sprintf("%-40s %8s", visible.Line(a.Name), a.Took())
}

// Took is how long it took, as precisely as a person cares for.
func (a Applied) Took() string {
	d := a.Duration
	switch {
	case d < 10*time.Millisecond:
		d = d.Round(10 * time.Microsecond)
	case d < time.Second:
		d = d.Round(time.Millisecond)
	default:
		d = d.Round(10 * time.Millisecond)
	}
	return d.String()
}

// run is one call of RunMigrations.
type run struct {
	*database
	fsys fs.FS
	temp string // directory that holds the programs of fsys, if it is not on disk

	knowing bool // what was wrong before a migration has to be looked for
}

// RunMigrations applies the migrations of fsys above the version of the database
// at path, in order, and stops at the first that fails: those before it stay
// applied, it leaves nothing behind, and the Result says so also beside an
// error. Several processes may do so at once: each migration is applied by one.
// After many changes it brings the statistics of the query planner up to date,
// if there are any, and truncates a large write-ahead log, if nobody reads it.
//
// The error is an *fault.Error with the place in the migration. Beside the causes of
// Version: ErrHistory, ErrRecord, ErrRefused, ErrInterrupted, ErrForeignKey, ErrDuplicate,
// ErrAhead, ErrMissing, ErrEdited, ErrOutOfOrder, ErrNoMigrations, ErrReadOnly,
// context.Canceled, or what SQLite or the program said.
func RunMigrations(ctx context.Context, path string, fsys fs.FS, o Options) (result Result, err error) {
	defer wrap(&err, "migrate", path)
	defer func() {
		if e := (*fault.Error)(nil); errors.As(err, &e) {
			e.Shown = e.Output != "" && o.Output != nil
		}
	}()
	if o.Backup && o.Hold == nil {
		o.Hold = &Hold{}
		defer o.Hold.Close()
	}
	d, err := newDatabase(ctx, path, o)
	if err != nil {
		return result, err
	}
	defer d.watched()()
	r := &run{database: d, fsys: fsys}
	defer func() { r.tidy(ctx, result.Applied) }()
	defer func() {
		if r.temp != "" {
			os.RemoveAll(r.temp)
		}
	}()
	now, err := r.look(ctx)
	if err != nil {
		return result, err
	}
	d.unrecorded(now.table)
	result.From, result.To = now.version, now.version
	defer func() {
		if err == nil || errors.Is(err, errGone) {
			return
		}
		e := (*fault.Error)(nil)
		if !errors.As(err, &e) {
			e = fault.New("", err)
			err = e
		}
		if e.Version = r.versionNow(ctx); e.Version >= 0 {
			result.To = e.Version
		}
		r.hindsight(ctx, err)
	}()
	list, misnamed, err := o.Migrations(fsys)
	if err != nil {
		return result, err
	}
	if err := unrecognised(now.version, list, misnamed); err != nil {
		return result, err
	}
	for _, line := range reasons(misnamed) {
		o.log().Warn("no migration: " + line)
	}
	if err := r.reachable(list, now.version, now.left); err != nil {
		return result, err
	}
	late, err := r.agree(ctx, now, list)
	if err != nil {
		return result, err
	}
	observed := false
	for moved := 0; ; {
		pending := after(list, result.To, o.To)
		if now.left == nil {
			pending = slices.Concat(late, pending)
		} else { // what was begun goes first
			pending = slices.Concat(pending, late)
		}
		if len(pending) == 0 {
			return result, nil
		}
		if o.Observer != nil && !observed {
			end, err := o.Observer.Run(ctx, d.target())
			if err != nil {
				return result, err
			}
			defer end()
			observed = true
		}
		if o.Backup && result.Backup == "" {
			b, err := r.backup(ctx)
			if err != nil {
				return result, fmt.Errorf("nothing was migrated, as the backup did not succeed: %w", err)
			}
			r.prune(ctx, b)
			result.Backup = b.Path
			if o.OnBackup != nil {
				d.o.watch.call(func() { o.OnBackup(b) })
			}
		}
		applied, err := r.next(ctx, pending, result.To)
		switch {
		case errors.Is(err, errMoved): // another process was faster; see how far it is
			was := now
			if now, err = r.look(ctx); err != nil {
				return result, err
			}
			result.To = now.version
			if late, err = r.agree(ctx, now, list); err != nil {
				return result, err
			}
			if now.version != was.version || len(now.history) != len(was.history) || fmt.Sprint(now.left) != fmt.Sprint(was.left) {
				moved = 0
			} else if moved++; moved > 100 {
				return result, errors.New("its version does not stay what it was set to, and nobody else is seen to change it")
			}
			continue
		case err != nil:
			return result, err
		}
		now.left = nil
		for _, a := range applied {
			seen := a.seen
			a.seen = nil // which has the connection
			result.To = max(result.To, a.Version)
			late = slices.DeleteFunc(late, func(m Migration) bool { return m.Version == a.Version })
			result.Applied = append(result.Applied, a)
			if o.Observer != nil {
				if err := o.Observer.Applied(ctx, d.target(), a, seen); err != nil {
					return result, err
				}
			}
			if o.OnApplied != nil {
				d.o.watch.call(func() { o.OnApplied(a) })
			}
		}
	}
}

// versionNow reads the version after a failure, which may be another than what was
// meant or known; -1 if it cannot be read.
func (d *database) versionNow(ctx context.Context) int {
	here := *d
	here.o.LockTimeout = time.Second
	c, err := here.readOrRepair(context.WithoutCancel(ctx))
	if err != nil {
		return -1
	}
	defer c.Close()
	v, err := here.version(c)
	if err != nil {
		return -1
	}
	return v
}

// look reads how the database stands, once a program that was killed and changed
// nothing is pending again.
func (r *run) look(ctx context.Context) (survey, error) {
	r.undone = r.undone || r.hot()
	now, err := r.database.look(ctx)
	if err != nil || now.idle == nil {
		return now, err
	}
	if err := r.release(ctx, *now.idle); err != nil {
		return now, err
	}
	return r.database.look(ctx)
}

// look reads how the database stands.
func (d *database) look(ctx context.Context) (survey, error) {
	c, err := d.readOrRepair(ctx)
	if err != nil {
		return survey{}, err
	}
	defer c.Close()
	return d.survey(c)
}

// agree refuses to migrate where history and files do not agree, and gives the
// migrations to apply out of order. Names tell all but what was edited: that is
// only asked if there is something to apply, as to read all files at every start
// of an application would take too long.
func (r *run) agree(ctx context.Context, now survey, list []Migration) (late []Migration, err error) {
	s, err := now.compare(ctx, list, r.fsys, false)
	if err == nil && (s.has(StateOutOfOrder) || len(after(list, now.version, r.o.To)) > 0) {
		s, err = now.compare(ctx, list, r.fsys, true)
	}
	if err != nil {
		return nil, err
	}
	for _, problem := range s.refusals(r.o) {
		return nil, problem
	}
	for _, m := range s.in(StateOutOfOrder) {
		late = append(late, m.Migration)
	}
	return late, nil
}

// reachable reports what makes a run pointless before it begins.
func (r *run) reachable(list []Migration, version int, left *history.Record) error {
	if left != nil {
		if _, err := find(list, left.Version); err != nil {
			return interrupted(*left, r.name)
		}
	}
	if r.o.To == 0 || r.o.To == version {
		return nil
	}
	if r.o.To < version {
		return fault.Of(fault.ErrBackwards, "it is at version %d, and migrations do not run backwards to %d", version, r.o.To)
	}
	_, err := find(list, r.o.To)
	return err
}

// next applies the first of the pending migrations, or all with Options.Atomic.
func (r *run) next(ctx context.Context, pending []Migration, from int) (applied []Applied, err error) {
	err = r.judged(ctx, func() error {
		applied, err = r.apply(ctx, pending, from)
		return err
	})
	return applied, err
}

// judged calls do, and if it finds what is wrong calls it again, to find what was
// wrong before too. To ask first would cost every migration a look at all rows with
// foreign keys.
func (r *run) judged(ctx context.Context, do func() error) error {
	r.knowing = false
	err := do()
	var v *violated
	if errors.As(err, &v) && v.before != nil {
		c, e := r.read(ctx)
		if e != nil {
			return e
		}
		r.knowing, e = v.before(c)
		c.Close()
		if e != nil {
			return r.diagnose(e)
		}
		if r.knowing {
			err = do()
		}
	}
	if errors.As(err, &v) {
		err = v.error
	}
	return err
}

func (r *run) apply(ctx context.Context, pending []Migration, from int) ([]Applied, error) {
	if r.o.Atomic {
		return r.applyTogether(ctx, pending, from)
	}
	m := pending[0]
	apply := r.applySQL
	switch r.o.way(m.Kind()) {
	case byProgram:
		apply = r.applyProgram
	case byRunner:
		return r.applyTogether(ctx, pending[:1], from)
	}
	a, err := apply(ctx, m, from)
	if err != nil {
		var e *fault.Error
		if !errors.As(err, &e) && !errors.Is(err, errMoved) {
			err = fault.New(m.Name, err)
		}
		return nil, err
	}
	r.o.log().Debug("applied", "file", m.Name, "version", m.Version, "duration", a.Duration)
	return []Applied{a}, nil
}

// interrupted says what an earlier run left.
func interrupted(left history.Record, name string) error {
	since := left.Started.Local().Format("2006-01-02 15:04:05")
	state, what := fault.ErrInterrupted, fmt.Sprintf("pid %d on %s began it at %s and never finished", left.Pid, left.Host, since)
	switch {
	case left.Position > 0:
		state, what = fault.ErrPartly, fmt.Sprintf("a part of it is applied, since %s", since)
	case left.State == history.Failed:
		what = fmt.Sprintf("it failed at %s, after %s had been changed", since, name)
	}
	return fault.New(left.File, fault.Of(state, "an earlier run was interrupted: %s", what))
}

package core

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
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

	// Skipped is the program that a Trial did not run; nil if there is none.
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
// ErrAhead, ErrMissing, ErrEdited, ErrOutOfOrder, fault.ErrNoMigrations, ErrReadOnly,
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
	if err := naming.Unrecognised(now.version, list, misnamed); err != nil {
		return result, err
	}
	for _, line := range naming.Reasons(misnamed) {
		d.log().Warn("no migration: " + line)
	}
	if err := reachable(list, now, d.name, o.To); err != nil {
		return result, err
	}
	todo, err := decide(now, list, sums(ctx, fsys), d.o)
	if err != nil {
		return result, err
	}
	observed := false
	for moved := 0; ; {
		pending := todo.list()
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
				d.watch.call(func() { o.OnBackup(b) })
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
			if todo, err = decide(now, list, sums(ctx, fsys), d.o); err != nil {
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
		for _, a := range applied {
			seen := a.seen
			a.seen = nil // which has the connection
			result.To = max(result.To, a.Version)
			todo.done(a.Version)
			result.Applied = append(result.Applied, a)
			if o.Observer != nil {
				if err := o.Observer.Applied(ctx, d.target(), a, seen); err != nil {
					return result, err
				}
			}
			if o.OnApplied != nil {
				d.watch.call(func() { o.OnApplied(a) })
			}
		}
	}
}

// versionNow reads the version after a failure, which may be another than what was
// meant or known; -1 if it cannot be read.
func (d *database) versionNow(ctx context.Context) int {
	here := d.within(time.Second)
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
	return d.survey(ctx, c)
}

// next applies the first of the pending migrations, or all with Options.Atomic.
func (r *run) next(ctx context.Context, pending []naming.Migration, from int) (applied []Applied, err error) {
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

func (r *run) apply(ctx context.Context, pending []naming.Migration, from int) ([]Applied, error) {
	if r.o.Atomic {
		return r.applyTogether(ctx, pending, from)
	}
	m := pending[0]
	apply := r.applySQL
	switch r.o.kinds().Way(m.Kind()) {
	case naming.Program:
		apply = r.applyProgram
	case naming.Runner:
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
	r.log().Debug("applied", "file", m.Name, "version", m.Version, "duration", a.Duration)
	return []Applied{a}, nil
}

// interrupted says what an earlier run left.
func interrupted(left history.Record, name string) error {
	since := left.Started.Local().Format("2006-01-02 15:04:05")
	state, what := fault.ErrInterrupted, fmt.Sprintf("pid %d on %s began it at %s and never finished", left.Pid, left.Host, since)
	switch {
	case left.Position > 0:
		state, what = fault.ErrPartly, fmt.Sprintf("a part of it is applied, since %s", since)
	case wayOf(left) != naming.Program:
		state = fault.ErrPartly
	case left.State == history.Failed:
		what = fmt.Sprintf("it failed at %s, after %s had been changed", since, name)
	}
	return fault.New(left.File, fault.Of(state, "an earlier run was interrupted: %s", what))
}

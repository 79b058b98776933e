// How a .py or .sh migration runs: as a program of its own, which no transaction
// of ours can hold. So the history says that it runs before it does, and a run
// that ended in between is found by the next.

package core

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"time"

	"fastmigrate/core/internal/sqlite"
)

// applyProgram applies one .py or .sh migration to a database that is at
// version from.
func (r *run) applyProgram(ctx context.Context, m Migration, from int) (Applied, error) {
	text, err := fs.ReadFile(r.fsys, m.Name)
	if err != nil {
		return Applied{}, cause(err)
	}
	command, err := r.command(m)
	if err != nil {
		return Applied{}, err
	}
	if r.o.Isolated || isolated(text) {
		return r.applyIsolated(ctx, m, text, command, from)
	}
	if r.o.NoHistory {
		return Applied{}, sayf(ErrRefused, "without a history a program has to be isolated, or nobody would notice if it ended in the middle")
	}
	rec := newRecord(m, checksum(text))
	if err := r.claim(ctx, &rec, from); err != nil {
		return Applied{}, err
	}
	before := r.fingerprint()
	output, runErr := r.execute(ctx, command, r.path)
	// What happened has happened: from here on it is recorded, whatever ctx says.
	ctx = context.WithoutCancel(ctx)
	if err := r.sameFile(before); err != nil {
		return Applied{}, &Error{File: m.Name, Output: output, Err: err}
	}
	left := r.fingerprint().state == before.state
	c, err := r.write(ctx)
	if err != nil {
		return Applied{}, &Error{File: m.Name, Output: output, Err: errors.Join(runErr, err)}
	}
	defer c.Close()
	err = r.transact(c, func() error {
		if runErr == nil {
			runErr = r.tampered(c, from)
		}
		switch {
		case runErr == nil:
			return r.settle(c, rec, from)
		case left:
			return forget(c, m.Version)
		}
		if e := r.tampered(c, from); e != nil {
			r.o.log().Warn(e.Error())
		}
		rec.state = failed
		return rec.write(c, r.o)
	})
	switch {
	case runErr != nil && !left:
		runErr = &changed{runErr}
		fallthrough
	case runErr != nil || err != nil:
		return Applied{}, &Error{File: m.Name, Output: output, Err: errors.Join(runErr, r.diagnose(err))}
	}
	return Applied{Migration: m, Duration: time.Since(rec.started)}, nil
}

// changed is the failure of a program that changed the database first: only a
// person can tell whether it may run again.
type changed struct{ err error }

func (e *changed) Error() string {
	return e.err.Error() + ", after the database had been changed"
}
func (e *changed) Unwrap() []error { return []error{e.err, ErrInterrupted} }

// command is how the migration is run, up to the path of the database.
func (r *run) command(m Migration) ([]string, error) {
	file, err := r.onDisk(m.Name)
	if err != nil {
		return nil, err
	}
	if m.Kind() == "sh" {
		if r.o.Shell != "" {
			return []string{r.o.Shell, file}, nil
		}
		return []string{"sh", file}, nil
	}
	return []string{r.python(), file}, nil
}

func (r *run) python() string {
	if r.o.Python != "" {
		return r.o.Python
	}
	name, dir := "python3", "bin"
	if runtime.GOOS == "windows" {
		name, dir = "python", "Scripts"
	}
	if venv := os.Getenv("VIRTUAL_ENV"); venv != "" {
		for _, n := range []string{"python", name} {
			if p := filepath.Join(venv, dir, n); executable(p) {
				return p
			}
		}
	}
	return name
}

func executable(path string) bool {
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// onDisk gives the path of a file of fsys. Where fsys is no directory, as with
// embed.FS, all of it is written to a temporary one, so that a program finds
// what lies beside it.
func (r *run) onDisk(name string) (string, error) {
	f, err := r.fsys.Open(name)
	if err != nil {
		return "", cause(err)
	}
	defer f.Close()
	if file, ok := f.(*os.File); ok {
		if path, err := filepath.Abs(file.Name()); err == nil {
			a, errA := os.Stat(path)
			b, errB := f.Stat()
			if errA == nil && errB == nil && os.SameFile(a, b) {
				return path, nil
			}
		}
	}
	if r.temp == "" {
		dir, err := os.MkdirTemp("", "fastmigrate-*")
		if err != nil {
			return "", err
		}
		r.temp = dir
		if err := os.CopyFS(dir, r.fsys); err != nil {
			return "", err
		}
	}
	return filepath.Join(r.temp, name), nil
}

var isolate = regexp.MustCompile(`(?m)^\s*#\s*fastmigrate:\s*isolated\s*$`)

// isolated reports whether a program asks to be, in a comment in its first lines.
func isolated(text []byte) bool {
	at := 0
	for range 10 {
		n := bytes.IndexByte(text[at:], '\n')
		if n < 0 {
			at = len(text)
			break
		}
		at += n + 1
	}
	return isolate.Match(text[:at])
}

// claim records that this process runs the program. While another does, it
// waits.
func (r *run) claim(ctx context.Context, rec *record, from int) error {
	c, err := r.write(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	deadline, told := time.Now().Add(r.o.wait()), false
	for {
		var left record
		var found bool
		err := r.transact(c, func() (err error) {
			if err := r.expect(c, from); err != nil {
				return err
			}
			if left, found, err = unfinished(c, from); err != nil || found {
				return r.diagnose(err)
			}
			rec.started = time.Now()
			return r.diagnose(rec.write(c, r.o))
		})
		if err != nil || !found {
			return err
		}
		alive, known := left.alive()
		if left.version != rec.version || left.state == failed || known && !alive {
			return left.interrupted(r.name)
		}
		who := fmt.Sprintf("pid %d on %s has been running %s since %s", left.pid, left.host, left.file,
			left.started.Local().Format("15:04:05"))
		if time.Now().After(deadline) {
			if !known {
				return sayf(ErrInterrupted, "%s, as far as can be known from here", who)
			}
			return sayf(ErrBusy, "is locked: %s", who)
		}
		if !told {
			r.o.log().Warn("waiting: " + who)
			told = true
		}
		for found {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(100 * time.Millisecond):
			}
			if err := r.expect(c, from); err != nil {
				return err
			}
			if left, found, err = unfinished(c, from); err != nil {
				return r.diagnose(err)
			}
			if alive, known := left.alive(); left.state == failed || known && !alive || time.Now().After(deadline) {
				break
			}
		}
	}
}

// fingerprint tells whether the files of a database were changed or replaced.
type fingerprint struct {
	info  fs.FileInfo
	state string
}

func (d *database) fingerprint() fingerprint {
	var f fingerprint
	for _, suffix := range []string{"", "-wal", "-journal"} {
		info, err := os.Stat(d.path + suffix)
		if err != nil {
			f.state += " -"
			continue
		}
		if suffix == "" {
			f.info = info
		}
		if suffix == "" || info.Size() > 0 {
			f.state += fmt.Sprintf(" %d@%d", info.Size(), info.ModTime().UnixNano())
		}
	}
	// A file system's clock ticks: what is written within a tick has one time.
	time.Sleep(10 * time.Millisecond)
	return f
}

func (d *database) sameFile(before fingerprint) error {
	now, err := os.Stat(d.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return sayf(ErrInterrupted, "the program removed the database file %s", d.name)
	case err != nil:
		return cause(err)
	case before.info != nil && !os.SameFile(before.info, now):
		return sayf(ErrInterrupted, "the program put another file in the place of %s: what it was is gone, and whoever has it open still uses it. A program must change the database through SQLite", d.name)
	}
	return nil
}

// tampered reports whether the version is not the one from which the program
// was run, and puts it back.
func (d *database) tampered(c *sqlite.Conn, from int) error {
	now, err := d.version(c)
	if err == nil && now == from {
		return nil
	}
	what := fmt.Sprintf("set the version to %d", now)
	switch {
	case errors.Is(err, ErrUnversioned):
		what, err = "removed the table _meta", c.Exec(createMeta)
	case errors.Is(err, ErrMeta):
		what, err = "spoilt the table _meta", nil
	case err != nil:
		return err
	}
	err = errors.Join(err, c.Exec("DELETE FROM main._meta"), c.Exec("INSERT INTO main._meta (id, version) VALUES (1, ?)", from))
	if err != nil {
		return err
	}
	return sayf(ErrRefused, "the program %s itself, which only the migrator may: it is back at %d", what, from)
}

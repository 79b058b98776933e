package cli

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"fastmigrate/builtins/cli/internal/live"
	"fastmigrate/core"
	"fastmigrate/core/visible"
)

// progress gives what shows how far a long operation is: on a terminal in a line
// that changes, elsewhere in the log.
func (a *app) progress() func(core.Progress) {
	line, terminal := a.err.(*live.Line)
	switch {
	case a.Quiet:
		return nil
	case terminal && !a.JSON:
		return func(p core.Progress) { line.Show(p.String()) }
	}
	say := live.Every(10*time.Second, func(text string) { a.log().Log(a, notice, text) })
	return func(p core.Progress) { say(p.String()) }
}

// The app is the handler of core's log: warnings are printed, and notices if it
// is not to be quiet, the rest only with --verbose.

const notice = slog.LevelInfo + 1

func (a *app) log() *slog.Logger { return slog.New(a) }

func (a *app) Enabled(_ context.Context, l slog.Level) bool { return l >= notice || a.Verbose }

func (a *app) Handle(_ context.Context, r slog.Record) error {
	if a.Quiet && r.Level < slog.LevelWarn {
		return nil
	}
	text := "fastmigrate: " + r.Message
	r.Attrs(func(at slog.Attr) bool { text += " " + at.String(); return true })
	_, err := fmt.Fprintln(a.err, visible.Line(text))
	return err
}

func (a *app) WithAttrs([]slog.Attr) slog.Handler { return a }
func (a *app) WithGroup(string) slog.Handler      { return a }

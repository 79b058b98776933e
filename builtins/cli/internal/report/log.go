// The log, and the progress of long operations.

package report

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"fastmigrate/builtins/cli/internal/live"
	"fastmigrate/core"
	"fastmigrate/core/visible"
)

// Progress returns a function that shows the progress of a long operation: on a terminal
// in a line that changes, elsewhere in the log. Nil with --quiet.
func (r *Reporter) Progress() func(core.Progress) {
	line, terminal := r.Messages.(*live.Line)
	switch {
	case r.Quiet:
		return nil
	case terminal && !r.JSON:
		return func(p core.Progress) { line.Show(p.String()) }
	}
	say := live.Every(10*time.Second, r.Notice)
	return func(p core.Progress) { say(p.String()) }
}

// notice is the level of messages that are printed without --verbose, but not with --quiet.
const notice = slog.LevelInfo + 1

// Notice logs a message that the user should see.
func (r *Reporter) Notice(text string) { r.Log().Log(r.Context, notice, text) }

// Log is core's log. It prints warnings always, notices without --quiet, and the rest
// only with --verbose.
func (r *Reporter) Log() *slog.Logger { return slog.New(handler{r}) }

type handler struct{ *Reporter }

func (h handler) Enabled(_ context.Context, l slog.Level) bool { return l >= notice || h.Verbose }

func (h handler) Handle(_ context.Context, record slog.Record) error {
	if h.Quiet && record.Level < slog.LevelWarn {
		return nil
	}
	text := "fastmigrate: " + record.Message
	record.Attrs(func(at slog.Attr) bool { text += " " + at.String(); return true })
	_, err := fmt.Fprintln(h.Messages, visible.Line(text))
	return err
}

func (h handler) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h handler) WithGroup(string) slog.Handler      { return h }

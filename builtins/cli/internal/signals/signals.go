// Package signals ends the program at a signal: always with the same clean-up, and with
// an exit status that names the signal.
//
//	stops := &signals.Interrupts{}
//	ctx := stops.Listen()
//	stops.Report = report // prints how the program ends, and returns its status
//	os.Exit(stops.End(work(ctx)))
package signals

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// Interruption is the cause of a context that a signal cancelled.
type Interruption struct{ syscall.Signal }

func (Interruption) Error() string { return "interrupted" }

func (Interruption) Unwrap() error { return context.Canceled }

// Status is the exit status that a shell reports for a program killed by the signal.
func (i Interruption) Status() int { return 128 + int(i.Signal) }

// Interrupts handles the signals to this process. The first cancels the work. The second
// cancels whatever registered with Again, such as clean-ups, and then ends the program,
// even in the middle of an operation that cannot be stopped. A third ends it at once.
type Interrupts struct {
	Report func(error) int // prints how the program ends, and returns the exit status

	mu      sync.Mutex
	waiting map[*func()]bool
	ending  sync.Mutex // locked by the goroutine that reports
}

// The work has the time patience to end after the first signal, as a program has, and
// haste after the second. The second signal ends the program when both are over.
const (
	patience = 6 * time.Second
	haste    = time.Second
)

// echo is how long after the first a signal counts as the same one: a terminal sends it
// to all of its programs, and some, such as npm and make, pass it on.
const echo = 100 * time.Millisecond

// Listen returns a context that the first signal cancels: Ctrl-C, Ctrl-\, SIGTERM, or the
// end of the terminal. The cause is an [Interruption].
func (i *Interrupts) Listen() context.Context {
	i.waiting = map[*func()]bool{}
	signals := []os.Signal{os.Interrupt, syscall.SIGQUIT, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as it is under nohup
		signals = append(signals, syscall.SIGHUP)
	}
	// A closed pipe and a file that may not grow (SIGXFSZ) are failed writes, and do not
	// end the program: its work must be concluded.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE, syscall.Signal(25))
	ctx, cancel := context.WithCancelCause(context.Background())
	got := make(chan os.Signal, 1)
	signal.Notify(got, signals...)
	go func() {
		first := Interruption{(<-got).(syscall.Signal)}
		cancel(first)
		start := time.Now()
		next(got)
		i.tell()
		go func() {
			next(got)
			os.Exit(first.Status())
		}()
		time.Sleep(max(haste, time.Until(start.Add(patience))))
		time.AfterFunc(haste, func() { os.Exit(first.Status()) }) // the report may block: no one reads it
		i.End(first)
		os.Exit(first.Status())
	}()
	return ctx
}

// next waits for a signal that is not the echo of the one before.
func next(got <-chan os.Signal) {
	for first := time.Now(); ; {
		if <-got; time.Since(first) > echo {
			return
		}
	}
}

// Again calls f at each signal after the first, until stop is called.
func (i *Interrupts) Again(f func()) (stop func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.waiting[&f] = true
	return func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		delete(i.waiting, &f)
	}
}

// End reports how the program ends, and returns the exit status. Only the first call
// returns, so that only one end is reported.
func (i *Interrupts) End(err error) int {
	i.ending.Lock()
	return i.Report(err)
}

func (i *Interrupts) tell() {
	i.mu.Lock()
	defer i.mu.Unlock()
	for f := range i.waiting {
		(*f)()
	}
}

// Package signals ends the program at a signal: always after the same clean end, and with
// an exit status that tells which it was.
//
//	stops := &signals.Interrupts{}
//	ctx := stops.Listen()
//	stops.Report = report // how the program ends, with what status
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

// Interruption is the cause of a context that a signal ended.
type Interruption struct{ syscall.Signal }

func (Interruption) Error() string { return "interrupted" }

func (Interruption) Unwrap() error { return context.Canceled }

// Status is the exit status, as a shell has it of who died of the signal.
func (i Interruption) Status() int { return 128 + int(i.Signal) }

// Interrupts is the signals that this process gets. The first ends what is done.
// The second ends what was told to wait for it, as clean-ups, and then the program,
// even in the middle of an operation that cannot be stopped; a third one does so at
// once.
type Interrupts struct {
	Report func(error) int // reports how the program ends, and gives the exit status

	mu      sync.Mutex
	waiting map[*func()]bool
	ending  sync.Mutex // locked by who reports
}

// What runs has patience to end after the first signal, which is what a program is
// given, and haste after the second: until both are over, the second waits.
const (
	patience = 6 * time.Second
	haste    = time.Second
)

// echo is how long after the first a signal counts as the same: a terminal
// sends one to all of its programs, and some of them, as npm and make, pass theirs on.
const echo = 100 * time.Millisecond

// Listen gives a context that ends with the first signal: a Ctrl-C, a Ctrl-\, what
// ends a service, or the end of the terminal. The cause is an [Interruption].
func (i *Interrupts) Listen() context.Context {
	i.waiting = map[*func()]bool{}
	signals := []os.Signal{os.Interrupt, syscall.SIGQUIT, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		signals = append(signals, syscall.SIGHUP)
	}
	// A pipe that nobody reads and a file that may not grow (SIGXFSZ) are failed
	// writes, not the end: what runs has to be concluded.
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
		time.AfterFunc(haste, func() { os.Exit(first.Status()) }) // nobody may read the report
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

// Again has f called at each signal but the first, until stop is called.
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

// End reports how the program ends, and gives the exit status. Only the first call
// returns, as only one end is reported.
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

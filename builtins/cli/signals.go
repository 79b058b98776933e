// How a signal ends the program: always after the same clean end, and with an
// exit status that tells which it was.

package cli

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// interruption is the cause of a context that a signal ended.
type interruption struct{ syscall.Signal }

func (interruption) Error() string { return "interrupted" }

func (interruption) Unwrap() error { return context.Canceled }

// status is the exit status, as a shell has it of who died of the signal.
func (i interruption) status() int { return 128 + int(i.Signal) }

// interrupts is the signals that this process gets. The first ends what is done.
// The second ends what was told to wait for it, as clean-ups, and then the program,
// even in the middle of an operation that cannot be stopped; a third one does so at
// once.
type interrupts struct {
	mu      sync.Mutex
	waiting map[*func()]bool
	ending  sync.Mutex      // locked by who reports how the program ends
	report  func(error) int // does so
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

// listen gives a context that ends with the first signal: a Ctrl-C, a Ctrl-\, what
// ends a service, or the end of the terminal. The cause is an interruption.
func (i *interrupts) listen() context.Context {
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
		first := interruption{(<-got).(syscall.Signal)}
		cancel(first)
		start := time.Now()
		next(got)
		i.tell()
		go func() {
			next(got)
			os.Exit(first.status())
		}()
		time.Sleep(max(haste, time.Until(start.Add(patience))))
		time.AfterFunc(haste, func() { os.Exit(first.status()) }) // nobody may read the report
		i.ending.Lock()
		i.report(first)
		os.Exit(first.status())
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

// again has f called at each signal but the first, until stop is called.
func (i *interrupts) again(f func()) (stop func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.waiting[&f] = true
	return func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		delete(i.waiting, &f)
	}
}

func (i *interrupts) tell() {
	i.mu.Lock()
	defer i.mu.Unlock()
	for f := range i.waiting {
		(*f)()
	}
}

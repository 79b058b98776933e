// Package still stops the clock of SQL in a test, and makes its random numbers repeat.
//
// The invariant: without [With], nothing changes.
package still

import (
	"context"
	"crypto/sha256"
	"math/rand/v2"
	"sync"
	"time"
)

// Now is the time in every test.
var Now = time.Date(2000, 1, 1, 12, 0, 0, 0, time.UTC)

type key struct{}

// Source gives the same numbers in the same order.
type Source struct {
	mu   sync.Mutex
	from *rand.ChaCha8
}

// With returns a context in which it is always [Now] for SQL. Random numbers come from a
// source of its own, and depend on the seed alone.
func With(ctx context.Context, seed string) context.Context {
	return context.WithValue(ctx, key{}, &Source{from: rand.NewChaCha8(sha256.Sum256([]byte(seed)))})
}

// Of returns the source of a context; nil if its clock is not stopped.
func Of(ctx context.Context) *Source {
	s, _ := ctx.Value(key{}).(*Source)
	return s
}

// Int64 is the next number.
func (s *Source) Int64() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int64(s.from.Uint64())
}

// Bytes are the next n bytes.
func (s *Source) Bytes(n int) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := make([]byte, n)
	s.from.Read(b)
	return b
}

package starlark

import (
	"context"
	"testing"
	"time"
)

// What is unhurried takes as long as it likes, and what comes after it has the
// time that was left.
func TestUnhurried(t *testing.T) {
	const short = 50 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	s := &Session{Context: ctx, limit: &limit{time.AfterFunc(short, cancel), time.Now().Add(short)}}
	end := s.Unhurried()
	again := s.Unhurried() // a function that calls another
	select {
	case <-ctx.Done():
		t.Fatal("it was ended")
	case <-time.After(4 * short):
	}
	again()
	end()
	<-ctx.Done()
	s.Unhurried()() // too late, and harmless
}

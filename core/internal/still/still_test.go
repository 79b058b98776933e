package still

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"
)

func TestSourceRepeatsForItsSeed(t *testing.T) {
	numbers := func(seed string) string {
		s := Of(With(t.Context(), seed))
		return fmt.Sprint(s.Int64(), s.Bytes(0), s.Bytes(5), s.Int64(), s.Bytes(40))
	}
	a := numbers("a")
	if again := numbers("a"); again != a {
		t.Errorf("%s, then %s", a, again)
	}
	if b := numbers("b"); b == a {
		t.Errorf("another seed gives the same: %s", b)
	}
	s := Of(With(t.Context(), ""))
	one, two := s.Int64(), s.Int64()
	if one == two || bytes.Equal(s.Bytes(16), s.Bytes(16)) {
		t.Error("it gives the same again and again")
	}
}

func TestOfIsTheContextsSource(t *testing.T) {
	if Of(t.Context()) != nil {
		t.Error("there is one without With")
	}
	ctx := With(t.Context(), "a")
	derived, cancel := context.WithCancel(ctx)
	defer cancel()
	if Of(ctx) == nil || Of(derived) != Of(ctx) || Of(With(ctx, "a")) == Of(ctx) {
		t.Error("it is not that of the innermost With")
	}
}

// TestConcurrentReaders: each number is given to one of them.
func TestConcurrentReaders(t *testing.T) {
	s := Of(With(t.Context(), "a"))
	var all sync.WaitGroup
	var seen sync.Map
	for range 4 {
		all.Go(func() {
			for range 1000 {
				n := s.Int64()
				if _, again := seen.LoadOrStore(n, true); again {
					t.Errorf("%v was given twice", n)
				}
				s.Bytes(8)
			}
		})
	}
	all.Wait()
}

package abort

import (
	"context"
	"errors"
	"testing"
)

func TestAheadIsThatOfTheInnermostWith(t *testing.T) {
	if Ahead(t.Context()) != nil {
		t.Error("there is one without With")
	}
	outer, inner := errors.New("outer"), errors.New("inner")
	ctx := With(t.Context(), func() error { return outer })
	derived, cancel := context.WithCancel(ctx)
	defer cancel()
	nested := With(derived, func() error { return inner })
	for want, ctx := range map[error]context.Context{outer: derived, inner: nested} {
		if err := Ahead(ctx)(); err != want {
			t.Errorf("Ahead() gives %v, want %v", err, want)
		}
	}
	if Ahead(With(ctx, nil)) != nil {
		t.Error("With(nil) does not end it")
	}
}

package coretest

import (
	"context"

	"fastmigrate/core/internal/still"
)

// Still returns a context for tests. For SQL that runs with it, the time is always noon
// of 2000-01-01 (UTC), and random() and randomblob() return the same values each time for
// the same seed. A .py or .sh migration sees the real clock.
func Still(ctx context.Context, seed string) context.Context { return still.With(ctx, seed) }

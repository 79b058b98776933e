package coretest

import (
	"context"

	"fastmigrate/core/internal/still"
)

// Still gives a context for tests: to SQL in what is done with it, it is always
// noon of 2000-01-01 (UTC), and random() and randomblob() give the same each time,
// and something else for each seed. A .py or .sh migration sees the real clock.
func Still(ctx context.Context, seed string) context.Context { return still.With(ctx, seed) }

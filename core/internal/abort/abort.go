// Package abort lets a test end a migration between two statements, as a kill there
// would, but within the process.
package abort

import "context"

type key struct{}

// With returns a context in which ahead is called before each statement of a migration.
// If it returns an error, the migration ends there with that error.
func With(ctx context.Context, ahead func() error) context.Context {
	return context.WithValue(ctx, key{}, ahead)
}

// Ahead returns the function that [With] was given; nil without it.
func Ahead(ctx context.Context) func() error {
	ahead, _ := ctx.Value(key{}).(func() error)
	return ahead
}

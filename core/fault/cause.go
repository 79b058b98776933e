package fault

import (
	"errors"
	"io/fs"
)

// WithoutPath removes the operation and the path from an error of package os, because our
// errors name them. It returns other errors, and nil, unchanged.
func WithoutPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

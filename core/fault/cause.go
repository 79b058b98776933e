package fault

import (
	"errors"
	"io/fs"
)

// WithoutPath removes the operation and the path from an error of package os, since our
// errors name them. Other errors, and nil, stay as they are.
func WithoutPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

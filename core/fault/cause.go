package fault

import (
	"errors"
	"io/fs"
)

// WithoutPath takes the operation and the path away from an error of package os:
// ours name them.
func WithoutPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

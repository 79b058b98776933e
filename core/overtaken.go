package core

import (
	"errors"
)

// errOvertaken says that another process wrote between the end of a program and
// the moment its copy was to replace the original.
var errOvertaken = errors.New("another process kept writing to the database")

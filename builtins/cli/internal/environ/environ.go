// Package environ reads a file of environment variables, and the database that they name.
//
//	v, err := environ.Read(ctx, ".env") // sets those that are not set
//	db, err := v.Database()
package environ

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"fastmigrate/builtins/cli/internal/config"
	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/core/input"
)

// Variables are those of a file. Nil has none.
type Variables struct {
	file string
	url  variable // DATABASE_URL; the zero value if it is not in the file
}

// Read sets the environment variables of a file, but none that is set; one that is set to
// nothing counts as not set. Errors: a [config.Error]; what the disk says.
func Read(ctx context.Context, file string) (*Variables, error) {
	data, err := input.Stream(ctx, file, input.MaxSettings)
	if err != nil {
		return nil, hint.With(fmt.Errorf("environment variables: %w", err), "--env-file FILE names a file of lines NAME=value")
	}
	list, err := parse(file, data, os.LookupEnv)
	if err != nil {
		return nil, err
	}
	v := &Variables{file: file}
	for _, one := range slices.Backward(list) { // the last of a name counts
		if one.Name == "DATABASE_URL" && v.url.Name == "" {
			v.url = one
		}
		if os.Getenv(one.Name) == "" {
			if err := os.Setenv(one.Name, one.Value); err != nil {
				return nil, &config.Error{File: file, Line: one.Line, Column: one.Column, Err: err}
			}
		}
	}
	return v, nil
}

// Path is the path of the file; "" if there is none.
func (v *Variables) Path() string {
	if v == nil {
		return ""
	}
	return v.file
}

// Database returns the path of the database that DATABASE_URL in the file names; "" if it
// is not there. That of the environment alone does not count, since it may be another
// application's. It is an error if the two differ, as then programs see another database.
func (v *Variables) Database() (string, error) {
	if v == nil || v.url.Name == "" {
		return "", nil
	}
	db, err := path(v.url.Value, func(path string) bool { _, err := os.Stat(path); return err == nil })
	if os.Getenv(v.url.Name) != v.url.Value {
		err = errors.New("in the environment it has another value")
	}
	if err != nil {
		err = &config.Error{File: v.file, Line: v.url.Line, Column: v.url.Column, Err: fmt.Errorf("%s: %w", v.url.Name, err)}
		return "", hint.With(err, "--db FILE says which database is meant, and so does FASTMIGRATE_DB")
	}
	return db, nil
}

// Package starlark runs a Fastmigratefile: a file in Starlark in which a team writes
// its migration workflow once. Most programs need one call,
// [fastmigrate/starlark/command.Run], which loads the file and runs one of its tasks
// with the arguments of a command line. Without a command line, that is:
//
//	file, err := starlark.Load(ctx, os.DirFS("."), starlark.Options{
//		Predeclared: builtins.New(builtins.Options{}).Predeclared(),
//	})
//	task, err := file.Task("migrate")
//	err = file.Run(ctx, task.With(nil, nil))
//
// The language is Starlark in its strict dialect
// (https://github.com/bazelbuild/starlark/blob/master/spec.md): it has no while and no
// recursion, and globals are assigned once, so every program terminates.
//
// A file has two phases. In the load phase its top level runs, which can only declare:
// builtins that touch a database, a file or a process return an error. In the run
// phase a task, which is a function of the file, is called. A file without functions
// is a script: its top level is its only task.
//
// One operation, such as x * y or list(x), makes at most 512 MB, a list of 33 million
// elements or an integer of 8 million bits, and far less in the load phase; anything
// larger is an error.
package starlark

import (
	"context"
	"time"

	"go.starlark.net/starlark"
)

// Name is the name of a Fastmigratefile.
const Name = "Fastmigratefile"

// Options are the surroundings of a file. The zero value gives it the language alone.
type Options struct {
	// File is the name of the file. If empty, [Name].
	File string

	// Source is the text of a file that stands alone: it gives the same result
	// wherever and whenever it runs, so it has no load() and no module time. If nil,
	// the file is read from the file system.
	Source []byte

	// Predeclared are the names that a file can use in addition to those of Starlark,
	// struct, and the modules json, math and time.
	Predeclared starlark.StringDict

	// Dir is the directory of the file, for [Session.Path]. If empty, the working
	// directory.
	Dir string

	// LoadTimeout limits the load phase. If zero, 5 seconds.
	LoadTimeout time.Duration

	// LoadMemory is how many bytes the heap may grow by in the load phase. If zero,
	// 256 MB.
	LoadMemory uint64

	// Timeout limits a task and the tasks that it depends on, without their clean-up.
	// If zero, each has the timeout of its declaration, or none.
	Timeout time.Duration

	// Confirm asks the question of a task that has one. If nil, such a task is refused.
	Confirm func(ctx context.Context, question string) (bool, error)

	// Given are values by the names of parameters, as typed on a command line. They
	// apply where no argument does, to the task and to those that it depends on.
	Given map[string]string

	// Ask asks for the value of a required parameter. If nil, a missing value is an error.
	Ask func(ctx context.Context, p Param) (string, error)
}

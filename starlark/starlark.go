// Package starlark runs a Fastmigratefile: a file in Starlark in which a team
// writes its migration workflow once. [fastmigrate/starlark/command.Run] loads one and
// runs a task with arguments as they are typed; this is what it does:
//
//	file, err := starlark.Load(ctx, os.DirFS("."), starlark.Options{
//		Predeclared: builtins.New(builtins.Options{}).Predeclared(),
//	})
//	task, err := file.Task("migrate")
//	err = file.Run(ctx, task.With(nil, nil))
//
// The language is Starlark (https://github.com/bazelbuild/starlark/blob/master/spec.md)
// in its strict dialect: no while, no recursion, no reassignment of globals, so
// that every program ends. There are two phases. Load: the top level of the file
// runs and only declares; what would touch a database, a file or a process
// refuses to work there. Run: one function of the file, a task, is called. A
// file without any function is a script: its top level is the task.
//
// One operation, as x * y or list(x), makes at most 512 MB, a list of 33 million
// elements or an integer of 8 million bits, and far less while a file is loaded:
// what would be larger is an error.
package starlark

import (
	"context"
	"time"

	"go.starlark.net/starlark"
)

// Name is what a Fastmigratefile is called.
const Name = "Fastmigratefile"

// Options is what a file meets. The zero value gives it the language alone.
type Options struct {
	// File is the name of the file. Empty: Name.
	File string

	// Source is the text of the file, which then stands alone: it gives the same
	// wherever and whenever it runs, without load() and the module time. Nil: it is
	// read from the file system.
	Source []byte

	// Predeclared are the names that a file may use beside those of Starlark and
	// the modules json, math, time and struct.
	Predeclared starlark.StringDict

	// Dir is the directory that holds the file, for Session.Path. Empty: the
	// working directory.
	Dir string

	// LoadTimeout is how long the load phase may take. Zero: 5 seconds.
	LoadTimeout time.Duration

	// LoadMemory is by how many bytes the heap may grow meanwhile. Zero: 256 MB.
	LoadMemory uint64

	// Timeout is how long a task and those that it depends on may take, clean-up
	// apart. Zero: as long as their declarations say, else for ever.
	Timeout time.Duration

	// Confirm puts the question of a task that has one. Nil: it is refused.
	Confirm func(ctx context.Context, question string) (bool, error)

	// Given are the values, as they are typed on a command line, of parameters of
	// these names that no argument gives: of the task, and of those that it depends
	// on.
	Given map[string]string

	// Ask asks for the value of a parameter that was not given. Nil: that is an error.
	Ask func(ctx context.Context, p Param) (string, error)
}

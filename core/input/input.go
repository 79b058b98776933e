// Package input reads the files that people give to a program:
//
//	text, err := input.File(ctx, path, input.MaxMigration)
//
// The invariant: reading always ends, at a limit or with the context, whatever is at the
// path.
package input

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// The largest sizes of files, in bytes.
const (
	MaxSettings  = 1 << 20
	MaxSchema    = 64 << 20
	MaxMigration = 1 << 30
)

// ErrIrregular: the path leads to a pipe or a device, not to a regular file.
var ErrIrregular = errors.New("is not a regular file")

// File reads the regular file at path, which may be a link. Errors: [ErrIrregular]; a
// file larger than limit, in bytes; that of ctx; those of the system, as an
// [fs.PathError].
func File(ctx context.Context, path string, limit int64) ([]byte, error) {
	return read(ctx, path, limit, func() (fs.FileInfo, error) { return os.Stat(path) }, func() (fs.File, error) { return os.Open(path) })
}

// FS is like [File] for a file of fsys.
func FS(ctx context.Context, fsys fs.FS, name string, limit int64) ([]byte, error) {
	return read(ctx, name, limit, func() (fs.FileInfo, error) { return fs.Stat(fsys, name) }, func() (fs.File, error) { return fsys.Open(name) })
}

// Several is like [FS] for the first of the names, and for those after it until one fails or
// all together have enough bytes. It returns the texts that it has read.
func Several(ctx context.Context, fsys fs.FS, names []string, limit, enough int64) (texts [][]byte, err error) {
	var got [][]byte
	var failed error
	err = Until(ctx, func() {
		for left := enough; len(got) < len(names) && (got == nil || left > 0); {
			name := names[len(got)]
			text, err := whole(ctx, limit, func() (fs.FileInfo, error) { return fs.Stat(fsys, name) }, func() (fs.File, error) { return fsys.Open(name) })
			if err != nil {
				failed = err
				return
			}
			got, left = append(got, text), left-int64(len(text))
		}
	})
	if err == nil && got == nil {
		err = failure(ctx, names[0], failed)
	}
	if err != nil {
		return nil, err
	}
	return got, nil
}

// failure gives an error its path, unless it has one or ctx ended it.
func failure(ctx context.Context, path string, err error) error {
	if p := (*fs.PathError)(nil); err != nil && !errors.As(err, &p) && ctx.Err() == nil {
		return &fs.PathError{Op: "read", Path: path, Err: err}
	}
	return err
}

// Stream is like [File], but path may also lead to a pipe, such as a shell creates for
// <(command).
func Stream(ctx context.Context, path string, limit int64) ([]byte, error) {
	return read(ctx, path, limit, nil, func() (fs.File, error) { return os.Open(path) })
}

// read opens and reads a file. If look is not nil, it must show a regular file first.
// All of it runs apart, since the system may wait for another process or a server.
func read(ctx context.Context, path string, limit int64, look func() (fs.FileInfo, error), open func() (fs.File, error)) ([]byte, error) {
	var got struct {
		text []byte
		err  error
	}
	if err := Until(ctx, func() { got.text, got.err = whole(ctx, limit, look, open) }); err != nil {
		return nil, err
	}
	return got.text, failure(ctx, path, got.err)
}

func whole(ctx context.Context, limit int64, look func() (fs.FileInfo, error), open func() (fs.File, error)) ([]byte, error) {
	var size int64
	if look != nil {
		info, err := look()
		switch {
		case err != nil:
			return nil, err
		case info.IsDir(): // reading it says so
		case !info.Mode().IsRegular():
			return nil, ErrIrregular
		case info.Size() > limit:
			return nil, tooLarge(limit)
		}
		size = info.Size()
	}
	f, err := open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text := make([]byte, 0, size+512)
	for {
		n, err := f.Read(text[len(text):cap(text)])
		text = text[:len(text)+n]
		switch {
		case int64(len(text)) > limit:
			return nil, tooLarge(limit)
		case err == io.EOF:
			return text, nil
		case err != nil:
			return nil, err
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		}
		if len(text) == cap(text) {
			text = append(text, 0)[:len(text)]
		}
	}
}

func tooLarge(limit int64) error { return fmt.Errorf("has more than %d MB", limit>>20) }

// Until calls do, and returns when do returns or ctx ends. If ctx ends first, the error
// is that of ctx, do continues in the background, and the variables that it sets must not
// be read.
func Until(ctx context.Context, do func()) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

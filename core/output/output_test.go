//go:build unix

package output

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestPipeCancel: the wait for the reader of a pipe ends with the context.
func TestPipeCancel(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(pipe, Keep{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.Write(ctx, []byte("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("Write() = %v, want %v", err, context.Canceled)
	}
}

// TestMeanwhile: what got the name after Open is asked for again.
func TestMeanwhile(t *testing.T) {
	dir := t.TempDir()
	path, db := filepath.Join(dir, "page.html"), filepath.Join(dir, "app.db")
	f, err := Open(path, Keep{DB: db})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("app.db", path); err != nil {
		t.Fatal(err)
	}
	if err := f.Write(t.Context(), []byte("x")); !errors.Is(err, ErrKept) {
		t.Errorf("Write() = %v, want %v", err, ErrKept)
	}
	if _, err := os.Stat(db); err == nil {
		t.Error("the database was made")
	}
}

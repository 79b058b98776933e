//go:build unix

package input

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
)

func TestFile(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, err := range []error{
		os.WriteFile(at("file"), []byte("text"), 0o600), os.WriteFile(at("empty"), nil, 0o600),
		os.Symlink("file", at("link")), os.Symlink("/dev/zero", at("zero")), os.Symlink("nowhere", at("loose")),
		syscall.Mkfifo(at("pipe"), 0o600), os.Mkdir(at("dir"), 0o700),
		os.WriteFile(at("large"), nil, 0o600), os.Truncate(at("large"), MaxSettings+1),
		os.WriteFile(at("full"), nil, 0o600), os.Truncate(at("full"), MaxSettings),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"file": "text", "link": "text", "empty": "", "full": strings.Repeat("\x00", MaxSettings),
		"zero": "is not a regular file", "pipe": "is not a regular file", "dir": "is a directory",
		"large": "has more than 1 MB", "loose": "no such file or directory", "none": "no such file or directory",
	} {
		for kind, read := range map[string]func() ([]byte, error){
			"File": func() ([]byte, error) { return File(t.Context(), at(name), MaxSettings) },
			"FS":   func() ([]byte, error) { return FS(t.Context(), os.DirFS(dir), name, MaxSettings) },
		} {
			text, err := read()
			p := (*fs.PathError)(nil)
			if err == nil && string(text) != want || err != nil && (!errors.As(err, &p) || p.Err.Error() != want) {
				t.Errorf("%s(%s) = %d bytes, %v, want %.30q", kind, name, len(text), err, want)
			}
		}
	}
	if _, err := Stream(t.Context(), "/dev/zero", MaxSettings); err == nil || !strings.Contains(err.Error(), "has more than 1 MB") {
		t.Errorf("Stream(/dev/zero) = %v", err)
	}
	if text, err := FS(t.Context(), fstest.MapFS{"a": {Data: []byte("text")}}, "a", 4); err != nil || string(text) != "text" {
		t.Errorf("FS() = %q, %v", text, err)
	}
}

// TestCancelled: what never comes is waited for until the context ends.
func TestCancelled(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	stopped := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	opened := make(chan *os.File)
	go func() { // it is open once somebody reads
		w, _ := os.OpenFile(pipe, os.O_WRONLY, 0)
		cancel(stopped)
		opened <- w
	}()
	_, err := Stream(ctx, pipe, MaxSettings)
	if !errors.Is(err, stopped) {
		t.Errorf("Stream() = %v, want %v", err, stopped)
	}
	(<-opened).Close()
}

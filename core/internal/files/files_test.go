package files

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"testing/iotest"
)

func TestMakeDirs(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "a", "b")
	if made, err := MakeDirs(b+"/", 0o755); err != nil || !reflect.DeepEqual(made, []string{b, a}) {
		t.Errorf("MakeDirs() = %v, %v", made, err)
	}
	if made, err := MakeDirs(b, 0o755); err != nil || made != nil {
		t.Errorf("MakeDirs() = %v, %v for one that is there", made, err)
	}
	file, nowhere := filepath.Join(dir, "file"), filepath.Join(dir, "nowhere")
	if err := errors.Join(os.WriteFile(file, nil, 0o644), os.Symlink("missing", nowhere)); err != nil {
		t.Fatal(err)
	}
	for _, in := range []string{file, filepath.Join(file, "c"), nowhere} {
		if made, err := MakeDirs(in, 0o755); err == nil || made != nil {
			t.Errorf("MakeDirs(%s) = %v, %v", in, made, err)
		}
	}
}

// TestWriteNewNames: an error names the file that was asked for, not a temporary one.
func TestWriteNewNames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "a.sql")
	err := WriteNew(path, []byte("x"), 0o644)
	if e := (*fs.PathError)(nil); !errors.As(err, &e) || e.Path != path || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("WriteNew(%s) = %v", path, err)
	}
}

// TestNoReplace: a name that is taken stays, whatever has it, and so does the file that
// was to get it.
func TestNoReplace(t *testing.T) {
	for name, move := range map[string]func(from, to string) error{"rename": Rename, "publish": Publish, "write": func(from, to string) error {
		return WriteNew(to, []byte("new"), 0o644)
	}} {
		for _, taken := range []func(path string) error{
			func(path string) error { return os.WriteFile(path, []byte("old"), 0o644) },
			func(path string) error { return os.Mkdir(path, 0o755) },
			func(path string) error { return os.Symlink("nowhere", path) },
		} {
			dir := t.TempDir()
			from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
			if err := errors.Join(os.WriteFile(from, []byte("new"), 0o644), taken(to)); err != nil {
				t.Fatal(err)
			}
			before, err := os.Lstat(to)
			if err != nil {
				t.Fatal(err)
			}
			if err := move(from, to); !errors.Is(err, fs.ErrExist) {
				t.Errorf("%s: %v, want %v", name, err, fs.ErrExist)
			}
			after, err := os.Lstat(to)
			if err != nil || !os.SameFile(before, after) {
				t.Errorf("%s: it was replaced: %v", name, err)
			}
			if list, err := os.ReadDir(dir); err != nil || len(list) != 2 {
				t.Errorf("%s: the directory holds %v, %v", name, list, err)
			}
		}
	}
}

func TestResolve(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	at := func(names ...string) string { return filepath.Join(append([]string{dir}, names...)...) }
	if err := errors.Join(os.Mkdir(at("real"), 0o755), os.Symlink("real", at("link")), os.Symlink("link/x", at("late")),
		os.Symlink(at("late"), at("later")), os.Symlink("loop", at("loop")), os.Symlink("gone/deep", at("deep")),
		os.MkdirAll(at("far", "in"), 0o755), os.Symlink("far/in", at("in"))); err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		at("real", "x"): at("real", "x"), at("link", "x"): at("real", "x"), at("late"): at("real", "x"), at("later"): at("real", "x"),
		at("link", "no", "x"): at("real", "no", "x"), at("deep", "x"): at("gone", "deep", "x"), dir: dir, "/": "/",
		at("in") + "/../x": at("far", "x"), at("in") + "/../../real/x": at("real", "x"), at("no") + "/../x": at("x"), at("real") + "/.": at("real"),
	} {
		if got, err := Resolve(in); err != nil || got != want {
			t.Errorf("Resolve(%s) = %s, %v, want %s", in, got, err, want)
		}
	}
	if got, err := Resolve(at("loop")); err == nil {
		t.Errorf("Resolve(loop) = %s", got)
	}
}

func TestCopyBlocks(t *testing.T) {
	for _, size := range []int{0, 1, blockSize - 1, blockSize, blockSize + 1, 3*inFlight*blockSize + 5} {
		content := bytes.Repeat([]byte("0123456789"), size/10+1)[:size]
		var to, seen bytes.Buffer
		told := int64(0)
		n, err := CopyBlocks(&to, &seen, iotest.HalfReader(bytes.NewReader(content)), func(bytes int64) error {
			if bytes <= told || bytes > told+blockSize {
				t.Errorf("%d bytes after %d", bytes, told)
			}
			told = bytes
			return nil
		})
		if n != int64(size) || told != n || err != nil || !bytes.Equal(to.Bytes(), content) || !bytes.Equal(seen.Bytes(), content) {
			t.Errorf("of %d bytes: CopyBlocks() = %d, %v, told of %d, wrote %d, saw %d", size, n, err, told, to.Len(), seen.Len())
		}
	}
}

// fails is a reader and writer whose fourth block fails.
type fails struct{ block int }

var errFails = errors.New("the fourth block fails")

func (f *fails) Read(b []byte) (int, error) { return f.Write(b) }
func (f *fails) Write(b []byte) (int, error) {
	if f.block++; f.block > 3 {
		return 0, errFails
	}
	return len(b), nil
}

func TestCopyBlocksFails(t *testing.T) {
	content := func() io.Reader { return bytes.NewReader(make([]byte, 100*blockSize)) }
	proceed := func(int64) error { return nil }
	for name, copy := range map[string]func() (int64, error){
		"reading": func() (int64, error) { return CopyBlocks(io.Discard, io.Discard, &fails{}, proceed) },
		"writing": func() (int64, error) { return CopyBlocks(&fails{}, io.Discard, content(), proceed) },
		"seeing":  func() (int64, error) { return CopyBlocks(io.Discard, &fails{}, content(), proceed) },
		"copied": func() (int64, error) {
			return CopyBlocks(io.Discard, io.Discard, content(), func(bytes int64) error {
				if bytes > 3*blockSize {
					return errFails
				}
				return nil
			})
		},
	} {
		if n, err := copy(); err != errFails {
			t.Errorf("%s: CopyBlocks() = %d, %v", name, n, err)
		}
	}
}

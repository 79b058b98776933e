// Backups that are kept from being removed. A lock on the file does it, so that no
// process must be asked whether another lives.

package file

import (
	"errors"
	"io/fs"
	"os"
	"sync"
	"syscall"
)

// Hold keeps the backups that are made with it from being removed by the Keep of
// another, until it is closed or its process ends, however that happens. The zero
// value is ready; it may be shared by calls that run concurrently, and must not be
// copied.
type Hold struct {
	mu    sync.Mutex
	files map[string]*os.File // by path, locked
}

// Close releases all backups.
func (h *Hold) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, f := range h.files {
		f.Close()
	}
	h.files = nil
	return nil
}

// Take holds the backup at path, if it can be locked. A nil Hold holds nothing.
func (h *Hold) Take(path string) {
	if h == nil {
		return
	}
	f, err := OpenRegular(path, os.O_RDONLY, 0)
	if err != nil {
		return
	}
	if locked, err := tryLock(f, shared); !locked || err != nil {
		f.Close()
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.files == nil {
		h.files = map[string]*os.File{}
	}
	h.files[path] = f
}

// Drop releases the backup at path, and reports whether no other Hold has it. A nil
// Hold has none.
func (h *Hold) Drop(path string) (free bool) {
	if h != nil {
		h.mu.Lock()
		defer h.mu.Unlock()
		if f := h.files[path]; f != nil {
			f.Close()
			delete(h.files, path)
		}
	}
	f, err := OpenRegular(path, os.O_RDWR, 0) // NFS needs that for this lock
	if errors.Is(err, fs.ErrPermission) {
		f, err = OpenRegular(path, os.O_RDONLY, 0)
	}
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	defer f.Close()
	locked, err := tryLock(f, exclusive)
	return locked || err != nil && !errors.Is(err, syscall.EBADF)
}

// Copies of files, which nothing has to survive: they are not synced.

package files

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Copy copies the file from to a new file, which only its owner can read. Errors:
// fs.ErrExist if there is such a file, which stays as it is.
func Copy(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, source)
	return errors.Join(err, f.Close())
}

// blockSize is how many bytes [CopyBlocks] copies at a time: what stays in a processor's
// cache; and inFlight, how many blocks it holds.
const (
	blockSize = 1 << 18
	inFlight  = 4
)

// CopyBlocks copies from to to and, at the same time, to see, and gives the number of bytes
// of from. Copied is told the bytes that are copied so far, after each block, and ends the
// copy by an error.
func CopyBlocks(to, see io.Writer, from io.Reader, copied func(bytes int64) error) (n int64, err error) {
	free, written := make(chan []byte, inFlight), make(chan []byte, inFlight)
	for range inFlight {
		free <- nil // made when it is needed
	}
	unseen := make(chan error)
	go func() {
		var err error
		for b := range written {
			if err == nil {
				_, err = see.Write(b)
			}
			free <- b[:blockSize]
		}
		unseen <- err
	}()
	for err == nil {
		b := <-free
		if b == nil {
			b = make([]byte, blockSize)
		}
		read, end := io.ReadFull(from, b)
		if _, err = to.Write(b[:read]); err != nil || read == 0 {
			err = cmp.Or(err, end)
			break
		}
		n += int64(read)
		written <- b[:read]
		err = cmp.Or(copied(n), end)
	}
	close(written)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return n, cmp.Or(err, <-unseen)
}

// CopyPlain copies the regular files of the directory from, which may be missing, to the
// directory to. It skips files whose new path is taken, directories, databases, and the
// files that SQLite has beside databases.
func CopyPlain(from, to string, taken func(to string) bool) error {
	entries, err := os.ReadDir(from)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		from, to := filepath.Join(from, e.Name()), filepath.Join(to, e.Name())
		if info, err := os.Stat(from); err != nil || !info.Mode().IsRegular() || taken(to) || ofDatabase(from) {
			continue
		}
		if err := Copy(from, to); err != nil {
			return err
		}
	}
	return nil
}

// ofDatabase reports whether a file is a database or a part of one, by its first bytes
// or its name.
func ofDatabase(path string) bool {
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		if strings.HasSuffix(path, suffix) {
			return true
		}
	}
	is, _ := IsDatabase(path)
	return is
}

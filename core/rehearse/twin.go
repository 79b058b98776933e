// The private copy of a database.

package rehearse

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/files"
	"fastmigrate/core/internal/sqlite"
)

// twin is the private copy of a database that was touched.
type twin struct {
	name, path string      // of the original; of the copy
	shown      string      // of the original, beside which its other files are
	original   string      // path of the original
	info       fs.FileInfo // of the original; nil if there was none
	before     *content
	attached   fs.FileInfo // of the copy when a migration first attached it; nil if none did
	elsewhere  []TableRows // that migrations of other databases changed
	earlier    earlier
	seen
}

// copyAside copies the database to path, and changes no file beside the original.
func copyAside(ctx context.Context, d *file.DB, path string) error {
	from := d.WithPath(d.Path)
	from.Config.Trial = nil
	defer from.ReportProgress()()
	err := from.Precheck()
	if err == nil && files.Size(d.Path) == 0 { // SQLite's copy of it would have a page
		return os.WriteFile(path, nil, 0o600)
	}
	if err == nil {
		var c *sqlite.Conn
		if c, err = from.OpenRead(ctx); err == nil {
			err = from.CopyConn(ctx, c, path, 0o600)
			c.Close()
		}
	}
	if errors.Is(err, fault.ErrNotDatabase) || errors.Is(err, fault.ErrCorrupt) || errors.Is(err, fault.ErrUnfinished) {
		file.Discard(path)
		err = copyAsIs(from, path)
	}
	return err
}

// copyAsIs copies the files as they are: of a database that SQLite cannot read,
// or whose transaction it would have to undo first. It begins again if another
// process undid it meanwhile.
func copyAsIs(d *file.DB, path string) error {
	for {
		before, _ := os.Stat(d.Path + "-journal")
		for _, suffix := range []string{"-journal", "-wal", ""} {
			if err := files.Copy(d.Path+suffix, path+suffix); err != nil && (suffix == "" || !errors.Is(err, fs.ErrNotExist)) {
				return fault.WithoutPath(err)
			}
		}
		after, _ := os.Stat(d.Path + "-journal")
		if before == nil || after != nil && os.SameFile(before, after) && before.ModTime().Equal(after.ModTime()) {
			return nil
		}
		file.Discard(path)
	}
}

// measureDisk records the size of the files and extra bytes, if that is the most so far; of
// the whole copy, also those of the one that is kept to compare values.
func (t *twin) measureDisk(extra int64) {
	now := dirSize(filepath.Dir(t.path)) + extra
	raise(&t.sizePeak, now)
	raise(&t.copyPeak, now+t.earlierSize.Load())
}

// raise makes peak n, if that is more.
func raise(peak *atomic.Int64, n int64) {
	for now := peak.Load(); n > now && !peak.CompareAndSwap(now, n); {
		now = peak.Load()
	}
}

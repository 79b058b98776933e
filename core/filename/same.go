package filename

import (
	"os"
	"path/filepath"
)

// Same reports whether two paths lead to one file or directory. Paths of which one leads
// nowhere yet are the same only if they are equal once they are absolute.
func Same(a, b string) bool {
	one, err := os.Stat(a)
	other, err2 := os.Stat(b)
	if err == nil && err2 == nil {
		return os.SameFile(one, other)
	}
	a, err = filepath.Abs(a)
	b, err2 = filepath.Abs(b)
	return err == nil && err2 == nil && a == b
}

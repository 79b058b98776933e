package apply

import (
	"context"
	"io/fs"
	"path"

	"fastmigrate/core/internal/naming"
)

// ahead reads .sql migrations before they are needed, some at once: each call that must be
// ready to give up waiting for a file system costs a thread. Another kind ends what is read,
// as a program may write the files after it.
type ahead struct {
	pending []naming.Migration // the next ones, in their order
	texts   map[string][]byte  // by the names
}

// most is how many migrations are read at once.
const most = 64

// read returns the text of a migration.
func (a *ahead) read(ctx context.Context, fsys fs.FS, m naming.Migration) ([]byte, error) {
	if text, ok := a.texts[m.Name]; ok {
		delete(a.texts, m.Name)
		return text, nil
	}
	list := []naming.Migration{m}
	if len(a.pending) > 0 && a.pending[0] == m {
		for _, next := range a.pending[1:min(len(a.pending), most)] {
			if path.Ext(m.Name) != ".sql" || path.Ext(next.Name) != ".sql" {
				break
			}
			list = append(list, next)
		}
	}
	texts, err := naming.ReadSome(ctx, fsys, list)
	if err != nil {
		return nil, err
	}
	a.texts = map[string][]byte{}
	for i, text := range texts[1:] {
		a.texts[list[i+1].Name] = text
	}
	return texts[0], nil
}

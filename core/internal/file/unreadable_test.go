package file

import (
	"compress/gzip"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fastmigrate/core/fault"
)

func TestUnreadable(t *testing.T) {
	noise := make([]byte, 65536)
	rand.NewChaCha8([32]byte{1}).Read(noise)
	var packed strings.Builder
	w := gzip.NewWriter(&packed)
	w.Write(noise[:3000])
	w.Close()
	for name, c := range map[string]struct {
		content string
		want    fault.Key
	}{
		"noise":           {string(noise), fault.Encrypted},
		"noise, odd size": {string(noise[:60001]), ""},
		"packed":          {packed.String(), fault.Compressed},
		"dump":            {"PRAGMA foreign_keys=OFF;\n" + strings.Repeat("INSERT INTO t VALUES (1);\n", 100), fault.Dump},
		"short dump":      {"\n-- a dump\nCREATE TABLE t(a);\n", fault.Dump},
		"prose":           {strings.Repeat("this is no database. ", 100), ""},
		"zeros":           {string(make([]byte, 4096)), ""},
		"counting":        {strings.Repeat("0123456789abcdef", 512), ""},
	} {
		path := filepath.Join(t.TempDir(), "x.db")
		if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := Locate(t.Context(), path, Config{})
		if err == nil {
			_, err = d.OpenRead(t.Context())
		}
		var why *fault.Reason
		found := fault.Key("")
		if errors.As(err, &why) {
			found = why.Key
		}
		if !errors.Is(err, fault.ErrNotDatabase) || found != c.want {
			t.Errorf("%s: %v, %q, want %q", name, err, found, c.want)
		}
		if now, err := os.ReadFile(path); err != nil || string(now) != c.content {
			t.Errorf("%s: it was changed: %v", name, err)
		}
	}
}

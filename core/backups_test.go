package core_test

import (
	"slices"
	"sync"
	"testing"

	"fastmigrate/core"
)

// TestKeepAtOnce: backups that are made at the same time, each of which leaves
// only one, leave the newest of them.
func TestKeepAtOnce(t *testing.T) {
	path := newDB(t, true)
	var made []string
	var mutex sync.Mutex
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			b, err := core.BackupDB(t.Context(), path, core.Options{Keep: 1})
			if err != nil {
				t.Error(err)
			}
			mutex.Lock()
			defer mutex.Unlock()
			made = append(made, b.Path)
		})
	}
	all.Wait()
	list, err := core.Backups(t.Context(), path, core.Options{})
	if err != nil || len(list) != 1 || list[0].Path != slices.Max(made) || list[0].Problem != "" {
		t.Errorf("of %v there is %+v, %v", made, list, err)
	}
}

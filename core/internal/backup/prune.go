// Old backups are removed. The invariant: together, several processes never remove the
// newest.

package backup

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// prune removes the backups of the database that are certainly older than Config.Keep
// others. Those newer than b belong to another process, which removes the ones that are too
// old for it.
func (d *Vault) prune(ctx context.Context, b Backup) {
	if d.cfg.Keep <= 0 {
		return
	}
	list, err := d.backups(ctx)
	if err != nil {
		d.Log().Warn("older backups stay: " + err.Error())
		return
	}
	if err := d.removeBackups(ctx, d.surplus(list, b)); err != nil {
		d.Log().Warn("older backups stay: " + err.Error())
	}
}

// surplus returns the backups to remove, and warns about those that are uncertain.
func (d *Vault) surplus(list []*found, b Backup) (surplus []*found) {
	own, unknown := 0, 0
	for _, x := range list {
		if !x.isOwn() {
			if x.Origin == "" || x.Unsure {
				unknown++
			}
			continue
		}
		own++
		newer := 0
		for _, y := range list {
			if y.isOwn() && y.newer(x) {
				newer++
			}
		}
		if newer < d.cfg.Keep || x.Path == b.Path {
			continue
		}
		if d.matchesEntry(x) { // else it is not the backup of that line
			surplus = append(surplus, x)
		}
	}
	if unknown > 0 {
		d.Log().Warn(fmt.Sprintf("backups of %s that stay, because it is not known which database they belong to: %d", filepath.Base(d.Path), unknown))
	}
	if more := own - len(surplus) - d.cfg.Keep; more > 0 {
		d.Log().Warn(fmt.Sprintf("backups of %s that stay, because they may not be older: %d", filepath.Base(d.Path), more))
	}
	return surplus
}

// removeBackups removes backups that no one holds, and their lines in the list.
func (d *Vault) removeBackups(ctx context.Context, list []*found) (err error) {
	if len(list) == 0 {
		return nil
	}
	if d.Redirected() { // no one else looks there
		for _, b := range list {
			if e := d.Place().Remove(b.at); e != nil && !os.IsNotExist(e) {
				err = e
			}
		}
		return err
	}
	l, err := d.lockList(ctx, filepath.Dir(list[0].at), d.Path) // so that a backup that is made now is held already
	if err == nil {
		defer l.Close()
	}
	for _, b := range list {
		if !d.cfg.Hold.Drop(b.at) {
			d.Log().Info(b.Path + " stays: a running process uses it")
			continue
		}
		if e := os.Remove(b.at); e != nil && !os.IsNotExist(e) {
			err = e
		}
	}
	if l != nil {
		l.tidy()
	}
	return err
}

// discardKept removes the copies that a restore made, after it replaced nothing.
func (d *Vault) discardKept(ctx context.Context, files []string) {
	if d.Redirected() { // the name belongs to another file
		return
	}
	for _, f := range files {
		os.Remove(f)
	}
	if len(files) > 0 {
		if l, err := d.lockList(ctx, filepath.Dir(files[0]), d.Path); err == nil {
			l.tidy()
			l.Close()
		}
	}
}

// When backups were made, and which is newer. A name alone does not tell: it is in the local
// time of whoever made the backup, and one hour of autumn comes twice. The invariant: a
// backup is called newer only if that is certain.

package backup

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// span is when something happened: not before, and not after.
type span struct{ from, to time.Time }

const backupSuffix = dateSuffix + ".backup"

// isBackupSuffix reports whether stamp is the suffix that a backup adds to the name of its
// database.
func isBackupSuffix(stamp string) bool {
	t, err := time.Parse(backupSuffix, stamp)
	return err == nil && t.Format(backupSuffix) == stamp
}

// near is the most by which the time in the name of a backup and that of its file differ:
// the time that the check of it takes.
const near = 10 * time.Minute

// timeOfName returns when a backup was made according to its name: a time to show, and the
// span in which it may have been. If the file was last written at that local time of this
// process, it is certain; otherwise it may be the local time of any place on earth.
func timeOfName(stamp string, modified time.Time) (at time.Time, made span) {
	utc, _ := time.Parse(backupSuffix, stamp)
	at, _ = time.ParseInLocation(backupSuffix, stamp, time.Local)
	var agree []time.Time
	for _, t := range instants(utc) {
		if modified.Sub(t).Abs() < near {
			agree = append(agree, t)
		}
	}
	if len(agree) == 1 {
		return agree[0].In(time.Local), span{agree[0], agree[0]}
	}
	made = span{utc.Add(-14 * time.Hour), utc.Add(12 * time.Hour)}
	if made.from.After(time.Now()) { // then it is no one's local time
		made = span{time.Time{}, time.Now().AddDate(1000, 0, 0)}
	}
	return at, made
}

// instants returns when the local clock shows what a clock in UTC shows at utc: once, twice
// or never.
func instants(utc time.Time) (list []time.Time) {
	for _, around := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		_, offset := utc.Add(around).In(time.Local).Zone()
		t := utc.Add(-time.Duration(offset) * time.Second)
		if _, now := t.In(time.Local).Zone(); now == offset && !slices.ContainsFunc(list, t.Equal) {
			list = append(list, t)
		}
	}
	return list
}

// newer reports whether it is certain that b was made after a. Of two that one
// list knows, both their times and their lines must say so: the clock may have
// been set back.
func (b *found) newer(a *found) bool {
	switch {
	case b.entry == nil || a.entry == nil || b.listDir() != a.listDir():
		return b.span.from.After(a.span.to)
	case b.entry == a.entry: // one is a copy of the other
		return b.Path > a.Path
	}
	return b.entry.Time.After(a.entry.Time) && b.entry.line > a.entry.line
}

// listDir returns the directory of its list.
func (b *found) listDir() string { return filepath.Dir(b.at) }

// sortBackups sorts backups by time, the newest first.
func sortBackups(list []*found) {
	slices.SortStableFunc(list, func(a, b *found) int {
		return cmp.Or(b.Time.Compare(a.Time), strings.Compare(b.Path, a.Path))
	})
}

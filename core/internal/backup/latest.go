// The backup that is meant if none is named: the newest of the database that is whole. If
// it is not certain which one that is, none is chosen.

package backup

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
)

// latest opens the newest backup of the database that is whole. Errors:
// [fault.ErrNoBackup], [fault.ErrUncertain].
func (d *Vault) latest(ctx context.Context) (*openBackup, *found, error) {
	all, err := d.backups(ctx)
	if err != nil {
		return nil, nil, err
	}
	had := slices.ContainsFunc(all, (*found).isOwn)
	for {
		choice, doubt := d.choice(all, had)
		if doubt != "" {
			return nil, nil, d.undecided(ctx, doubt, all)
		}
		if len(choice) == 0 {
			return nil, nil, fault.ErrNoBackup
		}
		s, again, err := d.openFirst(ctx, choice)
		switch {
		case err != nil:
			return nil, nil, err
		case again == nil && (choice[0].Unsure && had || choice[0].Origin == "" && len(choice) < len(all)): // may be of one of the others
			s.conn.Close()
			return nil, nil, d.undecided(ctx, unsureWhose, all)
		case again == nil:
			return s, choice[0], nil
		case again.Problem != "":
			d.Log().Warn(again.Path + " is skipped: it " + again.Problem)
			all = slices.DeleteFunc(all, func(b *found) bool { return b == again })
		case again != choice[0]:
			return nil, nil, d.undecided(ctx, "it is not certain which of its backups is the newest", all)
		}
		sortBackups(all)
	}
}

const unsureWhose = "it is not certain which backups are of this database"

// choice returns the backups to choose from, the newest first, or why there is no choice.
// An unrecorded backup counts as the database's own only if there are none of another
// database. One of another database counts only if there are no own ones, and had says that
// there were none before damaged ones were left out.
func (d *Vault) choice(all []*found, had bool) (list []*found, doubt string) {
	origins, moved := map[string]bool{}, []*found{}
	for _, b := range all {
		if !b.Foreign {
			list = append(list, b)
			continue
		}
		origins[b.describeOrigin()] = true
		if b.listDir() == filepath.Dir(d.Path) && d.gone(b) { // it may be this database by another path
			moved = append(moved, b)
		}
	}
	own := slices.ContainsFunc(list, (*found).isOwn)
	switch {
	case len(origins) == 0:
		return list, ""
	case own && !slices.ContainsFunc(moved, func(b *found) bool { return !list[0].newer(b) }):
		return list, ""
	case own, had, len(list) > 0, len(origins) > 1:
		return nil, unsureWhose
	case !d.gone(all[0]):
		return nil, "its name is that of backups of another database, " + all[0].Origin
	}
	return all, ""
}

// gone reports whether the database of a backup no longer exists.
func (d *Vault) gone(b *found) bool { return b.away || !file.Present(b.Origin) }

// openFirst opens the first of the backups. Again is a backup that makes a new choice
// necessary: it is not intact, does not match the list, or may be newer.
func (d *Vault) openFirst(ctx context.Context, choice []*found) (s *openBackup, again *found, err error) {
	first := choice[0]
	s, err = d.openChecked(ctx, first)
	if err != nil || s == nil {
		return nil, first, err
	}
	if !d.matchesEntry(first) {
		again = first
	}
	for _, b := range choice[1:] {
		if again == nil && !first.newer(b) && !d.sameContent(first, b) {
			again = b
			other, problem := d.openChecked(ctx, b)
			if other != nil {
				other.conn.Close()
			}
			err = problem
		}
	}
	if again != nil {
		s.conn.Close()
	}
	return s, again, err
}

// sameContent reports whether two backups have the same content.
func (d *Vault) sameContent(a, b *found) bool {
	if a.Bytes != b.Bytes {
		return false
	}
	one, err := d.checksumOf(a)
	if err != nil {
		return false
	}
	other, err := d.checksumOf(b)
	return err == nil && one == other
}

// undecided is the error that lists the backups to choose from.
func (d *Vault) undecided(ctx context.Context, doubt string, all []*found) error {
	var lines strings.Builder
	for _, b := range all {
		s, err := d.openChecked(ctx, b)
		if err != nil {
			return err
		}
		if s != nil {
			s.conn.Close()
		}
		fmt.Fprintf(&lines, "\n  %s: %s", b.Path, b.describe())
	}
	return fault.Of(fault.ErrUncertain, "%s:%s", doubt, lines.String())
}

// describe says of a backup what helps a person choose.
func (b *found) describe() string {
	said := []string{b.Time.Format(time.RFC3339)}
	if b.entry == nil && !b.span.from.Equal(b.span.to) {
		said[0] = b.Time.Format(time.DateTime) + " by its name"
	}
	switch {
	case b.Problem != "":
		said = append(said, b.Problem)
	case b.Version < 0:
		said = append(said, "unversioned")
	default:
		said = append(said, fmt.Sprintf("version %d", b.Version))
	}
	return strings.Join(append(said, b.describeOrigin()), ", ")
}

// describeOrigin names the database of a backup.
func (b *found) describeOrigin() string {
	switch {
	case b.Origin == "":
		return "of an unknown database"
	case b.away:
		return "of " + b.Origin + " on another machine"
	case b.Unsure:
		return "of another file at " + b.Origin
	}
	return "of " + b.Origin
}

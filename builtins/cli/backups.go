// The commands for backups.

package cli

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"

	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/builtins/cli/internal/result"
	"fastmigrate/core"
	"fastmigrate/core/visible"
)

type backupDB struct {
	Keep int    `placeholder:"N" help:"Afterwards, remove all but the newest N backups of the database."`
	To   string `placeholder:"DIR" help:"Directory for the backup, created if needed. Default: beside the database."`
}

func (backupDB) Help() string {
	return `The backup is FILE.YYYYMMDD_HHMMSS.backup beside the database, in local time. It
gets that name only when it is consistent, checked and on disk, and it has the
permissions of the database. If --db is a symbolic link, FILE is its target. The
file .backups.fastmigrate beside the backup records its database, time and
checksum.

--keep removes a backup only if it is certain to be of this database and older
than N others, and never one that a running task or run-migrations made.

Examples:

    fastmigrate backup-db --db data/shop.db
    fastmigrate backup-db --to backups --keep 14`
}

func (c backupDB) Run(a *app) error {
	if c.Keep < 0 {
		return hint.Usagef("--keep=%d: a number of backups cannot be negative", c.Keep)
	}
	o := a.options
	o.BackupDir, o.Keep = c.To, c.Keep
	b, err := core.BackupDB(a, a.db, o)
	if err != nil {
		return err
	}
	return a.Report(a.Line("Database backup created: %s", b.Path), result.Backup{Backup: b, Version: result.VersionOf(b.Version)})
}

type backups struct {
	From string `placeholder:"DIR" help:"Directory of the backups. Default: beside the database."`
}

func (backups) Help() string {
	return `Checks every backup of the database completely and lists the newest first.
Backups of another database of the same name are listed too, and marked. In --json,
a time is UTC if it was recorded; otherwise it is the local time in the file name.
If --db is a symbolic link, backups named after the link are listed too.

Examples:

    fastmigrate backups --db data/shop.db
    fastmigrate backups --from backups`
}

func (c backups) Run(a *app) error {
	o := a.options
	o.BackupDir = c.From
	list, err := core.Backups(a, a.db, o)
	if err != nil {
		return err
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TIME\tVERSION\tSIZE\tSTATE\tPATH")
	for _, f := range list {
		version, state := "-", "whole"
		if f.Version >= 0 {
			version = fmt.Sprint(f.Version)
		}
		if f.Problem != "" {
			state = f.Problem
		} else if f.Unchecked != nil {
			state += " but for what only its application can check (" + strings.Join(f.Unchecked, ", ") + ")"
		}
		switch {
		case f.Foreign:
			state += ", of " + f.Origin
		case f.Unsure:
			state += ", of another file at " + f.Origin
		case f.Origin == "":
			state += ", of an unknown database"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", f.Time.Local().Format(time.DateTime), version, humanize.Bytes(uint64(f.Bytes)), visible.Line(state), visible.Line(f.Path))
	}
	w.Flush()
	if !slices.ContainsFunc(list, func(f core.BackupFile) bool { return f.Problem == "" }) {
		defer a.Advise([]string{a.Names.OnDB("fastmigrate backup-db") + " makes one; --from DIR looks in another directory"})
	}
	all := make([]result.BackupFile, len(list))
	for i, f := range list {
		all[i] = result.BackupFile{BackupFile: f, Version: result.VersionOf(f.Version)}
	}
	return a.Report(strings.TrimSuffix(b.String(), "\n"), all)
}

type restoreDB struct {
	Backup string `arg:"" optional:"" help:"Backup file to restore."`
	Latest bool   `help:"Restore the newest backup of the database that is whole."`
	List   bool   `help:"Only list the backups, like the command backups."`
	From   string `placeholder:"DIR" help:"Directory of the backups, including the one that keeps the current content. Default: beside the database."`
}

func (restoreDB) Help() string {
	return `Checks the backup completely, keeps the current content of the database as
another backup, and then replaces it in one transaction, even while others have the
database open.

--latest uses the times recorded when the backups were made. If it is not certain
which backup is the newest, or which are of this database, it lists them and
restores none.

Examples:

    fastmigrate restore-db data/shop.db.20261122_140000.backup --db data/shop.db
    fastmigrate restore-db --latest --db data/shop.db`
}

func (c restoreDB) Run(a *app) error {
	switch {
	case c.Latest && c.List || (c.Latest || c.List) == (c.Backup != ""):
		return hint.Usagef("give either the backup to restore, or --latest, or --list")
	case c.List:
		return backups{c.From}.Run(a)
	}
	o := a.options
	o.BackupDir = c.From
	r, err := core.RestoreDB(a, c.Backup, a.db, o)
	if err != nil {
		return err
	}
	a.changed(a.db)
	text := a.Line("Database restored from: %s (version: %d)", r.From, r.Version)
	if r.Version < 0 {
		text = a.Line("Database restored from: %s (unversioned)", r.From)
	}
	if r.Origin != "" {
		text += "\n" + a.Line("It is a backup of %s, which no longer exists.", r.Origin)
	}
	if r.Kept != "" {
		text += "\n" + a.Line("The previous content is kept as: %s", r.Kept)
	}
	return a.Report(text, result.Restored{Restored: r, Version: result.VersionOf(r.Version)})
}

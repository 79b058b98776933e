// Hints after a report. Like errors, a report that leaves something to do ends with hints
// on standard error.

package hint

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fastmigrate/core"
	"fastmigrate/core/drift"
)

// AfterStatus is what to do about the state of a database.
func (c Context) AfterStatus(s core.DatabaseStatus) []string {
	hints := c.ForAll(s.Problems)
	switch {
	case len(hints) > 0:
	case len(s.Migrations)+len(s.Misnamed) == 0:
		hints = append(hints, c.nameHints()...)
	case slices.ContainsFunc(s.Migrations, func(m core.MigrationStatus) bool { return m.State == core.StatePending }):
		hints = append(hints, c.pendingHint())
	}
	return hints
}

func (c Context) pendingHint() string {
	return c.On("fastmigrate run-migrations") + " applies the pending migrations"
}

// enrollHint is how to enroll a database: at the version of existing migrations, if there
// are any.
func (c Context) enrollHint() string {
	if list, _, err := c.Options.Migrations(os.DirFS(c.Dir)); err == nil && len(list) > 0 {
		return c.On("fastmigrate enroll-db --version N") + " enrolls an existing database, where N is the last migration already applied to it"
	}
	return c.On("fastmigrate enroll-db") + " enrolls an existing database"
}

// exists reports whether anything has the path.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// isLink reports whether a symbolic link has the path.
func isLink(path string) bool {
	_, err := os.Readlink(path)
	return err == nil
}

// AfterDrift is what to do about differences of the schema.
func (c Context) AfterDrift(r drift.Report) []string {
	switch {
	case r.File != "":
		return []string{"read it; " + c.On("fastmigrate run-migrations") + " then records it here, and brings other databases to the same schema"}
	case len(r.Differences) == 0, len(r.Skipped) > 0: // differences may be due to the skipped programs
		return []string{}
	case len(r.Edited) > 0:
		return []string{"first look at the edited migration: " + c.On("fastmigrate accept "+r.Edited[0][:4])}
	}
	return []string{"if they are intended: " + c.On("fastmigrate drift --fix") + " writes a migration that records them"}
}

// notDatabase is about a path with something other than a database.
func (c Context) notDatabase(path string) []string {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return []string{"is --db right? it must name a file, such as " + Quote(filepath.Join(path, "app.db"))}
	case !isRegular(path):
		return []string{"is --db right? it must name a regular file"}
	}
	return []string{"is --db right? head -c 15 " + QuotePath(path) + " shows how the file begins; a database begins with SQLite format 3",
		"if it was a database: " + c.OnDB("fastmigrate backups") + " lists the backups"}
}

func isRegular(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// nameHints guesses what to do with files that are not migrations: rename them, or adopt
// those of a tool that adopt knows.
func (c Context) nameHints() []string {
	_, misnamed, err := c.Options.Migrations(os.DirFS(c.Dir))
	if err != nil || len(misnamed) == 0 {
		return []string{c.InDir("fastmigrate new DESCRIPTION") + " writes the first one"}
	}
	for _, m := range misnamed {
		if m.Rule != "" {
			return []string{"mv " + Quote(filepath.Join(c.Dir, m.Name)) + " " + Quote(filepath.Join(c.Dir, m.Rule))}
		}
	}
	for _, tool := range []string{"goose", "dbmate", "golang-migrate", "Alembic"} {
		if !strings.Contains(misnamed[0].Tool, tool) {
			continue
		}
		command := "fastmigrate adopt --from " + strings.ToLower(tool) + " " + Quote(filepath.Dir(filepath.Join(c.Dir, misnamed[0].Name)))
		return []string{"to take over a database with its migrations from " + tool + ": " + command + " --migrations NEW --db DB", "or name them NNNN-description.sql, from 0001-"}
	}
	return []string{"migrations are named NNNN-description.sql, .star, .py or .sh: " + c.InDir("fastmigrate new DESCRIPTION") + " writes one"}
}

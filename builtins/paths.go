// Where the paths of a call lead.

package builtins

import (
	"io/fs"
	"os"

	"fastmigrate/builtins/internal/row"
	"fastmigrate/core/rehearse"
)

// db is the path of the database that the parameter of that name names, or else of
// the usual one.
func (set *Set) db(c *row.Call) string {
	return set.meant(c, "db", set.o.DB, "data/database.db")
}

// migrations is the directory that the parameter of that name names, or else the
// usual one.
func (set *Set) migrations(c *row.Call) string {
	return set.meant(c, "migrations", set.o.Migrations, "migrations")
}

// meant is the path that a parameter names, or else the usual one.
func (set *Set) meant(c *row.Call, param, usual, standard string) string {
	path := c.Text(param)
	switch {
	case path == "" && usual != "":
		return usual
	case path == "":
		return c.Session.Path(standard)
	}
	path = c.Session.Path(path)
	if set.o.Named != nil {
		set.o.Named(param, path)
	}
	return path
}

// at is where what a path means is: a rehearsal may have a private one.
func (set *Set) at(c *row.Call, path string) string {
	if r := rehearse.Of(set.o.Core); r != nil {
		return r.Where(c.Session.Path(path))
	}
	return c.Session.Path(path)
}

// migrationsFS is the migrations directory, which is there.
func (set *Set) migrationsFS(c *row.Call) (fs.FS, error) {
	dir := set.migrations(c)
	if r := rehearse.Of(set.o.Core); r != nil {
		dir = r.Where(dir)
	}
	_, err := os.ReadDir(dir)
	return os.DirFS(dir), err
}

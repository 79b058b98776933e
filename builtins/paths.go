// Where the paths of a call lead.

package builtins

import (
	"io/fs"
	"os"

	"fastmigrate/core"
)

// db is the path of the database that a parameter names, or else of the usual one.
func (c *call) db(name string) string {
	return c.meant(name, "db", c.set.o.DB, "data/database.db")
}

// migrations is the directory that the parameter of that name names, or else the
// usual one.
func (c *call) migrations() string {
	return c.meant("migrations", "migrations", c.set.o.Migrations, "migrations")
}

// meant is the path that a parameter names, or else the usual one.
func (c *call) meant(name, param, usual, standard string) string {
	path := c.text(name)
	switch {
	case path == "" && usual != "":
		return usual
	case path == "":
		return c.session.Path(standard)
	}
	path = c.session.Path(path)
	if c.set.o.Named != nil {
		c.set.o.Named(param, path)
	}
	return path
}

// rehearsal is the one that is going on; nil if it is for real.
func (c *call) rehearsal() *core.Rehearsal { return c.set.o.Core.Rehearsal }

// at is where what a path means is: a rehearsal may have a private one.
func (c *call) at(path string) string {
	if r := c.rehearsal(); r != nil {
		return r.Where(c.session.Path(path))
	}
	return c.session.Path(path)
}

// migrationsFS is the directory of the migrations, which is there.
func (c *call) migrationsFS() (fs.FS, error) {
	dir := c.migrations()
	if r := c.rehearsal(); r != nil {
		dir = r.Where(dir)
	}
	_, err := os.ReadDir(dir)
	return os.DirFS(dir), err
}

package enforce

import (
	"errors"

	"fastmigrate/core/internal/sqlite"
)

// ForgetViolations has SQLite forget the violations that it counts, once a comparison
// with those of before found none to be new: SQLite would refuse a COMMIT for a row that
// was an orphan before, or that was repaired while foreign keys were off. SQLite counts
// down, to 0 at most, for each orphan that is deleted: with defer_foreign_keys for those
// of immediate keys, without it for those of deferred ones.
func ForgetViolations(c *sqlite.Conn) error {
	if !c.KeysViolated() {
		return nil
	}
	defer c.SetForeignKeys(c.ForeignKeys())
	most := c.TotalChanges() + 1 // there cannot be more
	return errors.Join(countDown(c, "", "ON", most), countDown(c, " DEFERRABLE INITIALLY DEFERRED", "OFF", most))
}

func countDown(c *sqlite.Conn, key, deferred string, most int64) error {
	const child, parent = "temp.fastmigrate_child", "temp.fastmigrate_parent"
	do := func(sql string, args ...any) func() error {
		return func() error { return c.Exec(sql, args...) }
	}
	keys := func(on bool) func() error {
		return func() error { c.SetForeignKeys(on); return nil }
	}
	steps := []func() error{
		keys(false),
		do("CREATE TABLE " + parent + " (id INTEGER PRIMARY KEY)"),
		do("CREATE TABLE " + child + " (p REFERENCES fastmigrate_parent" + key + ")"),
		do("PRAGMA defer_foreign_keys = " + deferred),
	}
	for n := int64(1000); ; n *= 8 {
		steps = append(steps, keys(false),
			do("WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO "+child+" SELECT i FROM n", min(n, most)),
			keys(true), do("DELETE FROM "+child))
		if n >= most {
			break
		}
	}
	steps = append(steps, keys(false), do("DROP TABLE "+child), do("DROP TABLE "+parent))
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

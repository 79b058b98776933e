// Whether the rest of a schema still works after a table is rebuilt. SQLite itself does
// not check: a view or a trigger that names a column that is gone fails when it is used,
// and an index takes the name for a string (https://sqlite.org/quirks.html#dblquote).

package schema

import (
	"context"
	"errors"
	"slices"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/foreign"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// checkRest runs a script on a database in memory with the schema and no rows, makes the
// indexes and triggers in again, and reports an object that worked before and does not
// work now. A script that fails is not reported here: the caller runs it again. Errors:
// [fault.ErrRefused].
func checkRest(ctx context.Context, schema []Object, script string, again []Object) error {
	c, err := sqlite.Open(ctx, ":memory:", sqlite.ReadWrite, 0)
	if err != nil {
		return err
	}
	defer c.Close()
	c.NoQuotedStrings()
	f := &rest{c, schema, map[[2]string]bool{}}
	for _, o := range schema {
		if c.Exec(o.SQL) != nil {
			f.broken[o.Key()] = true
		}
	}
	f.eachBroken(func(o Object, _ string) bool {
		f.broken[o.Key()] = true
		return true
	})
	keys := foreign.Keys{Conn: c}
	if keys.Known, err = foreign.ReadOrphans(c); err != nil {
		return err
	}
	if runAll(c, script) != nil { // running it for real reports where
		return nil
	}
	refuse := func(o Object, why string) error {
		why, _, _ = strings.Cut(why, " - should this be") // a string, which it was not
		return fault.Of(fault.ErrRefused, "the %s %s would no longer work: %s", o.Type, o.Name, why)
	}
	for _, o := range again {
		if err := c.Exec(o.SQL); err != nil && !elsewhere(err) && !f.broken[o.Key()] {
			return refuse(o, err.Error())
		}
	}
	err = nil
	f.eachBroken(func(o Object, why string) bool {
		if !f.broken[o.Key()] {
			err = refuse(o, why)
		}
		return err == nil
	})
	if err != nil {
		return err
	}
	v, err := keys.Added(foreign.EveryTable) // there are no rows, so that only a key can be wrong
	if v != nil {
		err = fault.Of(fault.ErrRefused, "%s", v.Error())
	}
	return err
}

// elsewhere reports whether a statement may have failed only because the database in
// memory lacks a table, or a function that the program adds to SQLite.
func elsewhere(err error) bool {
	var e *sqlite.Error
	return catalog.LacksExtension(err) || errors.As(err, &e) && strings.HasPrefix(e.Msg, "no such table: ")
}

type rest struct {
	c      *sqlite.Conn
	schema []Object
	broken map[[2]string]bool
}

// eachBroken calls found for each view and trigger that does not work, as long as it returns
// true. SQLite compiles them all when it renames a table
// (https://sqlite.org/lang_altertable.html#altertabrename).
func (f *rest) eachBroken(found func(o Object, why string) bool) {
	const name = "fastmigrate_probe"
	for {
		err := errors.Join(f.c.Exec("CREATE TABLE IF NOT EXISTS "+name+"(x)"), f.c.Exec("ALTER TABLE "+name+" RENAME TO "+name+"_2"))
		if err == nil {
			f.c.Exec("DROP TABLE " + name + "_2")
			return
		}
		i := slices.IndexFunc(f.schema, func(o Object) bool {
			rest, ok := strings.CutPrefix(err.Error(), "error in "+o.Type+" "+o.Name)
			return ok && (strings.HasPrefix(rest, ":") || strings.HasPrefix(rest, " after rename:"))
		})
		if i < 0 {
			return
		}
		o := f.schema[i]
		_, why, _ := strings.Cut(strings.TrimPrefix(err.Error(), "error in "+o.Type+" "+o.Name), ": ")
		if !found(o, why) || f.c.Exec("DROP "+o.Type+" "+sqlite.Quote(o.Name)) != nil {
			return
		}
	}
}

// runAll runs the statements of a script. An INSERT may lack a function: there are no
// rows to insert.
func runAll(c *sqlite.Conn, script string) error {
	sc := split.New([]byte(script))
	for {
		st, ok := sc.Next()
		if !ok {
			return nil
		}
		sql := script[st.Start:st.End]
		if err := c.Exec(sql); err != nil && !(elsewhere(err) && split.Begins([]byte(sql), "INSERT")) {
			return err
		}
	}
}

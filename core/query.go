package core

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/visible"
)

// Rows is what a query gives: the values as SQLite holds them, nil, int64,
// float64, string or []byte. Dates are the text or number that is stored.
type Rows struct {
	Columns []string `json:"columns"`
	Values  [][]any  `json:"rows"`
}

// Query runs one SELECT, or another statement that only reads, with args for its
// parameters (?), in their order. It cannot write, whatever the statement, and
// gives an error for more than limit rows; zero: any number. Errors: an *fault.Error
// with the place in sql; the causes of Version but ErrUnversioned; ErrRefused.
func Query(ctx context.Context, path, sql string, args []any, limit int, o Options) (rows Rows, err error) {
	defer wrap(&err, "query", path)
	d, err := newDatabase(ctx, path, o)
	if err != nil {
		return rows, err
	}
	if err := bindable(args); err != nil {
		return rows, err
	}
	if err := single(sql); err != nil {
		return rows, err
	}
	c, err := d.read(ctx)
	if err != nil {
		return rows, err
	}
	defer c.Close()
	c.SetAuthorizer(readsOnly)
	s, err := c.Prepare(sql)
	var e *sqlite.Error
	if errors.As(err, &e) && e.Primary() == sqlite.Auth {
		if err := d.connect(c); err != nil {
			return rows, err
		}
		c.SetAuthorizer(readsOnly)
		s, err = c.Prepare(sql)
	}
	if err != nil {
		return rows, d.inStatement(sql, err)
	}
	defer s.Close()
	if err := parameters(s, args); err != nil {
		return rows, err
	}
	if err := s.Bind(args...); err != nil {
		return rows, d.diagnose(err)
	}
	for i := range s.Columns() {
		rows.Columns = append(rows.Columns, s.Column(i))
	}
	rows.Values = [][]any{}
	for {
		more, err := s.Step()
		if err != nil {
			return rows, d.inStatement(sql, err)
		}
		if !more {
			return rows, nil
		}
		if limit > 0 && len(rows.Values) == limit {
			return rows, fmt.Errorf("there are more than %d rows", limit)
		}
		row := make([]any, s.Columns())
		for i := range row {
			row[i] = s.Value(i)
		}
		rows.Values = append(rows.Values, row)
	}
}

// connect has virtual tables do what they do when they are first named. Those of
// R*Tree prepare then to write (https://sqlite.org/rtree.html), which is no more
// than that.
func (d *db) connect(c *sqlite.Conn) error {
	c.SetAuthorizer(nil)
	return d.diagnose(c.Query(func(s *sqlite.Stmt) error {
		if s, err := c.Prepare("SELECT 1 FROM main." + sqlite.Quote(s.Text(0))); err == nil { // else its module is not here
			s.Close()
		}
		return nil
	}, "SELECT name FROM main.sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL%'"))
}

// Execute runs statements that write in one transaction: all of them happen, or
// none. With args, it is one statement, and they are its parameters (?), in their
// order. What cannot be in a transaction, and what would change the version
// table, is refused; so are rows that violate a foreign key, unless
// Options.NoForeignKeyCheck says otherwise. Foreign keys are as an application has
// them: actions run, but not for DROP TABLE or ALTER TABLE, and a REPLACE that would
// delete a row which others refer to is refused. It gives the number of rows inserted,
// updated and deleted. Errors: as of Query, and ErrForeignKey,
// ErrReplaced, ErrReadOnly.
func Execute(ctx context.Context, path, sql string, args []any, o Options) (changed int64, err error) {
	defer wrap(&err, "execute", path)
	d, err := newDatabase(ctx, path, o)
	if err != nil {
		return 0, err
	}
	if err := bindable(args); err != nil {
		return 0, err
	}
	s, err := plan.Parse(statement, []byte(sql), 0)
	if err != nil {
		return 0, err
	}
	for _, u := range s.Units {
		if u.Kind != plan.Transaction {
			key, st := fault.NotInOne, s.First(u.Start, u.End)
			if st.Name == "foreign_keys" {
				key = fault.KeysSet
			}
			return 0, s.At(st.Start, &fault.Reason{Key: key, Err: fault.Of(fault.ErrRefused, "this cannot be in the transaction that holds the statements")})
		}
	}
	s.Unchecked = false // what is in no file has no first lines
	one := single(sql)
	if len(args) > 0 && one != nil {
		return 0, one
	}
	defer d.watched()()
	r := d.run(nil)
	err = r.judged(ctx, func() error {
		c, err := d.write(ctx)
		if err != nil {
			return err
		}
		defer c.Close()
		x := newExecution(d.db, d.o.script(), c, s, r.knowing)
		defer x.close()
		err = x.transact(func() error {
			if err := x.enforce(); err != nil {
				return err
			}
			if one == nil && (len(args) > 0 || len(s.Units[0].Marks) == 0) {
				err = x.bound(sql, args)
			} else {
				for _, u := range s.Units {
					if err = x.unit(u); err != nil {
						break
					}
				}
			}
			changed = x.rows()
			if err == nil {
				err = x.enforced.settle()
			}
			return err
		})
		if err == nil {
			x.enforced.told()
		}
		return err
	})
	return changed, err
}

// bound runs the one statement that the script is, with values for its parameters.
func (x *execution) bound(sql string, args []any) error {
	st, err := x.c.Prepare(sql)
	if err == nil {
		defer st.Close()
		if err := parameters(st, args); err != nil {
			return err
		}
		x.stage.next(x, 1)
		err = x.enforced.run([]byte(sql), x.enforced.compile(), func() error {
			return x.asScript(func() error { return x.c.Exec(sql, args...) })
		})
	}
	switch d := (*denied)(nil); {
	case errors.As(err, &d):
		return x.s.At(0, d)
	case err != nil:
		return x.inStatement(sql, err)
	}
	return x.checkKeys(x.foreign.check)
}

// statement is what stands for the file in the place of an error in SQL that is
// in none.
const statement = "SQL"

func parameters(s *sqlite.Stmt, args []any) error {
	if n := s.Parameters(); n != len(args) {
		return fmt.Errorf("the statement has %s (?), and there are values for %d", visible.Count(int64(n), "parameter"), len(args))
	}
	return nil
}

// bindable reports a value that SQLite would not give back as it is.
func bindable(args []any) error {
	for i, v := range args {
		if text, ok := v.(string); ok && !utf8.ValidString(text) {
			return fmt.Errorf("value %d is text that is not UTF-8: %q", i+1, text)
		}
	}
	return nil
}

// single refuses more than one statement, of which only the first would run.
func single(sql string) error {
	sc := split.New([]byte(sql))
	if _, ok := sc.Next(); !ok {
		return errors.New("there is no statement")
	}
	if st, ok := sc.Next(); ok {
		s := &plan.Script{Name: statement, Text: []byte(sql)}
		return s.At(st.Start, errors.New("a second statement begins here, and there may be one"))
	}
	return nil
}

// inStatement is an error with its place in sql.
func (d *db) inStatement(sql string, err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) || e.Offset < 0 {
		if e != nil && e.Primary() == sqlite.Auth {
			return fault.Of(fault.ErrRefused, "the statement does more than read")
		}
		return fault.Because(e, []byte(sql), d.diagnose(err))
	}
	s := &plan.Script{Name: statement, Text: []byte(sql)}
	return s.At(min(e.Offset, len(sql)), fault.Because(e, []byte(sql), d.diagnose(err)))
}

// asks are the PRAGMAs that change nothing (https://sqlite.org/pragma.html).
var asks = map[string]bool{
	"table_info": true, "table_xinfo": true, "table_list": true, "index_list": true, "index_info": true, "index_xinfo": true,
	"foreign_key_list": true, "foreign_key_check": true, "integrity_check": true, "quick_check": true, "database_list": true,
	"collation_list": true, "function_list": true, "compile_options": true, "data_version": true, "freelist_count": true,
	"page_count": true,
}

// readsOnly is the authorizer of a connection that only reads.
func readsOnly(a sqlite.Action) bool {
	switch a.Code {
	case sqlite.ActSelect, sqlite.ActRecursive:
		return true
	case sqlite.ActPragma:
		return asks[a.Arg1] || a.Arg2 == "" && (a.Arg1 == "user_version" || a.Arg1 == "application_id" ||
			a.Arg1 == "page_size" || a.Arg1 == "journal_mode" || a.Arg1 == "foreign_keys" || a.Arg1 == "encoding" || a.Arg1 == "schema_version")
	}
	return false
}

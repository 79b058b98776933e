package session

import (
	"errors"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/reason"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// ConnectVirtual names all virtual tables once, without an authorizer. When first named,
// those of R*Tree compile statements that write (https://sqlite.org/rtree.html), which
// [AuthorizeReads] would refuse although nothing runs them.
func ConnectVirtual(d *file.DB, c *sqlite.Conn) error {
	c.SetAuthorizer(nil)
	return d.Diagnose(c.Query(func(s *sqlite.Stmt) error {
		if s, err := c.Prepare("SELECT 1 FROM main." + sqlite.Quote(s.Text(0))); err == nil { // else its module is not here
			s.Close()
		}
		return nil
	}, "SELECT name FROM main.sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL%'"))
}

// RunBound runs sql, the only statement of the script, with args for its parameters, and
// checks foreign keys. Errors: a [fault.Error] with the place in sql.
func (x *Session) RunBound(sql string, args []any) error {
	st, err := x.Conn.Prepare(sql)
	if err == nil {
		defer st.Close()
		if args, err = Arguments(st, args); err != nil {
			return err
		}
		x.CountStatements(1)
		err = x.Enforced.RunStatement([]byte(sql), x.Enforced.StartFootprint(), func() error {
			return x.AsScript(func() error { return x.Conn.Exec(sql, args...) })
		})
	}
	switch d := (*Refusal)(nil); {
	case errors.As(err, &d):
		return x.Script.At(0, d)
	case err != nil:
		return x.ErrorIn(sql, err)
	}
	return x.CheckKeys(x.Foreign.Check)
}

// ErrStopRows ends a query from the function that gets its rows.
var ErrStopRows = errors.New("no more rows are needed")

// NoFile stands for the name of the file in the place of an error in SQL that is in none.
const NoFile = "SQL"

// CheckSingle reports SQL that is not exactly one statement: only the first would run.
func CheckSingle(sql string) error {
	sc := split.New([]byte(sql))
	if _, ok := sc.Next(); !ok {
		return errors.New("there is no statement")
	}
	if st, ok := sc.Next(); ok {
		s := &plan.Script{Name: NoFile, Text: []byte(sql)}
		return s.At(st.Start, errors.New("a second statement begins here, but only one is allowed"))
	}
	return nil
}

// ErrorIn is err, which SQLite gave for sql, with its reason and, where SQLite tells it,
// its place in sql.
func ErrorIn(d *file.DB, sql string, err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) || e.Offset < 0 {
		if e != nil && e.Primary() == sqlite.Auth {
			return fault.Of(fault.ErrRefused, "the statement does not only read")
		}
		return fault.Because(e, []byte(sql), d.Diagnose(err))
	}
	s := &plan.Script{Name: NoFile, Text: []byte(sql)}
	return s.At(min(e.Offset, len(sql)), fault.Because(e, []byte(sql), d.Diagnose(err)))
}

// ErrorIn is [ErrorIn] with what the open transaction adds to the reason.
func (x *Session) ErrorIn(sql string, err error) error {
	err = ErrorIn(x.DB, sql, err)
	reason.AddDetail(x.Conn, err, []byte(sql), false)
	return err
}

// readingPragmas are PRAGMAs that change nothing (https://sqlite.org/pragma.html).
var readingPragmas = map[string]bool{
	"table_info": true, "table_xinfo": true, "table_list": true, "index_list": true, "index_info": true, "index_xinfo": true,
	"foreign_key_list": true, "foreign_key_check": true, "integrity_check": true, "quick_check": true, "database_list": true,
	"collation_list": true, "function_list": true, "compile_options": true, "data_version": true, "freelist_count": true,
	"page_count": true,
}

// AuthorizeReads is the authorizer of a connection that only reads.
func AuthorizeReads(a sqlite.Action) bool {
	switch a.Code {
	case sqlite.ActSelect, sqlite.ActRecursive:
		return true
	case sqlite.ActPragma:
		return readingPragmas[a.Arg1] || a.Arg2 == "" && (a.Arg1 == "user_version" || a.Arg1 == "application_id" ||
			a.Arg1 == "page_size" || a.Arg1 == "journal_mode" || a.Arg1 == "foreign_keys" || a.Arg1 == "encoding" || a.Arg1 == "schema_version")
	}
	return false
}

package split_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

func all(text string) (list []split.Statement) {
	s := split.New([]byte(text), "_meta", "_meta_history")
	for {
		st, ok := s.Next()
		if !ok {
			return list
		}
		list = append(list, st)
	}
}

// TestStatements holds the scanner against scripts read by hand.
func TestStatements(t *testing.T) {
	for _, test := range []struct{ script, want string }{
		{"", ""},
		{" ;; -- nothing\n /* here */ ;", ""},
		{"select 1", "Plain[select 1]"},
		{"\ufeffselect 1;\r\nselect 2;", "Plain[select 1;] Plain[select 2;]"},
		{"select ';', \";\", `;`, [;] -- ;\n /* ; */ ; select 2", "Plain[select ';', \";\", `;`, [;] -- ;\n /* ; */ ;] Plain[select 2]"},
		{"create trigger t after insert on a begin select 1; select case when 1 then 2 end; end; select 3;",
			"Plain[create trigger t after insert on a begin select 1; select case when 1 then 2 end; end;] Plain[select 3;]"},
		{"create temp trigger t after insert on a begin select 1;", "Incomplete[create temp trigger t after insert on a begin select 1;]"},
		{"create temp trigger t after insert on a begin select 1; end", "CreateTemp[create temp trigger t after insert on a begin select 1; end]"},
		{"explain create trigger t after insert on a begin select 1;end; select 1", "Plain[explain create trigger t after insert on a begin select 1;end;] Plain[select 1]"},
		{"begin immediate; commit; end transaction;", "Begin[begin immediate;] Commit[commit;] Commit[end transaction;]"},
		{"rollback; rollback to x; rollback transaction to savepoint x; rollback transaction;",
			"Rollback[rollback;] Plain[rollback to x;] Plain[rollback transaction to savepoint x;] Rollback[rollback transaction;]"},
		{"vacuum into 'x'; attach 'a' as b; detach b; drop table x; drop view y",
			"Vacuum[vacuum into 'x';] Attach[attach 'a' as b;] Attach[detach b;] DropTable[drop table x;] Plain[drop view y]"},
		{"alter table main.\"a\" rename to [b c]; alter table a rename column b to c; alter table a rename b to c",
			"RenameTable[alter table main.\"a\" rename to [b c];] Plain[alter table a rename column b to c;] Plain[alter table a rename b to c]"},
		{"pragma main . Foreign_Keys = OFF; pragma journal_mode(\"WAL\"); pragma cache_size = -2000; pragma user_version",
			"Pragma{foreign_keys=off} Pragma{journal_mode=wal} Pragma{cache_size=-2000} Pragma{user_version=}"},
		{"select 'abc", "Incomplete[select 'abc]"},
		{"select 1; /* no end", "Plain[select 1;] Incomplete[/* no end]"},
		{"create table a(x", "Incomplete[create table a(x]"},
		{"select $a(;) ; select 2", "Plain[select $a(;) ;] Plain[select 2]"},
		{"create temp view a as select 1; create table if not exists temp.a(x); create unique index temp . i on a(x); create table tempo(x)",
			"CreateTemp[create temp view a as select 1;] CreateTemp[create table if not exists temp.a(x);] CreateTemp[create unique index temp . i on a(x);] Plain[create table tempo(x)]"},
		{"savepoint [a b]; release savepoint x; release savepoint; release y", "Savepoint[savepoint [a b];] Release[release savepoint x;] Release[release savepoint;] Release[release y]"},
		{"explain commit;", "Plain[explain commit;]"},
	} {
		var got []string
		for _, st := range all(test.script) {
			if st.Kind == split.Pragma {
				got = append(got, fmt.Sprintf("Pragma{%s=%s}", st.Name, st.Value))
			} else {
				got = append(got, fmt.Sprintf("%s[%s]", name(st.Kind), test.script[st.Start:st.End]))
			}
		}
		if g := strings.Join(got, " "); g != test.want {
			t.Errorf("%q:\n got %s\nwant %s", test.script, g, test.want)
		}
	}
}

func name(k split.Kind) string {
	return [...]string{"Plain", "Begin", "Commit", "Rollback", "Vacuum", "Attach", "Pragma", "DropTable", "RenameTable", "CreateTemp", "Savepoint", "Release", "Incomplete"}[k]
}

// TestChangesOfTheVersionTable: statements that make one, and not those that read
// it or have a column of that name.
func TestChangesOfTheVersionTable(t *testing.T) {
	for _, script := range []string{
		"insert into _meta values (1, 2)", "insert or replace into main._meta values (1,2)", "replace into [_META] values (1,2)",
		"update _meta set version = 9", "update or ignore \"_meta\" set version = 9", "update main . `_meta` set version = 9",
		"delete from _meta", "delete from 'main'.'_meta'", "drop table _meta", "drop table if exists _meta", "alter table _meta add x",
		"with a as (select 1) update _meta set version = 2", "create trigger x after update on _meta begin select 1; end",
		"create trigger x after insert on a begin update _meta set version = 1; end;", "delete from _meta_history",
	} {
		if list := all(script); len(list) != 1 || list[0].Meta == 0 {
			t.Errorf("%s: not seen as a change", script)
		}
	}
	for _, script := range []string{
		"select version from _meta", "insert into a select version from _meta", "update users set _meta = 1", "create table a(_meta text)",
		"delete from a where _meta = 1", "insert into a(_meta) values (1)", "delete from a where x in (select version from b, _meta)", "delete from a where id < (select version from _meta)",
		"create table k as select 1 from a join _meta on _meta.id = a.id",
		"update a set x = '_meta'", "create table if not exists _meta(id)", "alter table a drop column _meta", "select 1 -- update _meta",
	} {
		if list := all(script); len(list) != 1 || list[0].Meta != 0 {
			t.Errorf("%s: seen as a change", script)
		}
	}
}

// FuzzSplit compares with SQLite's own judgement: where it compiles a
// statement, it must say the same of its end, and the statements with what is
// between them are the script.
func FuzzSplit(f *testing.F) {
	for _, seed := range []string{
		"select 1; select ';' ; -- x;\nselect 2", "create table a(x); create trigger t after insert on a begin select 1; select 2; end; select 3;",
		"explain query plan create trigger t after insert on a begin select 1;end; select 1", "select [a;b], \"c;d\", `e;f`, 'g''h;'; /* ; */ select 4",
		"\ufeff;; select 1\x0c;\r\n;select x'00';", "select $a::b(c;d), :e, @f, ?1; select 1", "begin; commit; end; pragma user_version;",
		"create temp trigger if not exists t after insert on a begin insert into a values(case when 1 then 2 end); end; select 1", "select 1 /* ;",
		"select 1e5, .5, 0x1F, 1_000; select -1--2;\n;", "select 'a' 'b;'; values(1);;", "create trigger;end;end;select 1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.IndexByte(text, 0) >= 0 || len(text) > 4096 {
			return
		}
		c, err := sqlite.Open(context.Background(), ":memory:", sqlite.ReadWrite|sqlite.Create, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.Exec("create table a(x)")
		script := c.NewScript([]byte(text))
		defer script.Close()
		s, at := split.New([]byte(text)), 0
		for {
			st, ok := s.Next()
			if ok && (st.Start < at || st.End <= st.Start || st.End > len(text)) {
				t.Fatalf("%q: %+v does not follow %d", text, st, at)
			}
			end, err := script.End(at)
			if err != nil {
				return // what SQLite does not compile, it does not delimit
			}
			if !ok {
				if end != len(text) {
					t.Fatalf("%q: no statement after %d, for SQLite one up to %d", text, at, end)
				}
				return
			}
			if end != st.End {
				t.Fatalf("%q: statement %q ends at %d, for SQLite at %d", text, text[st.Start:st.End], st.End, end)
			}
			at = end
		}
	})
}

// FuzzNormal: a statement in one spelling is spelled as it is.
func FuzzNormal(f *testing.F) {
	for _, seed := range []string{"CREATE TABLE [key](key int, [left] /**/", "CREATE TABLE [t](\"a\" int, b /* c */ default x'00')", "select x '00', `a``b`, \"true\" -- end", "a.b||1e5<>'it''s'"} {
		f.Add(seed)
	}
	is := func(list ...string) func(string) bool {
		return func(w string) bool { return slices.Contains(list, strings.ToLower(w)) }
	}
	w := split.Words{Keyword: is("table", "select", "key", "left"), Name: is("key", "left")}
	f.Fuzz(func(t *testing.T, text string) {
		once := split.Normal([]byte(text), w)
		if twice := split.Normal([]byte(once), w); twice != once {
			t.Errorf("%q: %q, then %q", text, once, twice)
		}
		if !split.Same([]byte(text), []byte(text), w) {
			t.Errorf("%q is not the same as itself", text)
		}
	})
}

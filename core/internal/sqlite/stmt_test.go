package sqlite

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
)

// TestValuesComeBack: through a parameter, a column of a file, and a function.
func TestValuesComeBack(t *testing.T) {
	c := open(t, temporary(t))
	exec(t, c, "CREATE TABLE a(x)")
	var got any
	if err := c.CreateFunction("same", 1, func(args []any) (any, error) { got = args[0]; return got, nil }); err != nil {
		t.Fatal(err)
	}
	large := bytes.Repeat([]byte{0, 1, 2, 255}, 1<<20)
	for _, test := range []struct {
		in, want any
		kind     string
	}{
		{nil, nil, "null"},
		{0, int64(0), "integer"},
		{-1, int64(-1), "integer"},
		{int64(math.MaxInt64), int64(math.MaxInt64), "integer"},
		{int64(math.MinInt64), int64(math.MinInt64), "integer"},
		{1.5, 1.5, "real"},
		{2.0, 2.0, "real"}, // not the integer
		{math.Inf(1), math.Inf(1), "real"},
		{-math.MaxFloat64, -math.MaxFloat64, "real"},
		{math.SmallestNonzeroFloat64, math.SmallestNonzeroFloat64, "real"},
		{math.NaN(), nil, "null"}, // https://sqlite.org/floatingpoint.html
		{"", "", "text"},
		{"ä\U0001F600", "ä\U0001F600", "text"},
		{"a\x00b\x00", "a\x00b\x00", "text"},
		{"\xff\xfe", "\xff\xfe", "text"}, // no UTF-8
		{"12", "12", "text"},
		{string(large), string(large), "text"},
		{[]byte{}, []byte{}, "blob"},
		{[]byte(nil), []byte{}, "blob"},
		{[]byte{0}, []byte{0}, "blob"},
		{large, large, "blob"},
	} {
		if err := errors.Join(c.Exec("DELETE FROM a"), c.Exec("INSERT INTO a VALUES (?)", test.in)); err != nil {
			t.Fatal(err)
		}
		for _, sql := range []string{"SELECT x, typeof(x) FROM a", "SELECT same(x), typeof(same(x)) FROM a"} {
			got = test.want
			rows := 0
			err := c.Query(func(s *Stmt) error {
				rows++
				row := make([]any, 2)
				if rest := Unpack(append(s.Pack(nil), "rest"...), row); string(rest) != "rest" || !reflect.DeepEqual(row, []any{test.want, test.kind}) {
					t.Errorf("%.20v (%T): %s = %.20v once packed, and %d bytes follow", test.in, test.in, sql, row, len(rest))
				}
				if v := s.Value(0); !reflect.DeepEqual(v, test.want) || s.Text(1) != test.kind {
					t.Errorf("%.20v (%T): %s = %.20v (%T), %s", test.in, test.in, sql, v, v, s.Text(1))
				}
				if !reflect.DeepEqual(got, test.want) {
					t.Errorf("%.20v (%T): the function got %.20v (%T)", test.in, test.in, got, got)
				}
				return nil
			}, sql)
			if err != nil || rows != 1 {
				t.Errorf("%.20v (%T): %s: %d rows, %v", test.in, test.in, sql, rows, err)
			}
		}
	}
}

func TestBindRefuses(t *testing.T) {
	c := open(t, temporary(t))
	for _, v := range []any{true, int32(1), float32(1), struct{}{}, []string{}, 'x'} {
		if err := c.Exec("SELECT ?", v); err == nil {
			t.Errorf("%T is taken", v)
		}
	}
	if err := c.Exec("SELECT ?", 1, 2); code(err)&0xff != 25 { // SQLITE_RANGE
		t.Errorf("a value too many: %v", err)
	}
	if got, err := c.Text("SELECT typeof(?) || typeof(?)", 1); got != "integernull" || err != nil {
		t.Errorf("a value too few: %q, %v", got, err)
	}
}

func TestColumnsAsIntAndText(t *testing.T) {
	c := open(t, temporary(t))
	err := c.Query(func(s *Stmt) error {
		if s.Columns() != 6 || s.Column(0) != "a" || s.Column(5) != "f" || s.Parameters() != 2 || !s.ReadOnly() {
			t.Errorf("%d columns, %s to %s, %d parameters", s.Columns(), s.Column(0), s.Column(5), s.Parameters())
		}
		for i, want := range []string{"12", "1.5", "x\x00y", "", "", "\x00\x01"} {
			if got := s.Text(i); got != want {
				t.Errorf("Text(%d) = %q, want %q", i, got, want)
			}
		}
		for i, want := range []int64{12, 1, 0, 0, 0, 0} {
			if got := s.Int(i); got != want {
				t.Errorf("Int(%d) = %d, want %d", i, got, want)
			}
		}
		return nil
	}, "SELECT 12 AS a, ? AS b, ? AS c, NULL AS d, x'' AS e, x'0001' AS f", 1.5, "x\x00y")
	if err != nil {
		t.Fatal(err)
	}
	for sql, readOnly := range map[string]bool{"SELECT 1": true, "CREATE TABLE a(x)": false, "BEGIN": true, "PRAGMA user_version = 1": false} {
		s, err := c.Prepare(sql)
		if err != nil || s.ReadOnly() != readOnly {
			t.Errorf("%s: ReadOnly() = %v, %v", sql, !readOnly, err)
		}
		s.Close()
	}
}

func TestStatementRunsAgain(t *testing.T) {
	c := open(t, temporary(t))
	exec(t, c, "CREATE TABLE a(x UNIQUE)")
	s, err := c.Prepare("INSERT INTO a VALUES (?) RETURNING x")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i, want := range []bool{true, false, true} { // the second fails, which does not hold back the third
		value := []int{1, 1, 2}[i]
		if err := s.Bind(value); err != nil {
			t.Fatal(err)
		}
		row, err := s.Step()
		if row != want || (err == nil) != want || want && s.Int(0) != int64(value) {
			t.Errorf("run %d: %v, %v", i, row, err)
		}
	}
	s.Reset()
	if n, err := c.Int("SELECT count(*) FROM a"); n != 2 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
	s.Close()
	if row, err := s.Step(); row || err != nil {
		t.Errorf("Step() of a closed one = %v, %v", row, err)
	}
}

// TestBoundValuesStay: short values share the memory of the statement and long ones have
// their own, and those of one run are not those of the next.
func TestBoundValuesStay(t *testing.T) {
	c := open(t, temporary(t))
	s, err := c.Prepare("SELECT ?1, ?2, ?3, ?4, ?1 || ?2")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, sizes := range [][3]int{{0, 0, 0}, {1, 2, 3}, {maxKept - 1, 1, 0}, {maxKept - 2, 0, 9}, {maxKept, 1, maxKept - 2}, {1 << 20, 5, 1 << 20}, {3, 2, 1}} {
		a, b, blob := strings.Repeat("a", sizes[0]), strings.Repeat("ä", sizes[1]), bytes.Repeat([]byte{0, 255}, sizes[2])
		if err := s.Bind(a, b, blob, 7); err != nil {
			t.Fatal(err)
		}
		for i := range blob { // what the caller does with it afterwards is not seen
			blob[i] = 1
		}
		if row, err := s.Step(); !row || err != nil {
			t.Fatal(row, err)
		}
		for i, want := range []any{a, b, bytes.Repeat([]byte{0, 255}, sizes[2]), int64(7), a + b} {
			if got := s.Value(i); !reflect.DeepEqual(got, want) {
				t.Errorf("%v: value %d is %.20v, want %.20v", sizes, i, got, want)
			}
		}
	}
}

// TestBindAgain: a statement that runs again allocates nothing for the numbers of rows it
// writes and their short texts.
func TestBindAgain(t *testing.T) {
	c := open(t, temporary(t))
	exec(t, c, "CREATE TABLE a(x, y)", "BEGIN")
	s, err := c.Prepare("INSERT INTO a VALUES (?, ?)")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	args := []any{"a text", int64(1000)}
	if n := testing.AllocsPerRun(1000, func() {
		if err := errors.Join(s.Bind(args...), s.Run()); err != nil {
			t.Fatal(err)
		}
		s.Reset()
	}); n > 0 {
		t.Errorf("%v allocations a run", n)
	}
	held := []byte{}
	q, err := c.Prepare("SELECT x, y, NULL, 1.5, x'00' FROM a LIMIT 1")
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	if row, err := q.Step(); !row || err != nil {
		t.Fatal(row, err)
	}
	if n := testing.AllocsPerRun(1000, func() { held = q.Pack(held[:0]) }); n > 0 {
		t.Errorf("%v allocations for a row that is put aside", n)
	}
}

func TestStatementWithoutAny(t *testing.T) {
	c := open(t, temporary(t))
	for _, sql := range []string{"", " ", ";", "-- x", "/* x */;"} {
		s, err := c.Prepare(sql)
		if err != nil {
			t.Fatalf("%q: %v", sql, err)
		}
		if row, err := s.Step(); row || err != nil || s.Columns() != 0 {
			t.Errorf("%q: %v, %v, %d columns", sql, row, err, s.Columns())
		}
		s.Close()
	}
}

func TestQueryStopsAtAnError(t *testing.T) {
	c := open(t, temporary(t))
	exec(t, c, "CREATE TABLE a(x)", "INSERT INTO a VALUES (1), (2)")
	stop, rows := errors.New("stop"), 0
	if err := c.Query(func(*Stmt) error { rows++; return stop }, "SELECT x FROM a"); err != stop || rows != 1 {
		t.Errorf("Query() = %v after %d rows", err, rows)
	}
	exec(t, c, "DROP TABLE a") // which a statement that still runs would lock
	if n, err := c.Int("SELECT 1 WHERE 0"); n != 0 || err != nil {
		t.Errorf("Int() without a row = %d, %v", n, err)
	}
	if s, err := c.Text("SELECT 1 WHERE 0"); s != "" || err != nil {
		t.Errorf("Text() without a row = %q, %v", s, err)
	}
}

func TestScriptRunsStatementByStatement(t *testing.T) {
	c := open(t, temporary(t))
	text := "CREATE TABLE a(x); -- ;\nINSERT INTO a VALUES (';'), (2); SELECT x FROM a;\nSELECT 1, nope; INSERT INTO a VALUES (3)  "
	s := c.NewScript([]byte(text))
	defer s.Close()
	ends := []int{18, 56, 73}
	at := 0
	for i, want := range ends {
		compiled, err := s.End(at)
		if i < 1 && (compiled != want || err != nil) { // without its table the others do not compile
			t.Errorf("End(%d) = %d, %v, want %d", at, compiled, err, want)
		}
		end, err := s.Run(at)
		if end != want || err != nil {
			t.Fatalf("Run(%d) = %d, %v, want %d", at, end, err, want)
		}
		at = end
	}
	var e *Error
	if end, err := s.Run(at); end != at || !errors.As(err, &e) || at+e.Offset != strings.Index(text, "nope") {
		t.Errorf("Run(%d) = %d, %#v", at, end, err)
	}
	at = strings.LastIndex(text, "INSERT")
	if end, err := s.End(at); end != len(text) || err != nil {
		t.Errorf("End(%d) = %d, %v", at, end, err)
	}
	if n, err := c.Int("SELECT count(*) FROM a"); n != 2 || err != nil {
		t.Errorf("End ran it: %d rows, %v", n, err)
	}
	if end, err := s.Run(len(text)); end != len(text) || err != nil {
		t.Errorf("Run at the end = %d, %v", end, err)
	}
}

package catalog_test

import (
	"path/filepath"
	"reflect"
	"testing"

	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/sqlite"
)

// open makes a database by statements.
func open(t testing.TB, statements ...string) *sqlite.Conn {
	t.Helper()
	c, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "app.db"), sqlite.ReadWrite|sqlite.Create, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	for _, sql := range statements {
		if err := c.Exec(sql); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func same(t *testing.T, what string, got, want any, err error) {
	t.Helper()
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s = %+v, %v, want %+v", what, got, err, want)
	}
}

func TestObjectsComeInTheOrderOfTheirNeeds(t *testing.T) {
	c := open(t, "CREATE VIEW v AS SELECT * FROM a", "CREATE VIRTUAL TABLE f USING fts5(x)", "CREATE TABLE a(x UNIQUE)",
		"CREATE TRIGGER g AFTER INSERT ON a BEGIN SELECT 1; END", "CREATE INDEX i ON a(x)", "CREATE TABLE b(y INTEGER PRIMARY KEY AUTOINCREMENT)")
	list, err := catalog.Objects(c)
	var got []string
	for _, o := range list {
		got = append(got, o.Type+" "+o.Name+" of "+o.Table)
		if stored := o.Type == "index" || o.Name == "a" || o.Name == "b"; stored != (o.Root != 0) {
			t.Errorf("the first page of %s is %d", o.Name, o.Root)
		}
	}
	same(t, "Objects()", got, []string{"table a of a", "table b of b", "table f of f", "index i of a", "view v of v", "trigger g of a"}, err)
	stored, err := catalog.StoredTables(c)
	var tables []string
	for _, s := range stored[:4] {
		tables = append(tables, s.Name)
		if s.Virtual != (s.Name == "f") || s.Virtual != (s.Root == 0) {
			t.Errorf("the first page of %s is %d; virtual: %v", s.Name, s.Root, s.Virtual)
		}
	}
	same(t, "StoredTables()", tables, []string{"f", "f_data", "f_idx", "f_content"}, err)
}

func TestColumnsHoldWhatSQLiteMadeOfThem(t *testing.T) {
	c := open(t, "CREATE TABLE t(a INT NOT NULL DEFAULT (1 + 1), b, OID TEXT, u AS (a), s AS (a) STORED, PRIMARY KEY (b, a)) WITHOUT ROWID",
		"CREATE VIRTUAL TABLE f USING fts5(x)", "CREATE VIEW v AS SELECT 1 AS one")
	columns, err := catalog.Columns(c, "T")
	same(t, "Columns()", columns, []catalog.Column{
		{Name: "a", Type: "INT", NotNull: true, Default: "1 + 1", Key: 2}, {Name: "b", NotNull: true, Key: 1}, {Name: "OID", Type: "TEXT"},
		{Name: "u", Generated: true}, {Name: "s", Generated: true},
	}, err)
	same(t, "Names()", catalog.Names(columns), []string{"a", "b", "OID", "u", "s"}, nil)
	same(t, "Ordinary()", catalog.Ordinary(columns), []string{"a", "b", "OID"}, nil)
	same(t, "PrimaryNames()", catalog.PrimaryNames(columns), []string{"b", "a"}, nil)
	hidden, err := catalog.Columns(c, "f")
	same(t, "Columns() of a virtual table", hidden, []catalog.Column{{Name: "x"}, {Name: "f", Hidden: true}, {Name: "rank", Hidden: true}}, err)
	none, err := catalog.Columns(c, "nope")
	same(t, "Columns() of nothing", none, []catalog.Column(nil), err)
	all, err := catalog.OrdinaryNames(c, "main")
	delete(all, "f_data")
	same(t, "OrdinaryNames()", [][]string{all["t"], all["f"], all["v"]}, [][]string{{"a", "b", "OID"}, {""}, nil}, err)
}

func TestFindTellsTheKindOfATable(t *testing.T) {
	c := open(t, "CREATE TABLE Plain(x)", "CREATE TABLE s(x INT PRIMARY KEY) STRICT, WITHOUT ROWID", "CREATE VIRTUAL TABLE f USING fts5(x)", "CREATE VIEW v AS SELECT 1")
	for name, want := range map[string]catalog.Table{
		"plain": {Name: "Plain", Kind: "table"}, "S": {Name: "s", Kind: "table", WithoutRowid: true, Strict: true},
		"f": {Name: "f", Kind: "virtual"}, "f_data": {Name: "f_data", Kind: "shadow"}, "v": {Name: "v", Kind: "view"}, "none": {},
	} {
		got, ok, err := catalog.Find(c, name)
		same(t, "Find("+name+")", got, want, err)
		if ok != (want.Kind != "") {
			t.Errorf("Find(%s): ok is %v", name, ok)
		}
	}
}

func TestForeignKeysKeepTheirColumnsTogether(t *testing.T) {
	c := open(t, "CREATE TABLE p(a, b, PRIMARY KEY (a, b))", "CREATE TABLE alone(x)",
		"CREATE TABLE c(x REFERENCES P ON DELETE CASCADE, y, FOREIGN KEY (y, x) REFERENCES p(b, a) ON UPDATE RESTRICT)")
	keys, err := catalog.ForeignKeys(c, "c")
	same(t, "ForeignKeys()", keys, []catalog.ForeignKey{
		{Columns: []string{"y", "x"}, Parent: "p", To: []string{"b", "a"}, OnUpdate: "RESTRICT", OnDelete: "NO ACTION"},
		{Columns: []string{"x"}, Parent: "P", OnUpdate: "NO ACTION", OnDelete: "CASCADE"},
	}, err)
	if keys[0].Acts() || !keys[1].Acts() {
		t.Error("only ON DELETE CASCADE changes rows of the child")
	}
	children, err := catalog.Children(c)
	same(t, "Children()", children, []catalog.Child{{Name: "c", Parents: []string{"p", "p", "P"}}}, err)
}

func TestIndexesTellWhereTheyComeFrom(t *testing.T) {
	c := open(t, "CREATE TABLE t(a, b, PRIMARY KEY (b, a))", "CREATE UNIQUE INDEX i ON t(a, lower(b)) WHERE b > 0")
	list, err := catalog.Indexes(c, "t")
	same(t, "Indexes()", list, []catalog.Index{{Name: "i", Unique: true, Partial: true}, {Name: "sqlite_autoindex_t_1", Unique: true, Primary: true}}, err)
	names, err := catalog.IndexColumns(c, "i")
	same(t, "IndexColumns()", names, []string{"a", ""}, err)
}

func TestRowidIsANameThatNoColumnHas(t *testing.T) {
	for _, test := range []struct {
		columns []catalog.Column
		want    string
	}{
		{nil, "rowid"},
		{[]catalog.Column{{Name: "RowID"}}, "_rowid_"},
		{[]catalog.Column{{Name: "rowid"}, {Name: "_rowid_"}, {Name: "a"}}, "oid"},
		{[]catalog.Column{{Name: "rowid"}, {Name: "_rowid_"}, {Name: "OID"}}, ""},
	} {
		same(t, "Rowid()", catalog.Rowid(test.columns...), test.want, nil)
	}
}

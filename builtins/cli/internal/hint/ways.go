// Hints for errors whose reason has a key.

package hint

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"fastmigrate/core"
	"fastmigrate/core/fault"
)

// waysOut are the hints for each reason; {name} and {detail} are those of the reason.
// Each line is a hint.
var waysOut = map[fault.Key]string{
	fault.AddedDefault: "add it without the default, then fill it: ALTER TABLE {name} ADD COLUMN ...; UPDATE {name} SET ... = CURRENT_TIMESTAMP;\n" +
		"to keep the default for new rows, {rebuild}",
	fault.AddedNotNull:    "existing rows need a value: add a constant default, as in NOT NULL DEFAULT ''\nif there is none, {rebuild}",
	fault.AddedUnique:     "add it without UNIQUE, then: CREATE UNIQUE INDEX ... ON {name}({detail});",
	fault.AddedPrimaryKey: "changing the primary key needs a new table: {rebuild}",
	fault.AddedStored:     "only a VIRTUAL column can be added; for a STORED one, {rebuild}",
	fault.AddedReference:  "add it without the default, then fill it with UPDATE",
	fault.AddedSeveral:    "an ALTER TABLE of SQLite makes one change: write a statement for each",
	fault.AddedIndex:      "in SQLite it is an index: CREATE UNIQUE INDEX ... ON {name}(...); without UNIQUE if values may repeat",
	fault.RowsViolate:     "existing rows violate it: UPDATE {name} first; a new column needs a default that satisfies its CHECK",
	fault.IfExists:        "leave IF EXISTS and IF NOT EXISTS out: a migration runs once, on a known schema",
	fault.NeedsRebuild:    "SQLite needs a new table for this: {rebuild}",
	fault.DroppedUsed:     "DROP {detail}; before this statement, and create it again after it, without the column",
	fault.Broken: "RENAME checks everything that uses the table: DROP {detail}; before it, and create it again at the end; " +
		"or begin the file with PRAGMA legacy_alter_table = ON; as in a rebuild",
	fault.BrokenBefore: "it was broken before this migration, and ALTER TABLE checks everything: repair it, or DROP {detail}; before this statement",

	fault.AbsentIn: "ALTER TABLE checks everything, and only the application has {name}: let the application make this change, " +
		"or DROP {detail}; before this statement, and let the application create it again",

	fault.ShellFunction: "only the sqlite3 program has it: a .star migration can define its own with db.create_function, and a .sh migration can call sqlite3",
	fault.UnknownFunction: "SQLite has no such function, but the application may add it: a .star migration can define its own with db.create_function\n" +
		"https://sqlite.org/lang_corefunc.html lists the functions of SQLite",
	fault.LoadExtension:  "extensions cannot be loaded here: use sqlite3 in a .sh migration, or the application",
	fault.BeginAlone:     "leave BEGIN out, because a migration runs in a transaction; or end with COMMIT;",
	fault.CommitAlone:    "leave it out, because a migration runs in a transaction; or write BEGIN; where yours starts",
	fault.KeysSet:        "leave it out: foreign keys are enforced here, except for DROP TABLE, ALTER TABLE and rebuilds",
	fault.NotInOne:       "use a .sql migration; elsewhere, sh([\"sqlite3\", path, statement]) runs it",
	fault.OwnTransaction: "leave it out: the whole migration already is one transaction",
	fault.OnlySQL:        "use a .sql migration",
	fault.NoSchema:       "an SQLite database has one schema: leave {name}. out",
	fault.IntegerKey:     "write INTEGER as its type, as in id INTEGER PRIMARY KEY, which numbers rows even without AUTOINCREMENT",
	fault.Collation:      "SQLite has BINARY, NOCASE and RTRIM: a collation that only the application has cannot be used here",
	fault.Module:         "a module that only the application has cannot be used here: let the application create this table",
	fault.NotUnique:      "delete or change the duplicates before this statement",
	fault.IsNull:         "give {detail} a value where it would be NULL, for example with coalesce(..., '')",

	fault.OtherEngine: "use the path of a local file or directory",
	fault.InMemory:    "use the path of a file, such as app.db; to try migrations, fastmigrate rehearse and fastmigrate test work on copies",

	fault.OtherShell:  "it is written for {name}: --shell {name}, or shell = {name} under [scripts] in .fastmigrate, runs .sh migrations with it",
	fault.CarriageEnd: "its lines end in CRLF, and a shell takes the CR as part of a word: sed -i 's/\\r$//' {file}; *.sh text eol=lf in .gitattributes keeps it so",
	fault.IndexOnly:   "only an index is wrong, the rows are intact: sqlite3 {db} 'REINDEX;', or a migration with REINDEX; rebuilds it from them",
	fault.Encrypted:   "if it is encrypted, for example by SQLCipher, this program cannot open it: decrypt it first, with the program that encrypted it",
	fault.Compressed:  "it is compressed: {name} {db}",
	fault.Dump:        "it is SQL text: sqlite3 NEW.db < {db} makes a database from it",
	fault.TakenView:   takenHint + "\na view cannot be renamed: sqlite3 {db} '.schema _meta' shows its definition; DROP VIEW _meta; and create it again with another name",
	fault.TakenAbsent: takenHint + "\nonly the application can rename it, because the schema needs its {detail} {name}: ALTER TABLE _meta RENAME TO app_meta",
	fault.OtherName: "use that name: --db {other}\n" +
		"or, when no program has it open: sqlite3 {other} 'SELECT count(*) FROM sqlite_master' moves it into the file; then keep only one of the names",
}

const takenHint = "if the application created it, rename it there and in the database: the version table has to be named _meta"

// equivalents are SQLite's replacements for functions of other database systems.
var equivalents = map[string]string{
	"now": "datetime('now')", "getdate": "datetime('now')", "sysdate": "datetime('now')", "curdate": "CURRENT_DATE", "curtime": "CURRENT_TIME",
	"uuid": "lower(hex(randomblob(16)))", "gen_random_uuid": "lower(hex(randomblob(16)))", "newid": "lower(hex(randomblob(16)))",
	"left": "substr(x, 1, n)", "right": "substr(x, -n)", "len": "length(x)", "char_length": "length(x)", "ucase": "upper(x)", "lcase": "lower(x)",
	"nvl": "ifnull(x, y)", "isnull": "ifnull(x, y)", "greatest": "max(x, y)", "least": "min(x, y)", "rand": "random()",
	"date_format": "strftime(format, x)", "to_char": "strftime(format, x)", "to_timestamp": "datetime(x, 'unixepoch')", "from_unixtime": "datetime(x, 'unixepoch')",
	"unix_timestamp": "unixepoch()", "locate": "instr(x, y)", "strpos": "instr(x, y)", "charindex": "instr(x, y)", "array_agg": "json_group_array(x)",
	"nextval": "INTEGER PRIMARY KEY, which numbers rows automatically", "last_insert_id": "last_insert_rowid()",
}

// WayOut returns hints from the reason of err. Nil: it has none, or no hint is known.
func (c Context) WayOut(err error) []string {
	var why *fault.Reason
	if !errors.As(err, &why) {
		return nil
	}
	var at *core.Error
	file := ""
	if errors.As(err, &at) {
		file = filepath.Join(c.Dir, at.File)
	}
	switch equivalent := equivalents[strings.ToLower(why.Name)]; {
	case why.Key == fault.UnknownFunction && equivalent != "":
		return []string{"SQLite has " + equivalent + " instead"}
	case why.Key == fault.KeyMismatch && why.Detail == "":
		return []string{"it names no columns, and the primary key of " + why.Name + " does not have as many: write REFERENCES " + why.Name + "(...)"}
	case why.Key == fault.KeyMismatch:
		return []string{"by the end of the migration, the columns it refers to must be a primary key or unique, for example with CREATE UNIQUE INDEX ... ON " +
			why.Name + "(" + why.Detail + ")"}
	case why.Key == fault.URL && why.Detail != "":
		return []string{"write " + Quote(why.Name) + ", or " + Quote(why.Detail) + " for a path from the root"}
	case why.Key == fault.URL:
		return []string{"write " + Quote(why.Name)}
	case why.Key == fault.OtherShell && strings.HasPrefix(why.Name, "python"):
		return []string{"it is written in Python: mv " + QuotePath(file) + " " + QuotePath(strings.TrimSuffix(file, ".sh")+".py")}
	case why.Key == fault.OtherShell && !strings.HasSuffix(why.Name, "sh"): // as perl
		return []string{"it is written for " + why.Name + ": give it another name, and run it from a .sh migration: " + Quote(why.Name) + ` FILE "$1"`}
	case why.Key == fault.Syntax:
		if _, hint := dialect(why); hint != "" {
			return []string{hint}
		}
		return nil
	case why.Key == fault.FormerTool:
		return c.formerTool(why)
	case at != nil && at.Op == fault.OpRestore && slices.Contains([]fault.Key{fault.IndexOnly, fault.Compressed, fault.Dump}, why.Key): // of the backup
		return nil
	}
	rebuild := c.On("fastmigrate gen rebuild " + Quote(why.Name))
	if at != nil && at.File != "" { // until it is out of the way, it is pending
		rebuild = "remove this statement, or move the file away, and once nothing is pending: " + rebuild
	}
	detail := sqlName(why.Detail)
	if kind, name, ok := strings.Cut(why.Detail, " "); ok && slices.Contains([]fault.Key{fault.DroppedUsed, fault.Broken, fault.BrokenBefore, fault.AbsentIn}, why.Key) {
		detail = strings.ToUpper(kind) + " " + sqlName(name)
	}
	text := strings.NewReplacer("{name}", sqlName(why.Name), "{detail}", detail, "{rebuild}", rebuild, "{file}", Quote(file), "{db}", Quote(c.DB), "{other}", QuotePath(why.Name)).Replace(waysOut[why.Key])
	return strings.Split(text, "\n")
}

// sqlName is a name as SQL writes it.
func sqlName(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return r != '_' && r != '.' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
	}
	return name
}

// formerTool is how to take over a database from another tool.
func (c Context) formerTool(why *fault.Reason) []string {
	enroll := c.On("fastmigrate enroll-db")
	if !slices.Contains([]string{"goose", "dbmate", "golang-migrate", "alembic"}, why.Name) {
		return []string{enroll + " makes the current schema the first migration, and leaves the table of " + why.Name + " unchanged"}
	}
	return []string{"with its migrations: " + c.On("fastmigrate adopt --from "+why.Name+" DIR") + ", where DIR is their directory",
		"without them: " + enroll}
}

// What helps where the reason of an error is known by its key.

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

// waysOut are what helps where the reason is known, of which {name} and {detail}
// are. Each line is a hint.
var waysOut = map[fault.Key]string{
	fault.AddedDefault: "add it without the default, and fill it: ALTER TABLE {name} ADD COLUMN ...; UPDATE {name} SET ... = CURRENT_TIMESTAMP;\n" +
		"to keep the default for new rows, {rebuild}",
	fault.AddedNotNull:    "the rows that are there need a value: add DEFAULT and a constant, as in NOT NULL DEFAULT ''\nif there is none, {rebuild}",
	fault.AddedUnique:     "add it without UNIQUE, and then: CREATE UNIQUE INDEX ... ON {name}({detail});",
	fault.AddedPrimaryKey: "only a new table has another primary key: {rebuild}",
	fault.AddedStored:     "a VIRTUAL column can be added; for one that is STORED, {rebuild}",
	fault.AddedReference:  "add it without the default, and then fill it by UPDATE",
	fault.AddedSeveral:    "SQLite changes one thing in each ALTER TABLE: write a statement for each",
	fault.AddedIndex:      "SQLite adds it as an index: CREATE UNIQUE INDEX ... ON {name}(...); without UNIQUE if rows may be the same",
	fault.RowsViolate:     "there are rows that violate it: UPDATE {name} first; a column that is added needs a default that fulfils its CHECK",
	fault.IfExists:        "leave IF EXISTS and IF NOT EXISTS out: a migration runs once, so that it knows what is there",
	fault.NeedsRebuild:    "for this, SQLite needs a new table: {rebuild}",
	fault.DroppedUsed:     "DROP {detail}; before this statement, and make it again after it, without the column",
	fault.Broken: "RENAME looks at everything that uses the table: DROP {detail}; before it, and make it again at the end; " +
		"or begin the file with PRAGMA legacy_alter_table = ON; as in a rebuild",
	fault.BrokenBefore: "it was broken before this migration, and ALTER TABLE looks at everything: mend it, or DROP {detail}; before this statement",

	fault.AbsentIn: "ALTER TABLE looks at everything, and only the application has {name}: let the application make this change, " +
		"or DROP {detail}; before this statement, and let the application make it again",

	fault.ShellFunction: "only the sqlite3 program has it: a .star migration makes its own by db.create_function, and a .sh migration can call sqlite3",
	fault.UnknownFunction: "SQLite has none of this name, perhaps the application adds it: a .star migration makes its own by db.create_function\n" +
		"https://sqlite.org/lang_corefunc.html lists those there are",
	fault.LoadExtension:  "extensions cannot be loaded here: what needs one, a .sh migration does by sqlite3, or the application",
	fault.BeginAlone:     "leave BEGIN out, as there is a transaction around all statements; or end with COMMIT;",
	fault.CommitAlone:    "leave it out, as there is a transaction around all statements; or write BEGIN; where that begins",
	fault.KeysSet:        "leave it out: foreign keys are enforced here, but never for DROP TABLE, ALTER TABLE or a rebuild",
	fault.NotInOne:       "a .sql migration may have it; elsewhere, sh([\"sqlite3\", path, statement]) runs it",
	fault.OwnTransaction: "leave it out: the migration is one transaction, which begins and ends by itself",
	fault.OnlySQL:        "a .sql migration may have it",
	fault.NoSchema:       "a database of SQLite has one schema: leave {name}. out",
	fault.IntegerKey:     "write INTEGER for its type, as in id INTEGER PRIMARY KEY, which numbers rows also without AUTOINCREMENT",
	fault.Collation:      "SQLite has BINARY, NOCASE and RTRIM: what only the application has, cannot be used here",
	fault.Module:         "what only the application has, cannot be used here: let the application make this table",
	fault.NotUnique:      "delete or change what is there twice, before this statement",
	fault.IsNull:         "give {detail} a value where it would be NULL, as by coalesce(..., '')",

	fault.OtherEngine: "write the path of a file or directory that is here",
	fault.InMemory:    "write the path of a file, such as app.db; to try migrations out, fastmigrate rehearse and fastmigrate test work on copies",

	fault.OtherShell:  "it is written for {name}: --shell {name}, or shell = {name} under [scripts] in .fastmigrate, runs .sh migrations by it",
	fault.CarriageEnd: "its lines end in CRLF, which a shell takes for a part of its words: sed -i 's/\\r$//' {file}; *.sh text eol=lf in .gitattributes keeps it so",
	fault.IndexOnly:   "only an index is out of step, the rows are whole: sqlite3 {db} 'REINDEX;', or a migration with REINDEX; makes it again from them",
	fault.Encrypted:   "if it is encrypted, as by SQLCipher, this program has no key for it: decrypt it first, with the program that made it",
	fault.Compressed:  "it is compressed: {name} {db}",
	fault.Dump:        "it is a text with SQL: sqlite3 NEW.db < {db} makes a database of it",
	fault.TakenView:   takenHint + "\na view cannot be renamed: sqlite3 {db} '.schema _meta' shows how it is made; DROP VIEW _meta; and make it so with another name",
	fault.TakenAbsent: takenHint + "\nonly the application can rename it, as the schema needs its {detail} {name}: ALTER TABLE _meta RENAME TO app_meta",
	fault.OtherName: "use that name: --db {other}\n" +
		"or, when no program has it open: sqlite3 {other} 'SELECT count(*) FROM sqlite_master' takes it into the file; then keep one of the names",
}

const takenHint = "if the application made it, it has to have another name, there and in the database, as no setting moves the version table"

// equivalents are what SQLite has for functions of other databases.
var equivalents = map[string]string{
	"now": "datetime('now')", "getdate": "datetime('now')", "sysdate": "datetime('now')", "curdate": "CURRENT_DATE", "curtime": "CURRENT_TIME",
	"uuid": "lower(hex(randomblob(16)))", "gen_random_uuid": "lower(hex(randomblob(16)))", "newid": "lower(hex(randomblob(16)))",
	"left": "substr(x, 1, n)", "right": "substr(x, -n)", "len": "length(x)", "char_length": "length(x)", "ucase": "upper(x)", "lcase": "lower(x)",
	"nvl": "ifnull(x, y)", "isnull": "ifnull(x, y)", "greatest": "max(x, y)", "least": "min(x, y)", "rand": "random()",
	"date_format": "strftime(format, x)", "to_char": "strftime(format, x)", "to_timestamp": "datetime(x, 'unixepoch')", "from_unixtime": "datetime(x, 'unixepoch')",
	"unix_timestamp": "unixepoch()", "locate": "instr(x, y)", "strpos": "instr(x, y)", "charindex": "instr(x, y)", "array_agg": "json_group_array(x)",
	"nextval": "INTEGER PRIMARY KEY, which numbers rows by itself", "last_insert_id": "last_insert_rowid()",
}

// WayOut is what helps, if it is known why err is. Nil: it is not.
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
		return []string{"it names no column, and " + why.Name + " has no primary key of as many: REFERENCES " + why.Name + "(...) names them"}
	case why.Key == fault.KeyMismatch:
		return []string{"what it refers to has to be a primary key or unique by the end of the migration, as by CREATE UNIQUE INDEX ... ON " +
			why.Name + "(" + why.Detail + ")"}
	case why.Key == fault.URL && why.Detail != "":
		return []string{"write " + Quote(why.Name) + ", or " + Quote(why.Detail) + " if it is meant from the root on"}
	case why.Key == fault.URL:
		return []string{"write " + Quote(why.Name)}
	case why.Key == fault.OtherShell && strings.HasPrefix(why.Name, "python"):
		return []string{"it is written in Python: mv " + QuotePath(file) + " " + QuotePath(strings.TrimSuffix(file, ".sh")+".py")}
	case why.Key == fault.OtherShell && !strings.HasSuffix(why.Name, "sh"): // as perl
		return []string{"it is written for " + why.Name + ": give it another name, and have a .sh migration run it: " + Quote(why.Name) + ` FILE "$1"`}
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
		rebuild = "take this statement out, or the file away, and once nothing is pending: " + rebuild
	}
	detail := sqlName(why.Detail)
	if kind, name, ok := strings.Cut(why.Detail, " "); ok && slices.Contains([]fault.Key{fault.DroppedUsed, fault.Broken, fault.BrokenBefore, fault.AbsentIn}, why.Key) {
		detail = strings.ToUpper(kind) + " " + sqlName(name)
	}
	text := strings.NewReplacer("{name}", sqlName(why.Name), "{detail}", detail, "{rebuild}", rebuild, "{file}", Quote(file), "{db}", Quote(c.DB), "{other}", QuotePath(why.Name)).Replace(waysOut[why.Key])
	return strings.Split(text, "\n")
}

// sqlName is a name as SQL has it.
func sqlName(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return r != '_' && r != '.' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
	}
	return name
}

// formerTool is how a database comes over that another tool migrated.
func (c Context) formerTool(why *fault.Reason) []string {
	enroll := c.On("fastmigrate enroll-db")
	if !slices.Contains([]string{"goose", "dbmate", "golang-migrate", "alembic"}, why.Name) {
		return []string{enroll + " makes what is there the first migration, and leaves " + why.Name + " its table"}
	}
	return []string{"with its migrations: " + c.On("fastmigrate adopt --from "+why.Name+" DIR") + ", DIR being where " + why.Name + " has them",
		"without them: " + enroll}
}

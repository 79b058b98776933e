// Why something was refused, where that is known better than by the words of
// SQLite, so that a caller can tell the way out. SQLite has one code for nearly all
// that is wrong with a statement: here, and nowhere else, its messages are read.

package core

import (
	"regexp"

	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
)

// Reason is the cause of an error, for errors.As, where there is a known way out.
type Reason struct {
	Key    Key
	Name   string // of what it is about: a table, an index, a function, a program; "" if unknown
	Detail string // more of it; see the Key

	err error
}

func (r *Reason) Error() string { return r.err.Error() }
func (r *Reason) Unwrap() error { return r.err }

// Key tells Reasons apart, whatever their words.
type Key string

// ALTER TABLE: Name is the table.
const (
	AddedDefault    Key = "added-default"     // a column with a default that is not constant
	AddedNotNull    Key = "added-not-null"    // NOT NULL, without a default
	AddedUnique     Key = "added-unique"      // UNIQUE; Detail: the column
	AddedPrimaryKey Key = "added-primary-key" // PRIMARY KEY
	AddedStored     Key = "added-stored"      // a generated column that is stored
	AddedReference  Key = "added-reference"   // REFERENCES, with a default
	AddedSeveral    Key = "added-several"     // several changes in one statement
	AddedIndex      Key = "added-index"       // an index or a UNIQUE constraint
	RowsViolate     Key = "rows-violate"      // a constraint that the rows do not fulfil
	IfExists        Key = "if-exists"         // IF [NOT] EXISTS, which it does not have
	NeedsRebuild    Key = "needs-rebuild"     // what needs a new table
	DroppedUsed     Key = "dropped-used"      // a column that Detail, as "index i", uses
	Broken          Key = "broken"            // Detail, as "view v", refers to what the migration has removed
	BrokenBefore    Key = "broken-before"     // Detail, as "view v", could not be used before it either
	AbsentIn        Key = "absent-in"         // Detail, as "index i", needs Name, which only the application has
)

// Other statements.
const (
	ShellFunction   Key = "shell-function"   // a function, or a table-valued one, of the sqlite3 program
	UnknownFunction Key = "unknown-function" // any other
	Collation       Key = "collation"        // an unknown collation
	Module          Key = "module"           // an unknown module of virtual tables
	NotUnique       Key = "not-unique"       // rows that are not unique; Detail: in what
	IsNull          Key = "is-null"          // NULL in a column that is NOT NULL; Detail: the column
	KeyMismatch     Key = "key-mismatch"     // a foreign key to the table Name, whose columns Detail are not unique; "" if it has no primary key
)

// What is given for the path of a database, and is none.
const (
	URL         Key = "url"          // of SQLite; Name: the path that it holds; Detail: the other one that may be meant, or ""
	OtherEngine Key = "other-engine" // a URL of another kind
	InMemory    Key = "in-memory"    // ":memory:"
)

// What cannot be read, or not be there.
const (
	Syntax         Key = "syntax"          // Name: the statement up to where SQLite stopped, Detail: the rest; both without comments
	LoadExtension  Key = "load-extension"  // load_extension(), which is off
	BeginAlone     Key = "begin-alone"     // BEGIN without COMMIT
	CommitAlone    Key = "commit-alone"    // COMMIT without BEGIN
	KeysSet        Key = "keys-set"        // PRAGMA foreign_keys in a transaction of others
	NotInOne       Key = "not-in-one"      // a statement that cannot be in one
	OwnTransaction Key = "own-transaction" // BEGIN, COMMIT and their kind in a migration that is a transaction
	OnlySQL        Key = "only-sql"        // a statement that only a .sql migration can have
	NoSchema       Key = "no-schema"       // a schema Name, as other systems have them
	IntegerKey     Key = "integer-key"     // AUTOINCREMENT of a column that is not INTEGER PRIMARY KEY
)

// Files.
const (
	OtherShell  Key = "other-shell"  // a .sh for the program Name, run by another
	CarriageEnd Key = "carriage-end" // a .sh whose lines end in CRLF
	TakenView   Key = "taken-view"   // a view that has the name of the version table
	TakenAbsent Key = "taken-absent" // another table that has it, where RENAME needs the Name, a Detail ("module" or "collation") that only the application has
	FormerTool  Key = "former-tool"  // an unversioned database that the tool Name migrated; Detail: its table
	OtherName   Key = "other-name"   // a file with another name, Name, beside which Detail holds transactions
	IndexOnly   Key = "index-only"   // damage in an index alone, which can be made again
	Encrypted   Key = "encrypted"    // a file that looks encrypted
	Compressed  Key = "compressed"   // a compressed file; Name: what undoes it
	Dump        Key = "dump"         // a text with SQL
)

// refusals are the messages of SQLite that have a Key, for the statements that are
// given. A group of the message or of the statement named n is the Name, d the
// Detail.
var refusals = []struct {
	key                Key
	message, statement *regexp.Regexp
}{
	{AddedDefault, exactly("Cannot add a column with non-constant default"), altered},
	{AddedNotNull, exactly("Cannot add a NOT NULL column with default value NULL"), altered},
	{AddedUnique, exactly("Cannot add a UNIQUE column"), alter(`ADD (?:COLUMN )?(?P<d>` + name + `)`)},
	{AddedPrimaryKey, exactly("Cannot add a PRIMARY KEY column"), altered},
	{AddedStored, exactly("cannot add a STORED column"), altered},
	{AddedReference, exactly("Cannot add a REFERENCES column with non-NULL default value"), altered},
	{NeedsRebuild, regexp.MustCompile(`^cannot drop (?:UNIQUE|PRIMARY KEY) column: `), altered},
	{NeedsRebuild, regexp.MustCompile(`^error in table .* after drop column: `), altered},
	{AbsentIn, regexp.MustCompile(`^error in (?P<d>index .*?)(?: after (?:drop column|rename))?: no such (?:collation sequence|function): (?P<n>.*)$`), altered},
	{DroppedUsed, regexp.MustCompile(`^error in (?P<d>(?:index|view|trigger) .*?) after (?:drop column|rename): `), altered},
	{Broken, regexp.MustCompile(`^error in (?P<d>(?:view|trigger) .*?): `), altered},
	{IfExists, syntax, alter(`.*\bIF (?:NOT )?EXISTS\b`)},
	{IfExists, syntax, regexp.MustCompile(`(?i)^ALTER TABLE IF EXISTS (?P<n>` + name + `)`)},
	{AddedIndex, syntax, alter(`ADD (?:CONSTRAINT ` + name + ` )?(?:UNIQUE|INDEX|KEY|FULLTEXT|SPATIAL)\b`)},
	{AddedDefault, syntax, alter(`ADD .*\bDEFAULT ` + name + ` \(`)},
	{AddedSeveral, regexp.MustCompile(`^near ",": syntax error`), alter(`(?:ADD|DROP|ALTER|MODIFY|CHANGE|RENAME)\b`)},
	{AddedSeveral, syntax, alter(`ADD (?:COLUMN )?\(`)},
	{RowsViolate, regexp.MustCompile(`^(?:CHECK )?constraint failed$`), alter(`(?:ADD|ALTER)\b`)},
	{NeedsRebuild, syntax, alter(`(?:ALTER|MODIFY|CHANGE|(?:ADD|DROP) (?:CONSTRAINT|FOREIGN|PRIMARY|CHECK|INDEX|KEY))\b`)},
	{ShellFunction, regexp.MustCompile(`(?i)^no such (?:function|table|table-valued function|module): (?P<n>` + shellOnly + `)$`), anything},
	{UnknownFunction, regexp.MustCompile(`^no such (?:table-valued )?function: (?P<n>.*)$`), anything},
	{Collation, regexp.MustCompile(`^no such collation sequence: (?P<n>.*)$`), anything},
	{Module, regexp.MustCompile(`^no such module: (?P<n>.*)$`), anything},
	{NotUnique, regexp.MustCompile(`^UNIQUE constraint failed: (?P<d>.*)$`), anything},
	{IsNull, regexp.MustCompile(`^NOT NULL constraint failed: (?P<d>.*)$`), anything},
	{NeedsRebuild, regexp.MustCompile(`^constraint may not be dropped: `), altered},
	{IntegerKey, exactly("AUTOINCREMENT is only allowed on an INTEGER PRIMARY KEY"), anything},
	{NoSchema, regexp.MustCompile(`^unknown database ["\[]?(?P<n>public|dbo)["\]]?$`), anything},
	{NoSchema, regexp.MustCompile(`^no such table: (?P<n>public|dbo)\.`), regexp.MustCompile(`(?:^| )(?:public|dbo) \. `)},
	{LoadExtension, exactly("not authorized"), regexp.MustCompile(`(?i)\bload_extension \(`)},
	{KeyMismatch, regexp.MustCompile(`^foreign key mismatch - ".*" referencing "(?P<n>.*)"$`), anything},
}

// shellOnly are the functions that the sqlite3 program adds
// (https://sqlite.org/cli.html); those that the engine has are never missing.
const shellOnly = `regexp|regexpi|sha1|sha1b|sha1_query|sha3|sha3_query|sha3_agg|base64|base85|is_base85|decimal|decimal_\w+|ieee754\w*|` +
	`generate_series|readfile|writefile|lsmode|fsdir|zipfile\w*|edit|shell_\w+|usleep|uint|strtod|dtostr|stmtrand|` +
	`percentile\w*|median|sqlar_\w+|completion`

// name is a name as split.Normal writes it.
const name = `(?:"(?:[^"]|"")*"|\[[^\]]*\]|` + "`(?:[^`]|``)*`" + `|[^\s"\[(),;.]+)`

var (
	anything = regexp.MustCompile(``)
	altered  = alter(``)
	syntax   = regexp.MustCompile(`^near ".*": syntax error`)
)

func exactly(message string) *regexp.Regexp {
	return regexp.MustCompile(`^` + regexp.QuoteMeta(message) + `$`)
}

// alter is an ALTER TABLE statement that goes on with rest.
func alter(rest string) *regexp.Regexp {
	return regexp.MustCompile(`(?is)^ALTER TABLE (?:ONLY )?(?:` + name + ` \. )?(?P<n>` + name + `) ` + rest)
}

// because adds to err, which SQLite's refusal of a statement led to, the Reason, if
// it is one that is known.
func because(refusal *sqlite.Error, statement []byte, err error) error {
	switch {
	case refusal == nil:
		return err
	case refusal.Code == sqlite.CorruptIndex:
		return &Reason{Key: IndexOnly, err: err}
	}
	text := ""
	for _, r := range refusals {
		of := r.message.FindStringSubmatch(refusal.Msg)
		if of == nil {
			continue
		}
		if text == "" && r.statement != anything {
			text = split.Normal(statement, words)
		}
		in := r.statement.FindStringSubmatch(text)
		if in == nil {
			continue
		}
		why := &Reason{Key: r.key, err: err}
		for _, m := range []struct {
			of   *regexp.Regexp
			text []string
		}{{r.message, of}, {r.statement, in}} {
			if i := m.of.SubexpIndex("n"); i > 0 && why.Name == "" {
				why.Name = split.Unquote(m.text[i])
			}
			if i := m.of.SubexpIndex("d"); i > 0 {
				why.Detail = split.Unquote(m.text[i])
			}
		}
		return why
	}
	return stopped(refusal, statement, err)
}

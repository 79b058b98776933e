// Why something failed, if that is known more precisely than from the words of SQLite, so
// that a caller can suggest what to do.

package fault

// Reason is the cause of an error, for [errors.As], if there is a known remedy. It does
// not change the text of the error.
type Reason struct {
	Key    Key
	Name   string // of the table, index, function or program involved; "" if unknown
	Detail string // depends on the Key

	Err error
}

// Error returns the text of Err.
func (r *Reason) Error() string { return r.Err.Error() }

// Unwrap returns Err.
func (r *Reason) Unwrap() error { return r.Err }

// Key identifies a [Reason].
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
	RowsViolate     Key = "rows-violate"      // a constraint that existing rows violate
	IfExists        Key = "if-exists"         // IF [NOT] EXISTS, which ALTER TABLE does not support
	NeedsRebuild    Key = "needs-rebuild"     // a change that needs a new table
	DroppedUsed     Key = "dropped-used"      // a column that Detail, such as "index i", uses
	Broken          Key = "broken"            // Detail, such as "view v", refers to something that the migration removed
	BrokenBefore    Key = "broken-before"     // Detail, such as "view v", was broken before the migration too
	AbsentIn        Key = "absent-in"         // Detail, such as "index i", needs Name, which only the application has
)

// Other statements.
const (
	ShellFunction   Key = "shell-function"   // a function, or a table-valued one, of the sqlite3 program
	UnknownFunction Key = "unknown-function" // any other unknown function
	Collation       Key = "collation"        // an unknown collation
	Module          Key = "module"           // an unknown module of virtual tables
	NotUnique       Key = "not-unique"       // rows that are not unique; Detail: their columns
	IsNull          Key = "is-null"          // NULL in a column that is NOT NULL; Detail: the column
	KeyMismatch     Key = "key-mismatch"     // a foreign key to the table Name, whose columns Detail are not unique; "" if it has no primary key
)

// Texts given as the path of a database that are not paths.
const (
	URL         Key = "url"          // a URL for SQLite; Name: the path in it; Detail: another path that may be meant, or ""
	OtherEngine Key = "other-engine" // a URL of another kind
	InMemory    Key = "in-memory"    // ":memory:"
)

// Statements that cannot be parsed, or that cannot be in a migration.
const (
	Syntax         Key = "syntax"          // Name: the statement up to the place where SQLite stopped; Detail: the rest; both without comments
	LoadExtension  Key = "load-extension"  // load_extension(), which is disabled
	BeginAlone     Key = "begin-alone"     // BEGIN without COMMIT
	CommitAlone    Key = "commit-alone"    // COMMIT without BEGIN
	KeysSet        Key = "keys-set"        // PRAGMA foreign_keys in a transaction with other migrations
	NotInOne       Key = "not-in-one"      // a statement that cannot be in a transaction
	OwnTransaction Key = "own-transaction" // BEGIN, COMMIT or the like in a migration that runs in one transaction
	OnlySQL        Key = "only-sql"        // a statement that only a .sql migration can have
	NoSchema       Key = "no-schema"       // a schema Name, as in other database systems
	IntegerKey     Key = "integer-key"     // AUTOINCREMENT of a column that is not INTEGER PRIMARY KEY
)

// Files.
const (
	OtherShell  Key = "other-shell"  // a .sh for the program Name, run by another
	CarriageEnd Key = "carriage-end" // a .sh whose lines end in CRLF
	TakenView   Key = "taken-view"   // a view with the name of the version table
	TakenAbsent Key = "taken-absent" // another table with that name, which cannot be renamed without Name, a Detail ("module" or "collation") that only the application has
	FormerTool  Key = "former-tool"  // an unversioned database that the tool Name migrated; Detail: its table
	OtherName   Key = "other-name"   // a hard link: the file has the other name Name, and Detail beside that holds transactions
	IndexOnly   Key = "index-only"   // damage in an index only, which can be rebuilt
	Encrypted   Key = "encrypted"    // a file that looks encrypted
	Compressed  Key = "compressed"   // a compressed file; Name: the program that decompresses it
	Dump        Key = "dump"         // a text with SQL
)

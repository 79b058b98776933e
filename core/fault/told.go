// This file finds states and reasons that SQLite reports only as text: it has one result
// code for nearly all errors in a statement. The invariant: only messages that SQLite
// itself wrote are read, so no name in a migration and no message of a program can be
// taken for one.

package fault

import (
	"errors"
	"regexp"
	"sync"

	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/regex"
)

// states are the messages that mean a state of this package, whatever the statement.
var states = []struct {
	state   error
	message *regex.Pattern
}{
	{ErrColumn, regex.New(`^duplicate column name: `)},
	{ErrExists, regex.New(`(?s)^(table|view|index|trigger) .* already exists$|^there is already `)},
	{ErrMismatch, keyMismatch},
	{ErrForeignKey, keyMismatch},
}

// sayings are the messages that mean a [Key], for statements that match too. In both
// expressions the group n is the Name, and the group d the Detail.
var sayings = sync.OnceValue(func() []saying {
	return []saying{
		{AddedDefault, exactly("Cannot add a column with non-constant default"), altered},
		{AddedNotNull, exactly("Cannot add a NOT NULL column with default value NULL"), altered},
		{AddedUnique, exactly("Cannot add a UNIQUE column"), alter(`ADD (?:COLUMN )?(?P<d>` + name + `)`)},
		{AddedPrimaryKey, exactly("Cannot add a PRIMARY KEY column"), altered},
		{AddedStored, exactly("cannot add a STORED column"), altered},
		{AddedReference, exactly("Cannot add a REFERENCES column with non-NULL default value"), altered},
		{NeedsRebuild, regex.New(`^cannot drop (?:UNIQUE|PRIMARY KEY) column: `), altered},
		{NeedsRebuild, regex.New(`^error in table .* after drop column: `), altered},
		{AbsentIn, regex.New(`^error in (?P<d>index .*?)(?: after (?:drop column|rename))?: no such (?:collation sequence|function): (?P<n>.*)$`), altered},
		{DroppedUsed, regex.New(`^error in (?P<d>(?:index|view|trigger) .*?) after (?:drop column|rename): `), altered},
		{Broken, regex.New(`^error in (?P<d>(?:view|trigger) .*?): `), altered},
		{IfExists, syntax, alter(`.*\bIF (?:NOT )?EXISTS\b`)},
		{IfExists, syntax, regex.New(`(?i)^ALTER TABLE IF EXISTS (?P<n>` + name + `)`)},
		{AddedIndex, syntax, alter(`ADD (?:CONSTRAINT ` + name + ` )?(?:UNIQUE|INDEX|KEY|FULLTEXT|SPATIAL)\b`)},
		{AddedDefault, syntax, alter(`ADD .*\bDEFAULT ` + name + ` \(`)},
		{AddedSeveral, regex.New(`^near ",": syntax error`), alter(`(?:ADD|DROP|ALTER|MODIFY|CHANGE|RENAME)\b`)},
		{AddedSeveral, syntax, alter(`ADD (?:COLUMN )?\(`)},
		{RowsViolate, regex.New(`^(?:CHECK )?constraint failed$`), alter(`(?:ADD|ALTER)\b`)},
		{NeedsRebuild, syntax, alter(`(?:ALTER|MODIFY|CHANGE|(?:ADD|DROP) (?:CONSTRAINT|FOREIGN|PRIMARY|CHECK|INDEX|KEY))\b`)},
		{ShellFunction, regex.New(`(?i)^no such (?:function|table|table-valued function|module): (?P<n>` + shellOnly + `)$`), anything},
		{UnknownFunction, regex.New(`^no such (?:table-valued )?function: (?P<n>.*)$`), anything},
		{Collation, regex.New(`^no such collation sequence: (?P<n>.*)$`), anything},
		{Module, regex.New(`^no such module: (?P<n>.*)$`), anything},
		{NotUnique, regex.New(`^UNIQUE constraint failed: (?P<d>.*)$`), anything},
		{IsNull, regex.New(`^NOT NULL constraint failed: (?P<d>.*)$`), anything},
		{NeedsRebuild, regex.New(`^constraint may not be dropped: `), altered},
		{IntegerKey, exactly("AUTOINCREMENT is only allowed on an INTEGER PRIMARY KEY"), anything},
		{NoSchema, regex.New(`^unknown database ["\[]?(?P<n>public|dbo)["\]]?$`), anything},
		{NoSchema, regex.New(`^no such table: (?P<n>public|dbo)\.`), regex.New(`(?:^| )(?:public|dbo) \. `)},
		{LoadExtension, exactly("not authorized"), regex.New(`(?i)\bload_extension \(`)},
		{KeyMismatch, keyMismatch, anything},
	}
})

type saying struct {
	key                Key
	message, statement *regex.Pattern
}

// shellOnly are the functions that the sqlite3 program adds
// (https://sqlite.org/cli.html); those that the engine has are never missing.
const shellOnly = `regexp|regexpi|sha1|sha1b|sha1_query|sha3|sha3_query|sha3_agg|base64|base85|is_base85|decimal|decimal_\w+|ieee754\w*|` +
	`generate_series|readfile|writefile|lsmode|fsdir|zipfile\w*|edit|shell_\w+|usleep|uint|strtod|dtostr|stmtrand|` +
	`percentile\w*|median|sqlar_\w+|completion`

// name is a name as split.Normal writes it.
const name = `(?:"(?:[^"]|"")*"|\[[^\]]*\]|` + "`(?:[^`]|``)*`" + `|[^\s"\[(),;.]+)`

var (
	anything    = regex.New(``)
	altered     = alter(``)
	keyMismatch = regex.New(`(?s)^foreign key mismatch - ".*" referencing "(?P<n>.*)"$`)
	syntax      = regex.New(`^near ".*": syntax error`)
)

func exactly(message string) *regex.Pattern {
	return regex.New(`^` + regexp.QuoteMeta(message) + `$`)
}

// alter matches an ALTER TABLE statement that continues with rest.
func alter(rest string) *regex.Pattern {
	return regex.New(`(?is)^ALTER TABLE (?:ONLY )?(?:` + name + ` \. )?(?P<n>` + name + `) ` + rest)
}

// told reports whether err is an error of SQLite whose message means state.
func told(err, state error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) || e.Code != sqlite.Generic { // raise() in a trigger has another
		return false
	}
	for _, s := range states {
		if s.state == state && s.message.MatchString(e.Msg) {
			return true
		}
	}
	return false
}

// Because wraps err in the [Reason] why SQLite refused a statement. It returns err itself
// if the reason is unknown, or if refusal is nil.
func Because(refusal *sqlite.Error, statement []byte, err error) error {
	switch {
	case refusal == nil:
		return err
	case refusal.Code == sqlite.CorruptIndex:
		return &Reason{Key: IndexOnly, Err: err}
	}
	text := ""
	for _, r := range sayings() {
		of := r.message.FindStringSubmatch(refusal.Msg)
		if of == nil {
			continue
		}
		if text == "" && r.statement != anything {
			text = split.Normal(statement, sqlite.Words)
		}
		in := r.statement.FindStringSubmatch(text)
		if in == nil {
			continue
		}
		why := &Reason{Key: r.key, Err: err}
		for _, m := range []struct {
			of   *regex.Pattern
			text []string
		}{{r.message, of}, {r.statement, in}} {
			if i := m.of.Regexp().SubexpIndex("n"); i > 0 && why.Name == "" {
				why.Name = split.Unquote(m.text[i])
			}
			if i := m.of.Regexp().SubexpIndex("d"); i > 0 {
				why.Detail = split.Unquote(m.text[i])
			}
		}
		return why
	}
	return stopped(refusal, statement, err)
}

// What a connection knows from the transaction before, and whether the next script may use
// it: see [Session.Plain].

package session

import (
	"strings"

	"fastmigrate/core/internal/foreign"
	"fastmigrate/core/internal/sqlite"
)

// Known is what a connection knows of its database from its last transaction. It spares each
// of many migrations a look at the whole schema.
type Known struct {
	Children *foreign.Children
	content  uint32 // as of [sqlite.Conn.DataVersion], when the transaction was committed
}

// Learn reads what a [Known] has, at the end of a transaction. It returns nil if there are
// virtual tables: what they keep in memory and write is unknown.
func Learn(c *sqlite.Conn) (*Known, error) {
	virtual, err := c.Int("SELECT count(*) FROM main.sqlite_master WHERE type = 'table' AND rootpage = 0")
	if err != nil || virtual > 0 {
		return nil, err
	}
	children, err := foreign.ReadChildren(c)
	if err != nil {
		return nil, err
	}
	return &Known{Children: children}, nil
}

// Committed says that the transaction after which k is true is committed.
func (k *Known) Committed(c *sqlite.Conn) (err error) {
	k.content, err = c.DataVersion()
	return err
}

// holds reports whether no one has changed the database since [Known.Committed]. It is for
// the begin of a transaction, which has taken the lock.
func (k *Known) holds(c *sqlite.Conn) bool {
	now, err := c.DataVersion()
	return err == nil && now == k.content
}

// Plain reports whether the scripts have left nothing on the connection that another could
// see: they were nothing but plain statements that read, write and define tables, indexes,
// views and triggers of the main database, and called no function. What else there is, is no
// list that could be complete: SQLite has no way to make a connection as new.
func (x *Session) Plain() bool { return !x.odd }

// notePlain notes what a statement of a script does.
func (x *Session) notePlain(a sqlite.Action) {
	plain := false
	switch a.Code {
	case sqlite.ActSelect, sqlite.ActRecursive, sqlite.ActReindex, sqlite.ActCreateTable, sqlite.ActDropTable, sqlite.ActCreateIndex, sqlite.ActDropIndex,
		sqlite.ActCreateView, sqlite.ActDropView, sqlite.ActCreateTrigger, sqlite.ActDropTrigger:
		plain = a.Database == "main" || a.Database == ""
	case sqlite.ActAlterTable:
		plain = a.Arg1 == "main"
	case sqlite.ActInsert, sqlite.ActUpdate, sqlite.ActDelete:
		own := strings.HasPrefix(a.Arg1, "sqlite_") && a.Arg1 != "sqlite_master" && a.Arg1 != "sqlite_sequence" // as sqlite_stat1, which a connection reads when it is opened
		plain = a.Database == "main" && !own
	}
	x.odd = x.odd || !plain
}

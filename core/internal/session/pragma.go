// PRAGMAs that do nothing, without a word from SQLite (https://sqlite.org/pragma.html):
// those that it does not know, and settings of the file that it does not change.

package session

import (
	"fmt"
	"strings"

	"fastmigrate/core/internal/split"
)

// fixed are the settings of a file that are fixed once it has tables, unless a
// VACUUM follows; an encoding is fixed for good.
var fixed = map[string]bool{"page_size": true, "auto_vacuum": true, "encoding": true}

// warnIdle warns of a PRAGMA that has just run and did nothing.
func (x *Session) warnIdle(st split.Statement) {
	if st.Kind != split.Pragma || st.Explain {
		return
	}
	why := ""
	known, err := x.Conn.Int("SELECT count(*) FROM pragma_pragma_list WHERE name = ?", st.Name)
	switch {
	case err != nil:
	case known == 0:
		why = "SQLite has none with this name"
		if st.Name == "key" || st.Name == "rekey" || strings.HasPrefix(st.Name, "cipher") {
			why += ": it is for encrypted databases, which this program cannot read"
		}
	case fixed[st.Name] && st.Value != "":
		why = x.keepsSetting(st)
	}
	if why == "" {
		return
	}
	at := x.Script.At(st.Start, nil)
	x.WarnOnce(fmt.Sprintf("%s:%d:%d: PRAGMA %s does nothing: %s", x.Script.Name, at.Line, at.Column, st.Name, why))
}

// keepsSetting says why a setting of the file did not change; "" if it did, or will.
func (x *Session) keepsSetting(st split.Statement) string {
	now, err := x.Conn.Text("PRAGMA main." + st.Name)
	is := func(value string) bool { return strings.EqualFold(value, st.Value) }
	if names := map[string]string{"0": "none", "1": "full", "2": "incremental"}; err != nil || is(now) || st.Name == "auto_vacuum" && is(names[now]) {
		return ""
	}
	if st.Name == "encoding" {
		if tables, err := x.Conn.Int("SELECT count(*) FROM main.sqlite_schema"); err != nil || tables == 0 || is(strings.ReplaceAll(now, "-", "")) || strings.HasPrefix(now, "UTF-16") && is("utf-16") {
			return ""
		}
		return "the encoding of a database cannot change once it has tables, and is " + now
	}
	if st.Name == "page_size" {
		if mode, err := x.Conn.Text("PRAGMA main.journal_mode"); err == nil && mode == "wal" {
			return "in WAL mode the page size cannot change, even by VACUUM, and is " + now
		}
	}
	sc := split.New(x.Script.Text[st.End:])
	for next, ok := sc.Next(); ok; next, ok = sc.Next() {
		if next.Kind == split.Vacuum {
			return ""
		}
	}
	return "it is " + now + " until a VACUUM, but none follows"
}

// Which tables a virtual table keeps for itself (https://sqlite.org/vtab.html#xshadowname).
// SQLite asks the module; if only the application has that, the names tell.

package catalog

import (
	"errors"
	"slices"
	"strings"

	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/regex"
)

// shadows are the ends of the names of such tables, for modules that SQLite here may
// lack.
var shadows = map[string]*regex.Pattern{
	"fts3":      regex.New(`^(content|segments|segdir|docsize|stat)$`),
	"fts4":      regex.New(`^(content|segments|segdir|docsize|stat)$`),
	"spellfix1": regex.New(`^vocab$`),
	"vec0":      regex.New(`^(info|rowids|chunks|auxiliary|(vector_chunks|metadatachunks|metadatatext)\d\d)$`),
	"vss0":      regex.New(`^(index|data)$`),
}

// stringly matches how modules make a table, and people do not: with a string as its
// name.
var stringly = regex.New(`^CREATE TABLE '`)

// withoutShadows leaves out the tables of virtual tables whose module is absent, with
// their indexes and triggers.
func withoutShadows(c *sqlite.Conn, list []Object) ([]Object, error) {
	if !slices.ContainsFunc(list, func(o Object) bool { return o.Type == "table" && o.Root == 0 }) {
		return list, nil
	}
	modules, err := AbsentModules(c)
	if err != nil || len(modules) == 0 {
		return list, err
	}
	hidden := map[string]bool{}
	for _, o := range list {
		for table, module := range modules {
			rest, its := strings.CutPrefix(strings.ToLower(o.Name), table+"_")
			known := shadows[module]
			if its && o.Type == "table" && o.Root != 0 && (known != nil && known.MatchString(rest) || stringly.MatchString(o.SQL)) {
				hidden[o.Name] = true
			}
		}
	}
	return slices.DeleteFunc(list, func(o Object) bool { return hidden[o.Table] }), nil
}

// AbsentModules returns the modules that SQLite here lacks, by the virtual tables that
// need them; both names are in lower case.
func AbsentModules(c *sqlite.Conn) (map[string]string, error) {
	tables, err := StoredTables(c)
	if err != nil {
		return nil, err
	}
	modules := map[string]string{}
	for _, t := range tables {
		if !t.Virtual {
			continue
		}
		s, err := c.Prepare("SELECT 1 FROM main." + sqlite.Quote(t.Name))
		if err == nil {
			s.Close()
			continue
		}
		var e *sqlite.Error
		if !errors.As(err, &e) {
			return nil, err
		}
		if module, ok := strings.CutPrefix(e.Msg, "no such module: "); ok {
			modules[strings.ToLower(t.Name)] = strings.ToLower(module)
		}
	}
	return modules, nil
}

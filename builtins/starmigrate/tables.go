package starmigrate

import (
	"fastmigrate/builtins/internal/row"
	host "fastmigrate/starlark"

	"go.starlark.net/starlark"
)

// table asks SQLite's own PRAGMAs (https://sqlite.org/pragma.html#pragma_table_xinfo) as
// the migration would: by its [core.Tx], with no connection that core's readers could use.
func (m *migration) table(c *row.Call) (starlark.Value, error) {
	name := c.Text("name")
	list := func(sql string, args ...any) ([][]any, error) {
		cursor, err := m.tx.Query(sql, args...)
		if err != nil {
			return nil, err
		}
		defer cursor.Close()
		var rows [][]any
		for {
			row, err := cursor.Next()
			if err != nil || row == nil {
				return rows, err
			}
			rows = append(rows, row)
		}
	}
	found, err := list("SELECT name, sql FROM main.sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE", name)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, &host.Error{Kind: "not_found", Message: "there is no table " + name}
	}
	var columns, indexes, keys []starlark.Value
	rows, err := list(`SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_xinfo(?) WHERE hidden <> 1`, name)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		columns = append(columns, row.NewRecord("Column", true, "name", r[0], "type", r[1], "not_null", r[2] != int64(0), "default", r[3], "primary_key", r[4]))
	}
	if rows, err = list(`SELECT name, "unique" FROM pragma_index_list(?) ORDER BY name`, name); err != nil {
		return nil, err
	}
	for _, r := range rows {
		parts, err := list("SELECT name FROM pragma_index_info(?)", r[0])
		if err != nil {
			return nil, err
		}
		indexes = append(indexes, row.NewRecord("Index", true, "name", r[0], "unique", r[1] != int64(0), "columns", column(parts, 0)))
	}
	if rows, err = list(`SELECT DISTINCT id, "table" FROM pragma_foreign_key_list(?) ORDER BY id`, name); err != nil {
		return nil, err
	}
	for _, r := range rows {
		parts, err := list(`SELECT "from", "to" FROM pragma_foreign_key_list(?) WHERE id = ? ORDER BY seq`, name, r[0])
		if err != nil {
			return nil, err
		}
		keys = append(keys, row.NewRecord("ForeignKey", true, "columns", column(parts, 0), "table", r[1], "parent_columns", column(parts, 1)))
	}
	return row.NewRecord("Table", true, "name", found[0][0], "columns", columns, "indexes", indexes, "foreign_keys", keys, "sql", found[0][1]), nil
}

func column(rows [][]any, i int) []starlark.Value {
	var list []starlark.Value
	for _, r := range rows {
		list = append(list, row.ToStarlark(r[i]))
	}
	return list
}

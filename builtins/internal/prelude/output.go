package prelude

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"fastmigrate/builtins/internal/row"
	"fastmigrate/core/visible"

	"go.starlark.net/starlark"
)

// printing are the functions that print: results to out, all else to log.
func printing(out, log io.Writer) []*row.Builtin {
	return []*row.Builtin{{
		Name: "print", Rest: "*args", Params: []row.Param{},
		Returns: "None", Effect: row.None, Errors: []string{},
		Doc: `Prints the arguments, separated by spaces, to standard output.
While the file is loaded, it prints to standard error.`,
		Example: `print("version", 3)`,
		Do: func(c *row.Call) (starlark.Value, error) {
			if c.Session.Loading() {
				fmt.Fprintln(log, visible.Block(row.Joined(c.Args)))
				return starlark.None, nil
			}
			_, err := fmt.Fprintln(out, row.Joined(c.Args))
			return starlark.None, err
		},
	}, {
		Name: "warn", Rest: "*args", Params: []row.Param{},
		Returns: "None", Effect: row.None, Errors: []string{},
		Doc:     `Prints the arguments, separated by spaces, to standard error.`,
		Example: `warn("the disk is nearly full")`,
		Do: func(c *row.Call) (starlark.Value, error) {
			fmt.Fprintln(log, visible.Block("warning: "+row.Joined(c.Args)))
			return starlark.None, nil
		},
	}, {
		Name: "table", Params: []row.Param{
			row.NewParam("rows", "any", "", "the result of query, or a list of results, dicts, tuples or lists"),
			row.NewParam("columns", "list", "None", "columns to print, in this order; None: all"),
			row.NewParam("title", "string", "None", "a line above the table")},
		Returns: "None", Effect: row.None, Errors: []string{"usage"},
		Doc: `Prints rows in columns.`,
		Example: `table(query("data/shop.db", "select id, name from customers"))
table([{"db": "a.db", "version": 3}], columns = ["version", "db"])`,
		Do: func(c *row.Call) (starlark.Value, error) {
			if c.Session.Loading() { // there are no results
				return printTable(c, visible.Results(log))
			}
			return printTable(c, out)
		},
	}}
}

// printTable prints the rows of a call to out.
func printTable(c *row.Call, out io.Writer) (starlark.Value, error) {
	list, ok := c.Value("rows").(starlark.Iterable)
	if !ok {
		return nil, fmt.Errorf("table: rows must be a list or the result of query, not %s", c.Value("rows").Type())
	}
	var columns []string
	for _, v := range c.List("columns") {
		columns = append(columns, row.Joined(starlark.Tuple{v}))
	}
	if r, ok := list.(*row.Rows); ok && columns == nil {
		columns = r.Columns
	}
	var lines [][]string
	for v := range starlark.Elements(list) {
		names, cells, err := cellsOf(v)
		if err != nil {
			return nil, err
		}
		if names == nil { // without names, in their order
			lines = append(lines, cells)
			continue
		}
		if columns == nil {
			columns = names
		}
		line := make([]string, len(columns))
		for i, name := range columns {
			if at := slices.Index(names, name); at >= 0 {
				line[i] = cells[at]
			} else if c.Given("columns") {
				return nil, fmt.Errorf("table: there is no column %s: the columns are %s", name, strings.Join(names, ", "))
			}
		}
		lines = append(lines, line)
	}
	if t := c.Text("title"); t != "" {
		fmt.Fprintln(out, t)
	}
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	if columns != nil {
		lines = slices.Insert(lines, 0, columns)
	}
	for _, l := range lines {
		fmt.Fprintln(w, strings.TrimRight(strings.Join(l, "\t"), "\t"))
	}
	return starlark.None, w.Flush()
}

// cellsOf returns the cells of one row, and their names if it has some.
func cellsOf(v starlark.Value) (names, cells []string, err error) {
	cell := func(v starlark.Value) {
		text := row.Joined(starlark.Tuple{v})
		cells = append(cells, strings.NewReplacer("\t", " ", "\n", " ").Replace(text))
	}
	switch v := v.(type) {
	case *row.Row:
		for i := range v.Columns {
			cell(v.Index(i))
		}
		return v.Columns, cells, nil
	case *row.Record:
		for _, f := range v.Fields {
			names = append(names, f.Name)
			cell(f.Value)
		}
		return names, cells, nil
	case *starlark.Dict:
		for _, kv := range v.Items() {
			names = append(names, row.Joined(kv[:1]))
			cell(kv[1])
		}
		return names, cells, nil
	case starlark.String:
		cell(v)
		return nil, cells, nil
	case starlark.Iterable:
		for one := range starlark.Elements(v) {
			cell(one)
		}
		return nil, cells, nil
	case starlark.HasAttrs: // as struct
		for _, name := range v.AttrNames() {
			a, err := v.Attr(name)
			if err != nil {
				return nil, nil, err
			}
			names = append(names, name)
			cell(a)
		}
		return names, cells, nil
	}
	cell(v)
	return nil, cells, nil
}

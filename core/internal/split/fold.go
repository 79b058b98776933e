package split

import (
	"slices"
	"strings"
)

// mentioned returns the columns that an expression names, each once.
func (d *Definition) mentioned(expr string) (list []string) {
	r := newReader([]byte(expr))
	for ; !r.end(); r.at++ {
		if kind := r.list[r.at].kind; kind != word && kind != quoted {
			continue
		}
		if col := d.Column(Unquote(r.raw(r.at))); col != nil && !r.calls() && !slices.Contains(list, col.Name) {
			list = append(list, col.Name)
		}
	}
	return list
}

// calls reports whether the next token is the name of a function, a collation or a table.
func (r *reader) calls() bool {
	rest := reader{text: r.text, list: r.list, at: r.at + 1}
	return rest.opens() || rest.sign('.') || r.word(r.at-1, "COLLATE")
}

// Fold returns an expression of the table in a form that is the same for all that differ
// only in case, quotes, spaces, parentheses around it, the table's name before a column,
// and the spelling of an operator. Each column has the name there that named gives.
func (d *Definition) Fold(expr string, named func(column string) string) string {
	r := newReader([]byte(expr))
	var list []string
	for ; !r.end(); r.at++ {
		t, raw := r.list[r.at], r.raw(r.at)
		next := reader{text: r.text, list: r.list, at: r.at + 1}
		last := ""
		if len(list) > 0 {
			last = list[len(list)-1]
		}
		switch name := Unquote(raw); {
		case (t.kind == word || t.kind == quoted) && next.sign('.') && strings.EqualFold(name, d.Name):
			r.at++
		case (t.kind == word || t.kind == quoted) && !r.calls() && d.Column(name) != nil:
			list = append(list, strings.ToLower(named(d.Column(name).Name)))
		case t.kind == quoted && raw[0] == '"' && !r.calls(): // which SQLite takes for a string
			list = append(list, "'"+strings.ReplaceAll(name, "'", "''")+"'")
		case t.kind == str && last == "x" && r.list[r.at-1].end == t.start:
			list[len(list)-1] += strings.ToLower(raw)
		case t.kind == str:
			list = append(list, raw)
		case raw == "=" && last == "=":
		case raw == "=" && last == "!":
			list = append(list[:len(list)-1], "<", ">")
		default:
			list = append(list, strings.ToLower(name))
		}
	}
	for len(list) > 1 && closing(list) == len(list)-1 {
		list = list[1 : len(list)-1]
	}
	return strings.Join(list, " ")
}

// closing is where the parenthesis ends that a list begins with; -1 if there is none.
func closing(list []string) int {
	depth := 0
	for i, s := range list {
		switch s {
		case "(":
			depth++
		case ")":
			depth--
		}
		if depth == 0 {
			if i == 0 {
				return -1
			}
			return i
		}
	}
	return -1
}

// FoldDefault is [Definition.Fold] for the value of a DEFAULT, where a word is a string
// (https://sqlite.org/lang_createtable.html#the_default_clause), and a number in quotes
// becomes one, or becomes text, as the type of its column has it.
func (d *Definition) FoldDefault(c Constraint) string {
	r := newReader([]byte(c.Expr))
	text := ""
	if len(r.list) == 1 && (r.list[0].kind == word || r.list[0].kind == quoted) {
		name, bare := r.name(), r.list[0].kind == word
		switch {
		case bare && strings.EqualFold(name, "true"):
			text = "1"
		case bare && strings.EqualFold(name, "false"):
			text = "0"
		case bare && strings.HasPrefix(strings.ToLower(name), "current_"):
			text = strings.ToLower(name)
		default:
			text = "'" + strings.ReplaceAll(name, "'", "''") + "'"
		}
	} else {
		text = strings.TrimPrefix(d.Fold(c.Expr, func(name string) string { return name }), "+ ")
	}
	col := d.Column(c.Columns[0])
	if col == nil || col.Type == "" || strings.Contains(strings.ToUpper(col.Type), "BLOB") || strings.EqualFold(col.Type, "ANY") {
		return text
	}
	if s, ok := strings.CutPrefix(text, "'"); ok && len(s) > 1 && strings.Trim(s[:len(s)-1], "0123456789") == "" {
		return s[:len(s)-1]
	}
	return text
}

package starmigrate

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"

	"fastmigrate/builtins/internal/row"

	"go.starlark.net/starlark"
)

var pattern = row.NewParam("pattern", "string", "", "a regular expression (https://github.com/google/re2/wiki/Syntax)")

// modules are the functions of the modules hash, re and base64.
func (m *migration) modules() []*row.Builtin {
	return []*row.Builtin{{
		Name: "hash.sha256", Params: []row.Param{row.NewParam("data", "any", "", "a string or bytes")},
		Returns: "string, in hexadecimal", Effect: row.None, Errors: []string{"usage"},
		Doc: `Returns the SHA-256 of a string or bytes.`,
		Example: `def migrate(db):
    print(hash.sha256("a"))`,
		Do: func(c *row.Call) (starlark.Value, error) {
			data, err := octets(c, "data")
			sum := sha256.Sum256(data)
			return starlark.String(hex.EncodeToString(sum[:])), err
		},
	}, {
		Name: "base64.encode", Params: []row.Param{row.NewParam("data", "any", "", "a string or bytes")},
		Returns: "string", Effect: row.None, Errors: []string{"usage"},
		Doc: `Encodes a string or bytes as base64 (RFC 4648, with padding).`,
		Example: `def migrate(db):
    print(base64.encode("a"))`,
		Do: func(c *row.Call) (starlark.Value, error) {
			data, err := octets(c, "data")
			return starlark.String(base64.StdEncoding.EncodeToString(data)), err
		},
	}, {
		Name: "base64.decode", Params: []row.Param{row.NewParam("text", "string", "", "base64 text, as from base64.encode")},
		Returns: "bytes", Effect: row.None, Errors: []string{"usage"},
		Doc: `Decodes base64 text.`,
		Example: `def migrate(db):
    print(base64.decode("YQ=="))`,
		Do: func(c *row.Call) (starlark.Value, error) {
			data, err := base64.StdEncoding.DecodeString(c.Text("text"))
			if err != nil {
				return nil, row.Misuse("base64.decode: %v", "", err)
			}
			return starlark.Bytes(data), nil
		},
	}, {
		Name: "re.search", Params: []row.Param{pattern, row.NewParam("text", "string", "", "the text to search")},
		Returns: "tuple of the match and its groups, with None for a group that did not match; None if there is no match", Effect: row.None, Errors: []string{"usage"},
		Doc: `Finds the first match of a pattern.`,
		Example: `def migrate(db):
    print(re.search("(\\w+)@(\\w+)", "ada@example")[1])`,
		Do: func(c *row.Call) (starlark.Value, error) {
			re, err := m.compiled(c)
			if err != nil {
				return nil, err
			}
			return groups(c.Text("text"), re.FindStringSubmatchIndex(c.Text("text"))), nil
		},
	}, {
		Name: "re.findall", Params: []row.Param{pattern, row.NewParam("text", "string", "", "the text to search")},
		Returns: "list of tuples, as from re.search", Effect: row.None, Errors: []string{"usage"},
		Doc: `Finds all matches of a pattern.`,
		Example: `def migrate(db):
    print([m[0] for m in re.findall("[0-9]+", "1 and 22")])`,
		Do: func(c *row.Call) (starlark.Value, error) {
			re, err := m.compiled(c)
			if err != nil {
				return nil, err
			}
			list := []starlark.Value{}
			for _, at := range re.FindAllStringSubmatchIndex(c.Text("text"), -1) {
				list = append(list, groups(c.Text("text"), at))
			}
			return starlark.NewList(list), nil
		},
	}, {
		Name: "re.sub", Params: []row.Param{pattern, row.NewParam("by", "string", "", "the replacement; $1 is the first group"), row.NewParam("text", "string", "", "the text to search")},
		Returns: "string", Effect: row.None, Errors: []string{"usage"},
		Doc: `Replaces all matches of a pattern.`,
		Example: `def migrate(db):
    print(re.sub("[^0-9]", "", "+49 30 1234"))`,
		Do: func(c *row.Call) (starlark.Value, error) {
			re, err := m.compiled(c)
			if err != nil {
				return nil, err
			}
			return starlark.String(re.ReplaceAllString(c.Text("text"), c.Text("by"))), nil
		},
	}}
}

// octets are what a parameter has, a string or bytes.
func octets(c *row.Call, name string) ([]byte, error) {
	switch v := c.Value(name).(type) {
	case starlark.String:
		return []byte(v), nil
	case starlark.Bytes:
		return []byte(v), nil
	}
	return nil, fmt.Errorf("%s: %s must be a string or bytes, not %s", c.Builtin.Name, name, c.Value(name).Type())
}

// compiled returns a pattern, which a loop uses for each row.
func (m *migration) compiled(c *row.Call) (*regexp.Regexp, error) {
	text := c.Text("pattern")
	if re := m.patterns[text]; re != nil {
		return re, nil
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, row.Misuse("%v", "", err)
	}
	if m.patterns == nil {
		m.patterns = map[string]*regexp.Regexp{}
	}
	m.patterns[text] = re
	return re, nil
}

// groups are the parts of text that a match has found.
func groups(text string, at []int) starlark.Value {
	if at == nil {
		return starlark.None
	}
	var tuple starlark.Tuple
	for i := 0; i < len(at); i += 2 {
		if at[i] < 0 {
			tuple = append(tuple, starlark.None)
		} else {
			tuple = append(tuple, starlark.String(text[at[i]:at[i+1]]))
		}
	}
	return tuple
}

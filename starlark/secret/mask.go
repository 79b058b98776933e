// Package secret masks what must not appear in errors and output: the values of variables
// that are named like a secret, and the credentials in URLs.
//
//	var hidden secret.Values
//	hidden.Add(password)
//	text = hidden.Mask(text)
//
// A secret is recognised by its name, such as db_password or apiToken, as by the keyword
// detector of https://github.com/Yelp/detect-secrets. Once its value is known, it is
// masked wherever it stands.
package secret

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Masked replaces what is not shown.
const Masked = "***"

// shortest is the least length of a secret that is masked in other texts: a shorter one
// would be a part of too many words.
const shortest = 4

// secretNames are words; the name of a secret has one of them.
var secretNames = []string{"password", "passwd", "passphrase", "token", "secret", "authorization", "api key", "apikey", "private key", "privatekey"}

// IsName reports whether a name is that of a secret, such as api_key, db-password or
// ApiToken.
func IsName(name string) bool {
	var b strings.Builder
	b.WriteByte(' ')
	runes := []rune(name)
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r):
			b.WriteByte(' ')
			continue
		case unicode.IsUpper(r) && i > 0 && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])):
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	list := strings.Fields(b.String())
	words := strings.Join(list, " ")
	return slices.ContainsFunc(list, func(word string) bool { return strings.HasSuffix(word, "password") }) || // PGPASSWORD
		slices.ContainsFunc(secretNames, func(secret string) bool {
			return strings.Contains(" "+words+" ", " "+secret+" ") || strings.Contains(" "+words+" ", " "+secret+"s ")
		})
}

var (
	// urls are URLs with credentials.
	urls = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://)[^/?#\s"'<>\\]*@`) })

	// pairs are a name and a value: in a flag, a dict, a struct, an assignment or a
	// header, or a flag and the word after it.
	pairs = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(-{0,2}[A-Za-z][\w.-]*)(\\?["']?\s*[=:]\s*|["'],\s+(?:b?["'])?|\s+)` +
			`((?i:bearer|basic|digest|token)\s+[^\s"',)\]}]+|\\"(?:[^"\\]|\\[^"])*\\"|b?"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"',)\]}&;]+)`)
	})
)

// MaskURLs masks the credentials in URLs: the user information of RFC 3986, 3.2.1.
func MaskURLs(text string) string { return urls().ReplaceAllString(text, "${1}"+Masked+"@") }

// MaskValues masks the credentials in URLs, and each value beside the name of a secret,
// in the text of a value or in the words of a command.
func MaskValues(text string) string {
	text = MaskURLs(text)
	var b strings.Builder
	for {
		at := pairs().FindStringSubmatchIndex(text)
		if at == nil {
			return b.String() + text
		}
		name, between := text[at[2]:at[3]], text[at[4]:at[5]]
		value := text[at[6]:at[7]]
		assigned := strings.ContainsAny(between, "=:")
		if !IsName(name) || !assigned && !strings.HasPrefix(name, "-") || value == "None" || value == `""` {
			b.WriteString(text[:at[3]]) // what follows the name may be a name too
			text = text[at[3]:]
			continue
		}
		b.WriteString(text[:at[6]] + Masked)
		text = text[at[7]:]
	}
}

// InSight lists the values of all variables in sight of a thread that have the name of a
// secret.
func InSight(thread *starlark.Thread) (found []string) {
	add := func(name string, v starlark.Value) {
		if s, ok := v.(starlark.String); ok && IsName(name) {
			found = append(found, string(s))
		}
	}
	for i := range thread.CallStackDepth() {
		frame := thread.DebugFrame(i)
		fn, ok := frame.Callable().(*starlark.Function)
		if !ok {
			continue
		}
		for j := range frame.NumLocals() {
			b, v := frame.Local(j)
			if v != nil {
				add(b.Name, v)
			}
		}
		for j := range fn.NumFreeVars() {
			b, v := fn.FreeVar(j)
			add(b.Name, v)
		}
		for name, v := range fn.Globals() {
			add(name, v)
		}
	}
	return found
}

// Values are known secrets, the longest first. The zero value has none.
type Values []string

// Add adds a secret, unless it is shorter than four bytes, and so a part of too many
// words.
func (v *Values) Add(value string) {
	if len(value) >= shortest && !slices.Contains(*v, value) {
		*v = append(*v, value)
		slices.SortStableFunc(*v, func(a, b string) int { return len(b) - len(a) })
	}
}

// Mask masks the secrets and the credentials in URLs in a text.
func (v Values) Mask(text string) string {
	for _, value := range v {
		text = strings.ReplaceAll(text, value, Masked)
		if quoted := syntax.Quote(value, false); quoted != `"`+value+`"` {
			text = strings.ReplaceAll(text, quoted[1:len(quoted)-1], Masked)
		}
	}
	return MaskURLs(text)
}

// Cover is Mask for a line of a file: it keeps the columns.
func (v Values) Cover(line string) string {
	for _, value := range v {
		line = strings.ReplaceAll(line, value, stars(value))
	}
	return urls().ReplaceAllStringFunc(line, func(url string) string {
		scheme, user, _ := strings.Cut(url, "://")
		return scheme + "://" + stars(strings.TrimSuffix(user, "@")) + "@"
	})
}

func stars(text string) string { return strings.Repeat("*", utf8.RuneCountInString(text)) }

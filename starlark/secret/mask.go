// What nobody should read who reads an error.

package secret

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Masked stands for what is not shown.
const Masked = "***"

// shortest is how long a secret has to be to be masked in other texts: a shorter
// one would be a part of too many words.
const shortest = 4

// secretNames are the words that make a name that of a secret.
var secretNames = []string{"password", "passwd", "passphrase", "token", "secret", "authorization", "api key", "apikey", "private key", "privatekey"}

// IsName reports whether what has that name is not to be shown: api_key,
// db-password, ApiToken.
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
	// urls have the name and password of a user.
	urls = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://)[^/?#\s"'<>\\]*@`)

	// pairs are a name and a value: in a flag, a dict, a struct, an assignment, a
	// header, or a flag and the word after it.
	pairs = regexp.MustCompile(`(-{0,2}[A-Za-z][\w.-]*)(\\?["']?\s*[=:]\s*|["'],\s+(?:b?["'])?|\s+)` +
		`((?i:bearer|basic|digest|token)\s+[^\s"',)\]}]+|\\"(?:[^"\\]|\\[^"])*\\"|b?"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"',)\]}&;]+)`)
)

// MaskURLs masks who logs in by a URL.
func MaskURLs(text string) string { return urls.ReplaceAllString(text, "${1}"+Masked+"@") }

// MaskValues masks, in the text of a value or in the words of a command, also what
// stands beside a name of a secret.
func MaskValues(text string) string {
	text = MaskURLs(text)
	var b strings.Builder
	for {
		at := pairs.FindStringSubmatchIndex(text)
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

// InSight lists the values of the variables that are in sight of a thread, and have
// the name of a secret.
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

// Values are secrets, the longest first. The zero value has none.
type Values []string

// Add adds one, unless it is so short that it would be a part of too many words.
func (v *Values) Add(value string) {
	if len(value) >= shortest && !slices.Contains(*v, value) {
		*v = append(*v, value)
		slices.SortStableFunc(*v, func(a, b string) int { return len(b) - len(a) })
	}
}

// Mask masks the secrets in a text, and who logs in by a URL.
func (v Values) Mask(text string) string {
	for _, value := range v {
		text = strings.ReplaceAll(text, value, Masked)
		if quoted := syntax.Quote(value, false); quoted != `"`+value+`"` {
			text = strings.ReplaceAll(text, quoted[1:len(quoted)-1], Masked)
		}
	}
	return MaskURLs(text)
}

// Cover is Mask for a line of a file, in which all stays in its column.
func (v Values) Cover(line string) string {
	for _, value := range v {
		line = strings.ReplaceAll(line, value, stars(value))
	}
	return urls.ReplaceAllStringFunc(line, func(url string) string {
		scheme, user, _ := strings.Cut(url, "://")
		return scheme + "://" + stars(strings.TrimSuffix(user, "@")) + "@"
	})
}

func stars(text string) string { return strings.Repeat("*", utf8.RuneCountInString(text)) }

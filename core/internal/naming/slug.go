package naming

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Slug returns the description of a migration as a part of its file name: "Add users'
// phone numbers!" becomes add-users-phone-numbers. It has at most 80 bytes, and is "" if
// there is no letter and no digit.
func Slug(description string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(strings.ReplaceAll(strings.ToLower(description), "'", ""), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}) {
		if b.Len() > 0 && b.Len()+len(word) > 80 {
			break
		}
		for len(word) > 80 {
			_, n := utf8.DecodeLastRuneInString(word)
			word = word[:len(word)-n]
		}
		if b.Len() > 0 {
			b.WriteByte('-')
		}
		b.WriteString(word)
	}
	return b.String()
}

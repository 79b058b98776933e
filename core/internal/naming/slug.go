package naming

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Slug makes "Add users' phone numbers!" add-users-phone-numbers.
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

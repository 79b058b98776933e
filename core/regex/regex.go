// Package regex provides regular expressions that are compiled at their first use:
//
//	var word = regex.New(`\w+`)
//
// A run of the program uses only a few of its many expressions, and compiling all of them
// would take longer than checking an up-to-date database.
package regex

import (
	"regexp"
	"sync"
)

// Pattern is a regular expression. Several goroutines may use it at once.
type Pattern struct {
	text     string
	once     sync.Once
	compiled *regexp.Regexp
}

// New returns the pattern for a text in the syntax of package [regexp]. The first use
// panics if the syntax is wrong.
func New(text string) *Pattern { return &Pattern{text: text} }

// Regexp returns the compiled expression.
func (p *Pattern) Regexp() *regexp.Regexp {
	p.once.Do(func() { p.compiled = regexp.MustCompile(p.text) })
	return p.compiled
}

// MatchString is [regexp.Regexp.MatchString].
func (p *Pattern) MatchString(s string) bool { return p.Regexp().MatchString(s) }

// FindStringSubmatch is [regexp.Regexp.FindStringSubmatch].
func (p *Pattern) FindStringSubmatch(s string) []string { return p.Regexp().FindStringSubmatch(s) }

// ReplaceAllString is [regexp.Regexp.ReplaceAllString].
func (p *Pattern) ReplaceAllString(s, by string) string { return p.Regexp().ReplaceAllString(s, by) }

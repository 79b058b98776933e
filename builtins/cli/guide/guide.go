// Package guide holds the guides: texts in Markdown that explain one subject each,
// where the help of a command explains one command. They travel with the program.
package guide

import (
	"embed"
	"strings"
)

//go:embed *.md
var files embed.FS

// names are the guides in the order in which a reader needs them.
var names = []string{"migrating", "workflows", "testing", "accidents", "deploying", "coming-from", "go", "reference", "comparison"}

// Guide is one of them.
type Guide struct {
	Name    string `json:"name"`
	Summary string `json:"summary"` // one sentence: the third line of the text, below the title
	Text    string `json:"text"`    // Markdown
}

// All returns the guides in the order in which a reader needs them.
func All() (list []Guide) {
	for _, name := range names {
		g, _ := Named(name)
		list = append(list, g)
	}
	return list
}

// Named returns the guide with a name, and false if there is none.
func Named(name string) (Guide, bool) {
	text, err := files.ReadFile(name + ".md")
	if err != nil {
		return Guide{}, false
	}
	return Guide{name, strings.SplitN(string(text), "\n", 4)[2], string(text)}, true
}

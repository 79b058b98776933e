// What can be typed next on a command line. Nothing here fails: for what it does not
// understand it lists nothing.

package command

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alecthomas/kong"
)

// Candidate is a word that can be typed next.
type Candidate struct {
	Word string
	Help string // its description, of which the first sentence is shown
}

// String returns the line that a shell reads: the word, a tab and the help.
func (c Candidate) String() string {
	if c.Help == "" {
		return c.Word
	}
	return c.Word + "\t" + c.Help
}

// Source lists the candidates for a value that has the tag complete:"NAME" in a grammar.
// flags are those before the value, by their long names; words are the words from the
// value on, of which the last is being typed.
type Source func(flags map[string]string, words []string) []Candidate

// Complete lists the candidates for the last of words, which are those after the name of
// the program. It lists nothing for a path or a free value, and the flags where only a
// flag can follow. Sources are by the name in the tag complete.
//
//	found := command.Complete(parser.Model.Node, []string{"new", "--type", ""}, nil)
func Complete(command *kong.Node, words []string, sources map[string]Source) []Candidate {
	if len(words) == 0 || !utf8.ValidString(strings.Join(words, " ")) { // which the program refuses
		return nil
	}
	l := &line{command: command, sources: sources, flags: map[string]string{}}
	var list []Candidate
	for _, c := range l.read(words) {
		if c.Word != "" && strings.HasPrefix(c.Word, words[len(words)-1]) && strings.IndexFunc(c.Word, unprintable) < 0 {
			list = append(list, Candidate{c.Word, sentence(c.Help)})
		}
	}
	return list
}

// line is a command line, as far as it is read.
type line struct {
	command *kong.Node
	flags   map[string]string // those before, with their values
	sources map[string]Source
}

// read reads the words as kong does, and lists the candidates for the last.
func (l *line) read(words []string) []Candidate {
	var waiting *kong.Flag // for its value
	arguments, onlyArguments := 0, false
	for i, word := range words {
		last := i == len(words)-1
		switch {
		case waiting != nil:
			if last {
				return l.values(waiting.Value, words[i:])
			}
			l.flags[waiting.Name], waiting = word, nil
		case onlyArguments || !strings.HasPrefix(word, "-"):
			if arguments < len(l.command.Positional) {
				a := l.command.Positional[arguments]
				if last || a.PassthroughMode != kong.PassThroughModeNone {
					return l.values(a, words[i:])
				}
				if !a.IsCumulative() {
					arguments++
				}
				continue
			}
			if last {
				return l.next(onlyArguments)
			}
			if l.command = child(l.command, word); l.command == nil {
				return nil
			}
		case last:
			flag, value, joined := l.flag(word)
			if !joined || flag == nil {
				return l.unused()
			}
			list := l.values(flag.Value, []string{value})
			for i := range list {
				list[i].Word = strings.TrimSuffix(word, value) + list[i].Word
			}
			return list
		case word == "--":
			onlyArguments = true
		default:
			flag, value, joined := l.flag(word)
			if flag == nil {
				return nil
			}
			l.flags[flag.Name] = value
			if !joined && takesValue(flag) {
				waiting = flag
			}
		}
	}
	return nil
}

// flag finds the flag in a word, the last one of several short ones, and the value that
// is joined to it.
func (l *line) flag(word string) (flag *kong.Flag, value string, joined bool) {
	if long, ok := strings.CutPrefix(word, "--"); ok {
		name, value, joined := strings.Cut(long, "=")
		return l.find(func(n string, _ rune) bool { return n == name }), value, joined
	}
	for i, r := range word[1:] {
		flag = l.find(func(_ string, short rune) bool { return short == r })
		if value = word[1+i+len(string(r)):]; flag == nil || takesValue(flag) {
			return flag, value, value != ""
		}
	}
	return flag, "", false
}

// find returns the flag with a matching name, or nil.
func (l *line) find(fits func(name string, short rune) bool) *kong.Flag {
	for c := l.command; c != nil; c = c.Parent {
		for _, f := range c.Flags {
			for _, name := range append(names(f), f.Aliases...) {
				if fits(name, f.Short) {
					return f
				}
			}
		}
	}
	return nil
}

func takesValue(f *kong.Flag) bool { return !f.IsBool() && !f.IsCounter() }

// names are the names of a flag that are shown.
func names(f *kong.Flag) []string {
	if f.Tag != nil && f.Tag.Negatable != "" {
		return []string{f.Name, "no-" + f.Name}
	}
	return []string{f.Name}
}

// unused are the flags that can still be typed, those of the command first.
func (l *line) unused() (list []Candidate) {
	for c := l.command; c != nil; c = c.Parent {
		for _, f := range c.Flags {
			if _, given := l.flags[f.Name]; f.Hidden || given && !f.IsCumulative() {
				continue
			}
			for _, name := range names(f) {
				list = append(list, Candidate{"--" + name, f.Help})
			}
		}
	}
	return list
}

// next are the commands or, if there are none, the flags.
func (l *line) next(onlyArguments bool) (list []Candidate) {
	for _, c := range l.command.Children {
		if !c.Hidden {
			list = append(list, Candidate{c.Name, c.Help})
		}
	}
	if list == nil && !onlyArguments {
		return l.unused()
	}
	return list
}

// child is the command of a name below another, or nil.
func child(of *kong.Node, name string) *kong.Node {
	for _, c := range of.Children {
		for _, n := range append([]string{c.Name}, c.Aliases...) {
			if n == name {
				return c
			}
		}
	}
	return nil
}

// values are the candidates for v.
func (l *line) values(v *kong.Value, words []string) (list []Candidate) {
	if source := l.sources[v.Tag.Get("complete")]; source != nil {
		return source(l.flags, words)
	}
	if v.Enum != "" {
		for _, e := range v.EnumSlice() {
			list = append(list, Candidate{Word: e})
		}
	}
	return list
}

// sentence is the first sentence of a text, on one line, without control characters.
func sentence(text string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n\n")
	text, _, _ = strings.Cut(strings.Join(strings.Fields(text), " "), ". ")
	text, _, _ = strings.Cut(text, "Default: ") // which may be the whole text
	return strings.TrimRight(strings.Map(func(r rune) rune {
		if unprintable(r) {
			return -1
		}
		return r
	}, text), ". ")
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

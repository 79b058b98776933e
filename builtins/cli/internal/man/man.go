// Package man writes manual pages from the grammar of the command line, in the macros of
// man(7) (https://man7.org/linux/man-pages/man7/groff_man.7.html).
package man

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Page is the manual page of a command. That of the program, the root of the grammar, lists
// all commands, and what they have in common. Release is the program's name and version.
func Page(command *kong.Node, release string) string {
	root := command
	for root.Parent != nil {
		root = root.Parent
	}
	p := &page{}
	name := strings.ReplaceAll(plainPath(command), " ", "-")
	p.line(".TH", strings.ToUpper(name), "1", "", release, "fastmigrate")
	p.line(".SH", "NAME")
	if command == root {
		p.text(name + " - bring SQLite databases from version to version")
	} else {
		p.text(name + " - " + strings.ToLower(command.Help[:1]) + strings.TrimSuffix(command.Help[1:], "."))
	}
	p.line(".SH", "SYNOPSIS")
	p.synopsis(command)
	p.line(".SH", "DESCRIPTION")
	if command == root {
		p.prose(command.Help)
		p.commands(command)
		p.flags("OPTIONS", command.Flags)
		p.common(command)
		return p.String()
	}
	p.text(command.Help)
	if list := others(command); len(list) > 0 {
		p.text("It is also called " + strings.Join(list, ", ") + ".")
	}
	p.prose(command.Detail)
	p.arguments(command)
	p.flags("OPTIONS", command.Flags)
	p.flags("OPTIONS OF EVERY COMMAND", root.Flags)
	p.line(".SH", "SEE ALSO")
	p.line(".BR", root.Name, "(1)")
	return p.String()
}

// page is the text of one, as it grows.
type page struct{ strings.Builder }

// line is a macro with its arguments.
func (p *page) line(macro string, args ...string) {
	p.WriteString(macro)
	for _, arg := range args {
		fmt.Fprintf(p, ` "%s"`, strings.ReplaceAll(escape(arg), `"`, `\(dq`))
	}
	p.WriteString("\n")
}

// text is a paragraph that is filled, or the rest of one.
func (p *page) text(text string) {
	for line := range strings.SplitSeq(text, "\n") {
		p.WriteString(guard(escape(line)) + "\n")
	}
}

// prose is help as people write it: paragraphs, and lines that are indented or in columns,
// which stay as they are.
func (p *page) prose(text string) {
	for part := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		switch {
		case part == "":
		case part == "Example:" || part == "Examples:":
			p.line(".SH", "EXAMPLES")
		case strings.HasPrefix(part, " "):
			p.WriteString(".PP\n.RS 4\n.nf\n")
			for line := range strings.SplitSeq(part, "\n") {
				p.WriteString(guard(escape(strings.TrimPrefix(line, "    "))) + "\n")
			}
			p.WriteString(".fi\n.RE\n")
		default:
			p.WriteString(".PP\n")
			p.text(part)
		}
	}
}

// synopsis is how a command is called.
func (p *page) synopsis(command *kong.Node) {
	words := []string{bold(plainPath(command))}
	if command.Parent == nil {
		words = append(words, italic("command"))
	}
	words = append(words, "["+italic("option")+" ...]")
	for _, arg := range command.Positional {
		word := italic(arg.Name)
		if arg.IsCumulative() {
			word += " ..."
		}
		if !arg.Required {
			word = "[" + word + "]"
		}
		words = append(words, word)
	}
	p.WriteString(strings.Join(words, " ") + "\n")
}

// commands lists those below a node, by their groups.
func (p *page) commands(root *kong.Node) {
	p.line(".SH", "COMMANDS")
	group := ""
	for _, c := range root.Leaves(true) {
		if in := c.ClosestGroup(); in != nil && in.Title != group {
			group = in.Title
			p.line(".SS", strings.TrimSuffix(group, ":"))
		}
		name := strings.TrimPrefix(plainPath(c), root.Name+" ")
		p.WriteString(".TP\n" + bold(name) + "\n")
		p.text(c.Help)
	}
}

// arguments explains what is no flag.
func (p *page) arguments(command *kong.Node) {
	if len(command.Positional) > 0 {
		p.line(".SH", "ARGUMENTS")
	}
	for _, arg := range command.Positional {
		p.WriteString(".TP\n" + italic(arg.Name) + "\n")
		p.text(arg.Help)
	}
}

func (p *page) flags(title string, flags []*kong.Flag) {
	if !slices.ContainsFunc(flags, func(f *kong.Flag) bool { return !f.Hidden }) {
		return
	}
	p.line(".SH", title)
	for _, f := range flags {
		if f.Hidden {
			continue
		}
		name := bold("--" + f.Name)
		if f.Short != 0 {
			name = bold("-"+string(f.Short)) + ", " + name
		}
		if !f.IsBool() && !f.IsCounter() {
			name += "=" + italic(f.FormatPlaceHolder())
		}
		p.WriteString(".TP\n" + name + "\n")
		p.text(f.Help)
	}
}

// common is what all commands have in common.
func (p *page) common(root *kong.Node) {
	p.line(".SH", "EXIT STATUS")
	for _, s := range [][2]string{{"0", "It is done."}, {"1", "It failed, or what was checked is wrong."}, {"2", "It was used wrongly."},
		{"3", "With --exit-code: nothing failed, but migrations are pending or findings stand."},
		{"128+N", "Signal N ended it: 130 is Ctrl-C."}} {
		p.WriteString(".TP\n" + bold(s[0]) + "\n")
		p.text(s[1])
	}
	p.line(".SH", "ENVIRONMENT")
	told := map[string]bool{}
	for _, c := range append([]*kong.Node{root}, root.Leaves(true)...) {
		for _, f := range c.Flags {
			for _, env := range f.Envs {
				if !told[env] {
					told[env] = true
					p.WriteString(".TP\n" + bold(env) + "\n")
					p.text("As --" + f.Name + ".")
				}
			}
		}
	}
	p.line(".SH", "FILES")
	for _, f := range [][2]string{{".fastmigrate", "The configuration: an ini file, whose keys \"fastmigrate init\" explains in the file that it makes."},
		{"Fastmigratefile", "The tasks, in Starlark, here or in a directory above."}} {
		p.WriteString(".TP\n" + italic(f[0]) + "\n")
		p.text(f[1])
	}
	p.line(".SH", "SEE ALSO")
	p.text("Each command has a page: fastmigrate-status(1) is that of \"fastmigrate status\". \"fastmigrate docs\" lists the guides.")
}

// plainPath is the program and the command, without aliases and arguments.
func plainPath(command *kong.Node) string {
	if command.Parent == nil {
		return command.Name
	}
	return plainPath(command.Parent) + " " + command.Name
}

// others are the other names of a command.
func others(command *kong.Node) (list []string) {
	for _, a := range command.Aliases {
		if a != "" {
			list = append(list, a)
		}
	}
	return list
}

func bold(text string) string   { return `\fB` + escape(text) + `\fR` }
func italic(text string) string { return `\fI` + escape(text) + `\fR` }

// escape has a text shown as it is: a hyphen is one that can be copied.
func escape(text string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`, "`", `\(ga`, "'", `\(aq`, "^", `\(ha`, "~", `\(ti`).Replace(text)
}

// guard has a line not be taken for a macro.
func guard(line string) string {
	if strings.HasPrefix(line, ".") {
		return `\&` + line
	}
	return line
}

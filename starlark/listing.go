package starlark

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// Dir is [Options.Dir].
func (f *File) Dir() string { return f.o.Dir }

// Listing lists the tasks for a person, under their groups; all includes hidden ones.
func (f *File) Listing(all bool) string {
	var text strings.Builder
	summary, _, _ := strings.Cut(strings.TrimSpace(f.Doc), "\n")
	fmt.Fprintf(&text, "%s\n", strings.TrimSuffix(f.Name+": "+summary, ": "))
	var groups []string
	members := map[string][]*Task{}
	for _, t := range f.Tasks {
		if t.Hidden && !all {
			continue
		}
		if members[t.Group] == nil && t.Group != "" {
			groups = append(groups, t.Group)
		}
		members[t.Group] = append(members[t.Group], t)
	}
	w := tabwriter.NewWriter(&text, 0, 8, 2, ' ', 0)
	for _, g := range append([]string{""}, groups...) {
		if len(members[g]) == 0 {
			continue
		}
		fmt.Fprintln(w)
		if g != "" {
			fmt.Fprintf(w, "%s:\n", g)
		}
		for _, t := range members[g] {
			name := "  " + t.Name
			for _, p := range t.Params {
				switch {
				case p.Repeated && p.Positional:
					name += " [<" + p.Name + "> ...]"
				case p.Positional:
					name += " <" + p.Name + ">"
				}
			}
			summary := t.Summary
			if t.Default {
				summary = strings.TrimSpace(summary + " (default)")
			}
			fmt.Fprintln(w, strings.TrimRight(name+"\t"+summary, "\t"))
		}
	}
	w.Flush()
	return strings.TrimRight(text.String(), "\n")
}

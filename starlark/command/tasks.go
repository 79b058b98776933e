package command

import "fastmigrate/starlark"

// CompleteTask lists the candidates for the last of words, of which the first is the name
// of a task and the others are its arguments.
func CompleteTask(file *starlark.File, words []string) (list []Candidate) {
	if len(words) == 1 {
		for _, t := range file.Tasks {
			if !t.Hidden {
				list = append(list, Candidate{t.Name, t.Summary})
			}
		}
		return list
	}
	t, err := file.Task(words[0])
	if err != nil {
		return nil
	}
	app, err := Model(t)
	if err != nil {
		return nil
	}
	choices := map[string]Source{}
	for _, p := range t.Params {
		choices[p.Name] = func(map[string]string, []string) (list []Candidate) {
			for _, c := range p.Choices {
				list = append(list, Candidate{Word: c})
			}
			return list
		}
	}
	return Complete(app.Node, words[1:], choices)
}

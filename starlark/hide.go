// The secrets that a session hides.

package starlark

import (
	"slices"

	"fastmigrate/starlark/secret"

	"go.starlark.net/starlark"
)

// Hide masks a value wherever errors and output show it, in whatever variables it is.
func (s *Session) Hide(value string) { s.hidden.Add(value) }

// look hides the secrets in sight of a thread.
func (s *Session) look(thread *starlark.Thread) {
	for _, value := range secret.InSight(thread) {
		s.Hide(value)
	}
}

// hideArguments hides the secrets among the arguments of a task.
func (s *Session) hideArguments(c *Call) {
	if c.Task.fn == nil {
		return
	}
	hide := func(name string, v starlark.Value) {
		if text, ok := v.(starlark.String); ok && secret.IsName(name) {
			s.Hide(string(text))
		}
	}
	for i, v := range c.args[:min(len(c.args), c.Task.fn.NumParams())] {
		name, _ := c.Task.fn.Param(i)
		hide(name, v)
	}
	for _, kw := range c.kwargs {
		name, _ := starlark.AsString(kw[0])
		hide(name, kw[1])
	}
}

// Mask masks, in a text to be shown, the secrets in sight of a thread and the
// credentials in URLs.
func (s *Session) Mask(thread *starlark.Thread, text string) string {
	s.look(thread)
	return s.hidden.Mask(text)
}

// secrets are the hidden ones. A nil session hides none.
func (s *Session) secrets() secret.Values {
	if s == nil {
		return nil
	}
	return s.hidden
}

// mask masks all that an error shows. It copies the parts that callers may share.
func (e *Error) mask(s *Session) {
	hidden := s.secrets()
	for _, text := range []*string{&e.Message, &e.State, &e.Hint, &e.Output, &e.Unseen} {
		*text = hidden.Mask(*text)
	}
	e.Frames, e.Locals = slices.Clone(e.Frames), slices.Clone(e.Locals)
	for i, l := range e.Locals {
		e.Locals[i].Value = hidden.Mask(l.Value)
	}
	for i := range e.Frames {
		e.Frames[i].Source = hidden.Cover(e.Frames[i].Source)
	}
	if e.Place != nil {
		place := *e.Place
		place.Source = hidden.Cover(place.Source)
		e.Place = &place
	}
}

// The secrets that a session hides.

package starlark

import (
	"slices"

	"fastmigrate/starlark/secret"

	"go.starlark.net/starlark"
)

// Hide has a value masked that is a secret, whatever the names of the variables
// that hold it.
func (s *Session) Hide(value string) {
	s.hidden.Add(value)
}

// look hides the secrets that are in sight of a thread.
func (s *Session) look(thread *starlark.Thread) {
	for _, value := range secret.InSight(thread) {
		s.Hide(value)
	}
}

// hideArguments hides the secrets that a task is called with.
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

// Mask gives a text that is to be shown without the secrets in sight of a thread,
// and without who logs in by a URL.
func (s *Session) Mask(thread *starlark.Thread, text string) string {
	s.look(thread)
	return s.masked(text)
}

// masked is a text without what is hidden. A nil session hides nothing.
func (s *Session) masked(text string) string {
	return s.secrets().Mask(text)
}

func (s *Session) secrets() secret.Values {
	if s == nil {
		return nil
	}
	return s.hidden
}

// mask masks all that is shown of an error, of which callers may hold parts.
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

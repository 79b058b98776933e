package command

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"time"

	"fastmigrate/starlark/typed"

	"github.com/alecthomas/kong"
)

// Values makes kong parse strings, durations, numbers and booleans with the errors of
// package typed. Integers are in base; if that is 0, a prefix such as 0x
// decides.
func Values(base int) kong.Option {
	integer := kong.MapperFunc(func(k *kong.DecodeContext, target reflect.Value) error {
		text, err := word(k)
		if err != nil {
			return err
		}
		n, err := typed.Integer(text, base)
		if err == nil {
			target.SetInt(n)
		}
		return err
	})
	options := []kong.Option{
		kong.KindMapper(reflect.Int, integer),
		kong.KindMapper(reflect.Int64, integer),
		kong.KindMapper(reflect.String, kong.MapperFunc(text)),
		kong.KindMapper(reflect.Float64, kong.MapperFunc(number)),
		kong.KindMapper(reflect.Bool, yesOrNo{}),
		kong.TypeMapper(reflect.TypeFor[time.Duration](), kong.MapperFunc(duration)),
	}
	return kong.OptionFunc(func(k *kong.Kong) error {
		for _, o := range options {
			if err := o.Apply(k); err != nil {
				return err
			}
		}
		return nil
	})
}

// word is the next value.
func word(k *kong.DecodeContext) (string, error) {
	t := k.Scan.Peek()
	given, err := k.Scan.PopValue("")
	switch flag := "--" + k.Value.Name; {
	case err == nil:
		return fmt.Sprint(given.Value), nil
	case t.IsEOL():
		return "", errors.New("it needs a value")
	default:
		return "", fmt.Errorf("it needs a value; if %s is one: %s=%s", t, flag, t)
	}
}

func text(k *kong.DecodeContext, target reflect.Value) error {
	text, err := word(k)
	if err == nil {
		target.SetString(text)
	}
	return err
}

func number(k *kong.DecodeContext, target reflect.Value) error {
	text, err := word(k)
	if err != nil {
		return err
	}
	n, err := typed.Number(text)
	if err == nil {
		target.SetFloat(n)
	}
	return err
}

func duration(k *kong.DecodeContext, target reflect.Value) error {
	text, err := word(k)
	if err != nil {
		return err
	}
	d, err := typed.Duration(text)
	if err == nil {
		target.SetInt(int64(d))
	}
	return err
}

// yesOrNo parses a flag that can have a value.
type yesOrNo struct{}

func (yesOrNo) IsBool() bool { return true }

func (yesOrNo) Decode(k *kong.DecodeContext, target reflect.Value) error {
	b, err := true, error(nil)
	if k.Scan.Peek().Type == kong.FlagValueToken {
		b, err = typed.Bool(fmt.Sprint(k.Scan.Pop().Value))
	}
	if err == nil {
		target.SetBool(b)
	}
	return err
}

// Unexpected is the error of an argument that is neither a command nor expected by one.
type Unexpected struct {
	Argument string
	error
}

func (u Unexpected) Unwrap() error { return u.error }

// Plain rewords an error of kong in plain words. It wraps err.
func Plain(err error) error {
	text := err.Error()
	for _, p := range plain() {
		text = p.words.ReplaceAllString(text, p.plain)
	}
	if one := listed().FindStringSubmatch(text); one != nil {
		text = fmt.Sprintf("%s: %s is not one of %s", one[1], one[3], strings.ReplaceAll(strings.ReplaceAll(one[2], `"`, ""), ",", ", "))
	}
	arg := unexpected().FindStringSubmatch(text)
	if arg != nil && len(arg[1]) < 4 && !strings.Contains(text, `"`+arg[1]) { // two letters make any of any
		text = "unexpected argument " + arg[1]
	}
	if text != err.Error() {
		err = &reworded{text, err}
	}
	if arg != nil {
		return Unexpected{arg[1], err}
	}
	return err
}

// plain are messages of kong and their plain words.
var plain = sync.OnceValue(func() []rewording {
	return []rewording{
		{regexp.MustCompile(`\(from envar `), "(from the environment: "},
		{regexp.MustCompile(`missing value, expecting ".*"`), "it needs a value"},
		{regexp.MustCompile(`bool value must be true, 1, yes, false, 0 or no but got`), "neither yes nor no:"},
		{regexp.MustCompile(`^expected one of ".*`), "a command is missing"},
		{regexp.MustCompile(`^expected "(<[^>]*>).*"$`), "$1 is missing"},
		{regexp.MustCompile(`^expected "(.*)"$`), "a command is missing: $1"},
		{regexp.MustCompile(`^(unknown flag -[^-]), did you mean .*`), "$1"},
		{regexp.MustCompile(`^unexpected argument , did you mean .*`), `unexpected argument ""`},
	}
})

// rewording is one of them.
type rewording struct {
	words *regexp.Regexp
	plain string
}

var (
	listed     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(\S+) must be one of (".*") but got (".*")$`) })
	unexpected = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^unexpected argument (.+?)(?:, did you mean .*)?$`) })
)

type reworded struct {
	text string
	error
}

func (r *reworded) Error() string { return r.text }
func (r *reworded) Unwrap() error { return r.error }

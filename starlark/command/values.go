package command

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"fastmigrate/starlark/typed"

	"github.com/alecthomas/kong"
)

// Values has kong read words, times, numbers, and yes and no. Integers are in base;
// 0: a prefix, as of 0x1f, tells.
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

// word is the value that comes next.
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

// yesOrNo is a flag that may stand alone.
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

// Plain is an error of kong in plain words, where they are not those of this package.
func Plain(err error) error {
	text := plain.Replace(err.Error())
	if text == err.Error() {
		return err
	}
	return &reworded{text, err}
}

var plain = strings.NewReplacer(
	"(from envar ", "(from the environment: ",
	`missing value, expecting "<arg>"`, "it needs a value",
	"bool value must be true, 1, yes, false, 0 or no but got", "neither yes nor no:",
)

type reworded struct {
	text string
	error
}

func (r *reworded) Error() string { return r.text }
func (r *reworded) Unwrap() error { return r.error }

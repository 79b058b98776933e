package core

import (
	"io"
	"log/slog"
	"reflect"
	"testing"
	"time"

	"fastmigrate/core/internal/apply"
)

// TestConfigHasAllOptions: each field of Options is known below under the same name.
func TestConfigHasAllOptions(t *testing.T) {
	var o Options
	from := reflect.ValueOf(&o).Elem()
	for i := range from.NumField() {
		f := from.Field(i)
		switch f.Kind() {
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Int, reflect.Int64:
			f.SetInt(int64(time.Second))
		case reflect.String:
			f.SetString("x")
		case reflect.Slice:
			f.Set(reflect.MakeSlice(f.Type(), 1, 1))
		case reflect.Map:
			f.Set(reflect.MakeMap(f.Type()))
		case reflect.Pointer:
			f.Set(reflect.New(f.Type().Elem()))
		case reflect.Func:
			f.Set(reflect.MakeFunc(f.Type(), func([]reflect.Value) []reflect.Value { return nil }))
		default:
			switch from.Type().Field(i).Name {
			case "Output":
				o.Output = io.Discard
			case "Observer":
				o.Observer = nobody{}
			default:
				t.Fatalf("no value for the field %s", from.Type().Field(i).Name)
			}
		}
	}
	o.Logger = slog.New(slog.DiscardHandler)
	to := reflect.ValueOf(o.Config())
	if to.NumField() != from.NumField() {
		t.Errorf("%d fields, want %d", to.NumField(), from.NumField())
	}
	for i := range from.NumField() {
		name := from.Type().Field(i).Name
		if f := to.FieldByName(name); !f.IsValid() || f.IsZero() {
			t.Errorf("the field %s is not passed on", name)
		}
	}
}

// nobody is an Observer that is never called.
type nobody struct{ apply.Observer }

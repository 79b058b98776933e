// Package arguments processes the words of a command line, and the variables that stand
// beside them, before they are parsed.
package arguments

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode/utf8"
)

// Command returns args with the flags that mean a command replaced by it: --version and
// -V before any command, and -run of the command test, which go test has.
func Command(args []string) []string {
	first := flags(args)
	if slices.Contains(first, "--version") || slices.Contains(first, "-V") {
		version := []string{"version"}
		if slices.Contains(first, "--json") {
			version = append(version, "--json")
		}
		return version
	}
	if len(first) == len(args) || args[len(first)] != "test" {
		return args
	}
	args = slices.Clone(args)
	for i, arg := range args {
		if i > len(first) && (arg == "-run" || strings.HasPrefix(arg, "-run=")) {
			args[i] = "-" + arg
		}
	}
	return args
}

// flags returns the flags that stand before the command.
func flags(args []string) []string {
	i := slices.IndexFunc(args, func(arg string) bool { return !strings.HasPrefix(arg, "-") })
	if i < 0 {
		i = len(args)
	}
	return args[:i]
}

// Check reports an argument or a variable of ours that is not UTF-8, which would be read
// as another name. It unsets our variables that are empty, as if they were not set.
func Check(args []string) error {
	given := slices.Clone(args)
	for _, v := range os.Environ() {
		name, value, _ := strings.Cut(v, "=")
		if !strings.HasPrefix(name, "FASTMIGRATE_") {
			continue
		}
		if value == "" {
			os.Unsetenv(name)
		}
		given = append(given, value)
	}
	for _, v := range given {
		if !utf8.ValidString(v) {
			return fmt.Errorf("%q is not UTF-8", v)
		}
	}
	return nil
}

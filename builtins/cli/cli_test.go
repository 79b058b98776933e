package cli_test

import (
	"flag"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"fastmigrate/builtins/cli"
)

// root is the directory of the module.
const root = "../.."

var update = flag.Bool("update", false, "rewrite the golden file of core's documentation")

// TestMain lets the test binary be the program, by its name.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"fastmigrate": cli.Main})
}

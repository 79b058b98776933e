package main

import (
	"flag"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata")

func TestMain(m *testing.M) {
	commands := map[string]func(){"fastmigrate": main}
	// The names that the Python package's commands have.
	for _, name := range []string{"create_db", "check_version", "backup_db", "run_migrations", "enroll_db"} {
		commands["fastmigrate_"+name] = main
	}
	testscript.Main(m, commands)
}

// TestScripts runs the program as its users do: testdata holds a script for each
// behaviour.
func TestScripts(t *testing.T) {
	shop, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("EXAMPLES", shop+"/examples")
			return nil
		},
	})
}

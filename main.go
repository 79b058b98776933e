// Fastmigrate brings SQLite databases from version to version and never leaves
// one wrong.
package main

import "fastmigrate/builtins/cli"

func main() { cli.Main() }

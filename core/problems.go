package core

import (
	"strings"
)

// maxProblems is how many of one kind a Report names.
const maxProblems = 100

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", " ") }

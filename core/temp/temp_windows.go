package temp

import "io/fs"

// mine is always true on Windows, where the directory for temporary files is the user's
// own.
func mine(fs.FileInfo) bool { return true }

// Variable is the environment variable that names the directory for temporary files.
const Variable = "TMP"

// Usable is always true on Windows: every user has a directory for temporary files.
func Usable(string) bool { return true }

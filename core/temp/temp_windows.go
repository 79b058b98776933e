package temp

import "io/fs"

// mine is not asked for on Windows, where the directory for temporary files is a
// user's own.
func mine(fs.FileInfo) bool { return true }

// Variable is that of the environment which names the directory for temporary files.
const Variable = "TMP"

// Usable is not asked for on Windows: every user has a directory for temporary files.
func Usable(string) bool { return true }

package file

import "io/fs"

// separators are the bytes that separate the names of a path.
const separators = `\/`

// sameDisk is always true on Windows.
func sameDisk(a, b string) bool { return true }

// LinkCount is always 1 on Windows.
func LinkCount(fs.FileInfo) int { return 1 }

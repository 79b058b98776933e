package file

import "io/fs"

// separators are what stands between the names of a path.
const separators = `\/`

// sameDisk is not asked for on Windows.
func sameDisk(a, b string) bool { return true }

// LinkCount is not asked for on Windows.
func LinkCount(fs.FileInfo) int { return 1 }

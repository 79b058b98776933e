// Package release says which program this is: its release, the commit that it was built
// from, and what it was built with.
//
//	fmt.Println(release.Read())
package release

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"fastmigrate/core"
)

// Version is the release. Nothing else has to change for a new one.
const Version = "0.1.0"

// Program is the program as the history of a database names it.
const Program = "fastmigrate " + Version

// Build describes a program. The zero values of Commit, Date and Modified mean that it
// was not built in a Git repository, or with -buildvcs=false.
type Build struct {
	Program  string `json:"program"`  // its release
	SQLite   string `json:"sqlite"`   // its version
	Commit   string `json:"commit"`   // all of its hash; "" if unknown
	Date     string `json:"date"`     // of the commit, as in RFC 3339; "" if unknown
	Modified bool   `json:"modified"` // files differed from the commit
	Go       string `json:"go"`       // its version, such as go1.26.1
	Platform string `json:"platform"` // such as linux/amd64
}

// Read reads what the running program was built from.
func Read() Build {
	info, _ := debug.ReadBuildInfo()
	return of(info)
}

// of is the Build of what the Go command noted; nil: nothing.
// See https://pkg.go.dev/runtime/debug#BuildSetting.
func of(info *debug.BuildInfo) Build {
	b := Build{Program: Version, SQLite: core.SQLiteVersion, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info == nil {
		return b
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Date = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

// String is a line that scripts may read, as version 0.1 printed it, and lines for people
// below it.
func (b Build) String() string {
	text := fmt.Sprintf("fastmigrate %s (SQLite %s)\n", b.Program, b.SQLite)
	if b.Commit != "" {
		text += "commit " + b.Commit
		if b.Date != "" {
			text += " of " + b.Date
		}
		if b.Modified {
			text += ", with changes"
		}
		text += "\n"
	}
	return text + b.Platform + ", " + b.Go
}

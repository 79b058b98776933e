package release

import (
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"fastmigrate/core"
)

func TestBuildSaysItsCommit(t *testing.T) {
	first, last := "fastmigrate "+Version+" (SQLite "+core.SQLiteVersion+")\n", runtime.GOOS+"/"+runtime.GOARCH+", "+runtime.Version()
	vcs := func(settings ...string) *debug.BuildInfo {
		info := &debug.BuildInfo{Settings: []debug.BuildSetting{{Key: "GOOS", Value: "linux"}}}
		for _, s := range settings {
			key, value, _ := strings.Cut(s, "=")
			info.Settings = append(info.Settings, debug.BuildSetting{Key: key, Value: value})
		}
		return info
	}
	for _, test := range []struct {
		info *debug.BuildInfo
		want string // between the first line and the last
	}{
		{nil, ""},
		{vcs(), ""},
		{vcs("vcs.revision=5a1b60e"), "commit 5a1b60e\n"},
		{vcs("vcs.revision=5a1b60e", "vcs.time=2026-11-30T20:00:00Z", "vcs.modified=false"), "commit 5a1b60e of 2026-11-30T20:00:00Z\n"},
		{vcs("vcs.revision=5a1b60e", "vcs.time=2026-11-30T20:00:00Z", "vcs.modified=true"), "commit 5a1b60e of 2026-11-30T20:00:00Z, with changes\n"},
	} {
		if got := of(test.info).String(); got != first+test.want+last {
			t.Errorf("%+v: %q, want %q", test.info, got, first+test.want+last)
		}
	}
}

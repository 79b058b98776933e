package directive

import (
	"strings"
	"testing"
)

func TestUnchecked(t *testing.T) {
	for text, want := range map[string]bool{
		"-- fastmigrate: no foreign key check":                              true,
		"-- fastmigrate: no foreign key check\r\nDROP TABLE a;\r\n":         true,
		"\uFEFF-- fastmigrate: no foreign key check\nDROP TABLE a;":         true,
		"#!/bin/sh\n# fastmigrate: no foreign key check\n":                  true,
		"\n  --fastmigrate:no-foreign-key-check  \n":                        true,
		"-- Fastmigrate: No foreign keys check\n":                           true,
		strings.Repeat("\n", 9) + "-- fastmigrate: no foreign key check\n":  true,
		strings.Repeat("\n", 10) + "-- fastmigrate: no foreign key check\n": false,
		"-- not fastmigrate: no foreign key check\n":                        false,
		"-- fastmigrate: no foreign key check, as 0003 mends it\n":          false,
		"SELECT 1; -- fastmigrate: no foreign key check\n":                  false,
		"echo '# fastmigrate: no foreign key check'\n":                      false,
		"-- fastmigrate: isolated\n":                                        false,
		"":                                                                  false,
	} {
		if got := Unchecked([]byte(text)); got != want {
			t.Errorf("Unchecked(%q) = %v", text, got)
		}
	}
}

package core

import (
	"encoding/hex"
	"io"
	"os"
	"strings"
)

// machineID tells this machine from others (machine-id(5)); "" if it has no id, or
// in a container, whose id comes with its image.
func machineID() string {
	for _, sign := range []string{"/.dockerenv", "/run/.containerenv"} {
		if present(sign) {
			return ""
		}
	}
	f, err := openRegular("/etc/machine-id", os.O_RDONLY, 0)
	if err != nil {
		return ""
	}
	defer f.Close()
	text, _ := io.ReadAll(io.LimitReader(f, 64))
	id := strings.TrimSpace(string(text))
	if b, err := hex.DecodeString(id); err != nil || len(b) != 16 {
		return ""
	}
	return id
}

// Package typed reads values as people type them, and says what is wrong with one in
// their words.
package typed

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Integer reads a whole number.
func Integer(text string, base int) (int64, error) {
	n, err := strconv.ParseInt(text, base, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("%s is beyond the largest number", text)
	case err != nil:
		return 0, fmt.Errorf("%q is no whole number", text)
	}
	return n, nil
}

// Number reads any number.
func Number(text string) (float64, error) {
	n, err := strconv.ParseFloat(text, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("%s is beyond the largest number", text)
	case err != nil:
		return 0, fmt.Errorf("%q is no number", text)
	}
	return n, nil
}

// Duration reads a time such as 30s.
func Duration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%q is no time, such as 30s or 5m", text)
	}
	return d, nil
}

// Bool reads yes or no.
func Bool(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "true", "yes", "1":
		return true, nil
	case "false", "no", "0":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither yes nor no", text)
}

// Package typed parses values as people type them.
//
//	n, err := typed.Integer("12", 10)
//
// Its errors quote the value and say what is wrong in words for the person who typed it,
// where those of package strconv name a Go function.
package typed

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Integer parses a whole number in base, as [strconv.ParseInt] does.
func Integer(text string, base int) (int64, error) {
	n, err := strconv.ParseInt(text, base, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("%s is beyond the largest number", text)
	case err != nil:
		return 0, fmt.Errorf("%q is not a whole number", text)
	}
	return n, nil
}

// Number parses any number.
func Number(text string) (float64, error) {
	n, err := strconv.ParseFloat(text, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("%s is beyond the largest number", text)
	case err != nil:
		return 0, fmt.Errorf("%q is not a number", text)
	}
	return n, nil
}

// Duration parses a duration such as 30s, as [time.ParseDuration] does.
func Duration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%q is not a time, such as 30s or 5m", text)
	}
	return d, nil
}

// Bool parses yes or no, true or false, 1 or 0, in any case of letters.
func Bool(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "true", "yes", "1":
		return true, nil
	case "false", "no", "0":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither yes nor no", text)
}

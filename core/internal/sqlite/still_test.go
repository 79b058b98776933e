package sqlite

import (
	"testing"
	"time"

	"fastmigrate/core/internal/still"
)

// TestStillClock: the time is that of the test in each way to ask for it.
func TestStillClock(t *testing.T) {
	c := openWith(t, still.With(t.Context(), "a"), temporary(t), ReadWrite|Create, 0)
	exec(t, c, "CREATE TABLE a(x DEFAULT CURRENT_TIMESTAMP)", "INSERT INTO a DEFAULT VALUES")
	for sql, want := range map[string]string{
		"SELECT datetime()":                      "2000-01-01 12:00:00",
		"SELECT datetime('now', '+1 day')":       "2000-01-02 12:00:00",
		"SELECT CURRENT_DATE":                    "2000-01-01",
		"SELECT CURRENT_TIME":                    "12:00:00",
		"SELECT x FROM a":                        "2000-01-01 12:00:00",
		"SELECT unixepoch()":                     "946728000",
		"SELECT strftime('%f', 'now', 'subsec')": "00.000",
	} {
		if got, err := c.Text(sql); got != want || err != nil {
			t.Errorf("%s = %s, %v, want %s", sql, got, err, want)
		}
	}
	now, err := open(t, temporary(t)).Int("SELECT unixepoch()")
	if d := time.Since(time.Unix(now, 0)); err != nil || d < 0 || d > time.Minute {
		t.Errorf("elsewhere it is %v, %v", time.Unix(now, 0), err)
	}
}

// TestStillRandom: the numbers are the same for one seed.
func TestStillRandom(t *testing.T) {
	numbers := func(seed string) string {
		c := openWith(t, still.With(t.Context(), seed), temporary(t), ReadWrite|Create, 0)
		exec(t, c, "CREATE TABLE a(x DEFAULT (random()))", "INSERT INTO a DEFAULT VALUES")
		s, err := c.Text("SELECT x || random() || random() || hex(randomblob(8)) || length(randomblob(0)) || length(randomblob('x')) FROM a")
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	a := numbers("a")
	if again := numbers("a"); again != a {
		t.Errorf("%s, then %s", a, again)
	}
	if b := numbers("b"); b == a {
		t.Errorf("another seed: %s", b)
	}
	c := open(t, temporary(t))
	if n, err := c.Int("SELECT random() = random()"); n != 0 || err != nil {
		t.Errorf("elsewhere they repeat: %v", err)
	}
}

package apply

import (
	"slices"
	"strings"
	"testing"

	"fastmigrate/core/internal/history"
	"fastmigrate/core/internal/naming"
)

// TestClaimDecides holds what each claimant makes of each leftover: every combination
// has one row. A row may name several words for one thing; * stands for all of them.
func TestClaimDecides(t *testing.T) {
	table := `
	# claimant        process              version   kind             applied   verdict
	whole             *                    *         *                *         look again

	steps             *                    same      sql              *         resume
	steps             *                    same      runner/program   *         refuse
	steps             *                    other     *                *         refuse

	runner/atomic     other                *         *                *         look again
	runner/atomic     mine/unknown         *         program          *         look again
	runner/atomic     ended                *         program          *         refuse
	runner/atomic     ended/mine/unknown   same      runner           nothing   begin anew
	runner            ended/mine/unknown   same      runner           part      resume
	atomic            ended/mine/unknown   same      runner           part      refuse: apart
	runner/atomic     ended/mine/unknown   same      sql              nothing   refuse
	runner/atomic     ended/mine/unknown   same      sql              part      refuse: apart
	runner/atomic     ended/mine/unknown   other     sql/runner       nothing   refuse
	runner/atomic     ended/mine/unknown   other     sql/runner       part      refuse: apart

	backfill          other                same      runner           *         look again
	backfill          ended/mine/unknown   same      runner           nothing   begin anew
	backfill          ended/mine/unknown   same      runner           part      resume
	backfill          *                    same      sql/program      *         refuse
	backfill          *                    other     *                *         refuse

	program/isolated  other                *         *                *         look again
	program/isolated  mine/unknown         *         program          *         look again
	program/isolated  mine/unknown         *         sql/runner       *         refuse
	program/isolated  ended                *         *                *         refuse

	skipped           other                *         *                *         refuse: busy
	skipped           mine                 *         program          *         refuse: busy
	skipped           mine                 *         sql/runner       *         refuse
	skipped           unknown/ended        *         *                *         refuse`
	claimants := []string{"whole", "steps", "runner", "backfill", "atomic", "program", "isolated", "skipped"}
	verdicts := []string{"begin anew", "resume", "look again", "refuse", "refuse: busy", "refuse: apart"}
	// process is the word for that of a leftover.
	process := func(l history.Leftover) string {
		switch {
		case l.State == history.Failed, l.Known && !l.Alive:
			return "ended"
		case !l.Known:
			return "unknown"
		case l.Own:
			return "mine"
		}
		return "other"
	}
	word := func(b bool, yes, no string) string {
		if b {
			return yes
		}
		return no
	}
	used := map[string]bool{}
	for by, name := range claimants {
		by := claimant(by)
		if v := by.decide(false, history.Leftover{}); v != beginAnew {
			t.Errorf("%s, of nothing: %s", name, verdicts[v])
		}
		for _, l := range leftovers() {
			kind := map[naming.Way]string{naming.SQL: "sql", naming.Runner: "runner", naming.Program: "program"}[l.Way]
			is := []string{name, process(l), word(l.Same, "same", "other"), kind, word(l.Begun, "part", "nothing")}
			var want []string
			for _, row := range strings.Split(table, "\n") {
				f := strings.Fields(row)
				if len(f) > len(is) && matches(f[:len(is)], is) {
					want = append(want, strings.Join(f[len(is):], " "))
					used[row] = true
				}
			}
			if got := verdicts[by.decide(true, l)]; len(want) != 1 || got != want[0] {
				t.Errorf("%s: %q, want %q of one row (%+v)", strings.Join(is, ", "), got, want, l)
			}
		}
	}
	for _, row := range strings.Split(table, "\n") {
		if f := strings.Fields(row); len(f) > 0 && f[0] != "#" && !used[row] {
			t.Errorf("no leftover is that of the row %s", row)
		}
	}
}

func matches(row, is []string) bool {
	for i, f := range row {
		if f != "*" && !slices.Contains(strings.Split(f, "/"), is[i]) {
			return false
		}
	}
	return true
}

// leftovers are all that can occur: what lives is known to live.
func leftovers() (all []history.Leftover) {
	bools := []bool{false, true}
	for _, state := range []string{history.Running, history.Failed} {
		for _, alive := range bools {
			for _, known := range bools {
				for _, own := range bools {
					for _, w := range []naming.Way{naming.SQL, naming.Runner, naming.Program} {
						for _, same := range bools {
							for _, begun := range bools {
								if known || !alive {
									all = append(all, history.Leftover{State: state, Alive: alive, Known: known, Own: own, Way: w, Same: same, Begun: begun})
								}
							}
						}
					}
				}
			}
		}
	}
	return all
}

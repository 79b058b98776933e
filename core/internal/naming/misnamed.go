// Files that were probably meant as migrations: near misses of the naming rule, files
// named by another tool's rule, and migrations in subdirectories.

package naming

import (
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"fastmigrate/core/fault"
)

// Misnamed is a file that is no migration but was probably meant as one. In JSON
// it is its name.
type Misnamed struct {
	Name string // in the directory, with slashes
	Why  string // what is wrong: "'-' is expected after the number"
	Tool string // whose rule the name follows, as in "goose or dbmate"; "" if none is known
	Rule string // the name with which it would be a migration; "" if that is not evident
}

// String returns "0003_c.sql: '-' is expected after the number".
func (m Misnamed) String() string { return m.Name + ": " + m.Why }

// MarshalText returns the name.
func (m Misnamed) MarshalText() ([]byte, error) { return []byte(m.Name), nil }

// NoMigrations is the [fault.ErrNoMigrations] of a directory without migrations, in which
// these were found.
func NoMigrations(found []Misnamed) error {
	if len(found) == 0 {
		return fault.ErrNoMigrations
	}
	return fault.Of(fault.ErrNoMigrations, "no file here is a migration: %s", strings.Join(Reasons(found), "; "))
}

// CheckRecognised returns [NoMigrations] if a run at version 0 would do nothing, although
// files were found that were meant as migrations: it would count as a success.
func CheckRecognised(version int, list []Migration, found []Misnamed) error {
	if version > 0 || len(list) > 0 || len(found) == 0 {
		return nil
	}
	return NoMigrations(found)
}

// Reasons returns a line for each reason, with the names that it is about.
func Reasons(found []Misnamed) (lines []string) {
	by := map[string][]string{}
	var order []string
	for _, m := range found {
		if by[m.Why] == nil {
			order = append(order, m.Why)
		}
		by[m.Why] = append(by[m.Why], m.Name)
	}
	for _, why := range order {
		lines = append(lines, Few(by[why])+": "+why)
	}
	return lines
}

// Few joins names as in "a, b and c", or "a, b, c, d and 7 more". There must be one.
func Few(names []string) string {
	const most = 5
	last := len(names) - 1
	if len(names) > most {
		names, last = append(slices.Clone(names[:most-1]), fmt.Sprintf("%d more", len(names)-most+1)), most-1
	}
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// nearMiss says what is wrong with a name that parseName refuses; ok is false if it was
// not meant as that of a migration.
func (k Kinds) nearMiss(name string) (m Misnamed, ok bool) {
	m.Name = name
	trimmed := strings.TrimFunc(name, func(r rune) bool { return unicode.IsSpace(r) || control(r) })
	if m.Tool = toolOf(trimmed); m.Tool != "" {
		m.Why = "named for " + m.Tool
		return m, true
	}
	ext := filepath.Ext(trimmed)
	number := strings.TrimLeft(trimmed, "vV")
	digits := len(number) - len(strings.TrimLeft(number, "0123456789"))
	if digits == 0 || k.Way(strings.ToLower(strings.TrimPrefix(ext, "."))) == None {
		return m, false
	}
	rest := number[digits:]
	var wrong []string
	add := func(is bool, what string) {
		if is {
			wrong = append(wrong, what)
		}
	}
	add(strings.ContainsFunc(name, control), "a name has no line breaks or other control characters")
	add(name != trimmed && !strings.ContainsFunc(name, control), "a name neither begins nor ends with a space")
	add(number != trimmed, "a name begins with the number")
	add(digits != 4, "the number has four digits")
	add(strings.Trim(number[:digits], "0") == "", "numbers begin with 0001")
	add(rest[0] != '-', "'-' is expected after the number")
	add(ext != strings.ToLower(ext), "the extension is in lower case: "+strings.ToLower(ext))
	m.Why = strings.Join(wrong, ", and ")
	if n, err := strconv.Atoi(number[:digits]); err == nil && digits <= 4 {
		text := strings.TrimLeft(strings.TrimSuffix(rest, ext), "-_. –—")
		if right := fmt.Sprintf("%04d-%s%s", n, text, strings.ToLower(ext)); text != "" && k.follows(right) {
			m.Rule = right
		}
	}
	return m, true
}

func (k Kinds) follows(name string) bool {
	_, ok := k.parseName(name)
	return ok
}

// toolRules are the naming rules of other tools. The first that fits is taken.
var toolRules = sync.OnceValue(func() (rules []toolRule) {
	for _, r := range [][2]string{
		{"Flyway", `^([VUB]\d[\d._]*|R)__.+\.(sql|java|kt|rs|py|sh|ps1)$`},
		{"golang-migrate", `^\d+_.+\.(up|down)\..+$`},
		{"yoyo", `^\d{8}_\d{2}_\w+-.+\.(sql|py)$`},
		{"goose or dbmate", `^(\d{5}|\d{8,})_.+\.(sql|go)$`},
		{"a tool that numbers by time", `^\d{8,}[-_.].*\.(sql|py|sh)$`},
		{"goose or golang-migrate", `^\d{1,3}_.+\.(sql|go)$`},
		{"Django", `^\d{4}_\w+\.py$`},
		{"Alembic", `^[0-9a-f]{6,}_\w*\.py$`},
		{"Sqitch", `^sqitch\.plan$`},
		{"Liquibase", `^db\.changelog.*\.(xml|ya?ml|json|sql)$`},
		{"SeaORM", `^m\d{8}_\d{6}_\w+\.rs$`},
		{"a tool with files for up and down", `^(.+\.up|.+\.down|up)\.sql$`},
		{"Rails", `^\d{14}_\w+\.rb$`},
		{"Sequel", `^\d{3}_\w+\.rb$`},
		{"a tool in JavaScript", `^\d{3,}[-_.].+\.([cm]?js|ts)$`},
		{"Laravel or Phinx", `^(\d{4}_\d\d_\d\d_\d{6}|\d{14})_\w+\.php$`},
		{"Ecto", `^\d{14}_\w+\.exs$`},
		{"Entity Framework", `^\d{14}_\w+\.cs$`},
	} {
		rules = append(rules, toolRule{r[0], regexp.MustCompile(r[1])})
	}
	return rules
})

type toolRule struct {
	tool string
	name *regexp.Regexp
}

// toolOf names the tool whose migrations have such names; "" if none is known.
func toolOf(name string) string {
	for _, r := range toolRules() {
		if r.name.MatchString(name) {
			return r.tool
		}
	}
	return ""
}

// below finds what was meant as a migration in a subdirectory: files that follow our
// rule, and others.
func (k Kinds) below(fsys fs.FS, dir string) (ours, others []Misnamed) {
	if strings.HasPrefix(dir, ".") || strings.HasPrefix(dir, "_") || dir == "down" {
		return nil, nil
	}
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil { // it holds no migrations, so it need not be readable
		return nil, nil
	}
	numbered := dir[0] >= '0' && dir[0] <= '9'
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		if e.IsDir() {
			continue
		}
		m, near := k.nearMiss(e.Name())
		switch {
		case k.follows(e.Name()):
			ours = append(ours, Misnamed{Name: name, Why: "subdirectories are not read", Rule: e.Name()})
		case numbered && e.Name() == "migration.sql":
			others = append(others, Misnamed{Name: name, Why: "named for Prisma", Tool: "Prisma"})
		case numbered && e.Name() == "up.sql":
			others = append(others, Misnamed{Name: name, Why: "named for Diesel", Tool: "Diesel"})
		case near:
			m.Name, m.Rule = name, ""
			others = append(others, m)
		}
	}
	return ours, others
}

// deep is how many levels down [Kinds.Scan] looks if it finds nothing.
const deep = 4

// further collects what below finds in the directories below dir, links to some included.
func (k Kinds) further(fsys fs.FS, dir string, levels int) (found []Misnamed) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil || levels == 0 {
		return nil
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		if info, err := fs.Stat(fsys, name); err != nil || !info.IsDir() || strings.HasPrefix(e.Name(), ".") || e.Name() == "down" {
			continue
		}
		ours, others := k.below(fsys, name)
		found = append(append(append(found, ours...), others...), k.further(fsys, name, levels-1)...)
	}
	return found
}

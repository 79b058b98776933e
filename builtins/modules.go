package builtins

import "fastmigrate/builtins/internal/row"

// Modules lists what a file can use besides the functions: the modules of Starlark, and
// migrations in Starlark.
func Modules() []*Builtin { return modules }

var modules = []*row.Builtin{{
	Name: "json", Params: []row.Param{}, Returns: "module", Effect: row.None, Errors: []string{},
	Doc: `Reads and writes JSON, without import.
json.encode(x) returns the text of a value, json.decode(text) the value of a text;
json.decode(text, default) returns the default if the text is not JSON.
json.indent(text, prefix = "", indent = "\t") formats it on several lines.`,
	Example: `print(json.encode({"a": [1, None]}), json.decode("[1, 2]")[0])`,
}, {
	Name: "math", Params: []row.Param{}, Returns: "module", Effect: row.None, Errors: []string{},
	Doc: `Mathematical functions, without import.
math.floor, ceil, round, sqrt, pow, exp, log, fabs, mod, remainder, hypot, the
trigonometric functions, and the constants math.pi and math.e
(https://pkg.go.dev/go.starlark.net/lib/math).`,
	Example: `print(math.floor(2.5), math.sqrt(9.0))`,
}, {
	Name: "time", Params: []row.Param{}, Returns: "module", Effect: row.None, Errors: []string{},
	Doc: `Times and durations, without import; not in a migration, which has no clock.
time.now(), time.parse_time(text), time.parse_duration("1h30m"), time.from_timestamp(n);
a time has .year, .month, .day, .hour, .minute, .second, .unix and .format(layout)
(https://pkg.go.dev/go.starlark.net/lib/time).`,
	Example: `print(time.parse_time("2024-05-06T00:00:00Z").year)
print(time.parse_duration("90s"))`,
}, {
	Name: "struct", Params: []row.Param{}, Rest: "**fields", Returns: "struct", Effect: row.None, Errors: []string{},
	Doc: `Makes a value with named fields, which are read with a dot and cannot change.`,
	Example: `p = struct(name = "ada", age = 36)
print(p.name)`,
}, {
	Name: "migrate", Params: []row.Param{row.NewParam("db", "any", "", "the database: see db.query, db.execute and the other methods")}, Returns: "nothing", Effect: row.Writes, Errors: []string{},
	Doc: `The function that a migration in Starlark, NNNN-description.star, must define.
It runs in the transaction of the migration, so it is applied completely, together
with its version, or not at all. It has access to its database, but not to files,
programs, network or clock.`,
	Example: `def migrate(db):
    for row in db.query("SELECT id, name FROM customers"):
        db.execute("UPDATE customers SET name = ? WHERE id = ?", [row.name.strip(), row.id])`,
}}

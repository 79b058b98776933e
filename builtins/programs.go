package builtins

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"fastmigrate/builtins/internal/row"
	"fastmigrate/core/rehearse"
	"fastmigrate/core/visible"
	host "fastmigrate/starlark"
	"fastmigrate/starlark/secret"

	"go.starlark.net/starlark"
)

func (set *Set) programs() []*row.Builtin {
	return []*row.Builtin{{
		Name: "sh", Params: []row.Param{
			row.NewParam("command", "list", "", "the program and its arguments, each a string; no shell is involved"),
			row.NewParam("check", "bool", "True", "an exit status other than 0 is an error"),
			row.NewParam("input", "string", "None", "the standard input of the program; None: empty"),
			row.NewParam("dir", "path", "None", "working directory; None: that of the Fastmigratefile"),
			row.NewParam("reads", "bool", "False", "the program changes nothing, so a rehearsal runs it too")},
		Returns: "Ran(code, out, err), true if the exit status is 0", Effect: row.Runs, Errors: []string{"denied", "failed", "not_found", "usage"},
		Doc: `Runs a program, and shows the command.
In the command, passwords, tokens and keys are masked if their names, or the variables
that contain them, suggest that they are secret; so are the user and password in a URL.
Of out and err, up to 16 MB each are kept; if the program prints more, it still runs,
but they cannot be read.
An interrupt or a timeout ends it and all programs that it started. A rehearsal (run
--dry-run, even with =scripts) only shows the command, and continues as if it had
succeeded and printed nothing. With reads = True, a rehearsal runs it too, but on the
real files and databases: it does not see changes to the copies.`,
		Example: `print(sh(["echo", "hello"]).out)
print(sh(["false"], check = False).code)`,
		When: row.InTask, Do: set.run, Hint: func(words []string) string { return inShell(strings.Join(words, " ")) },
	}}
}

// inShell is the call that has sh run a line, through a shell only if it takes one.
func inShell(line string) string {
	words := []string{"sh", "-c", line}
	if !strings.ContainsAny(line, "|&;<>()$`\\\"'*?[]#~%{}!=\n") {
		words = strings.Fields(line)
	}
	list := make([]starlark.Value, len(words))
	for i, w := range words {
		list[i] = starlark.String(w)
	}
	call := "sh(" + starlark.NewList(list).String() + ")"
	if words[0] == "sh" {
		return "no shell reads the words; to use one: " + call
	}
	return "pass the words as a list: " + call
}

// forShell reports whether a word, of several, or all of a line is for a shell.
func forShell(words []string) bool {
	if len(words) == 1 {
		return strings.ContainsAny(words[0], " |&;<>")
	}
	return slices.ContainsFunc(words[1:], func(w string) bool {
		return slices.Contains([]string{"|", "||", "&&", ";", "&", ">", ">>", "<", "2>&1"}, w)
	})
}

// grace is how long a program may take to end when it is told to.
const grace = 5 * time.Second

func (set *Set) run(c *row.Call) (starlark.Value, error) {
	var words []string
	for i, v := range c.List("command") {
		w, ok := starlark.AsString(v)
		if !ok || strings.Contains(w, "\x00") {
			return nil, &host.Error{Kind: "usage", Message: fmt.Sprintf("sh: word %d is %v, not a string", i+1, v), Hint: "str(x) converts it"}
		}
		words = append(words, w)
	}
	if len(words) == 0 || words[0] == "" {
		return nil, &host.Error{Kind: "usage", Message: "sh: the list is empty: there is no program to run", Hint: `sh(["git", "status"])`}
	}
	if set.o.Sh != nil {
		return set.answered(c, words)
	}
	if rehearse.Of(set.o.Core) != nil && !c.Flag("reads") {
		set.log("not run: $ %s", shown(masked(c, words)))
		return row.NewRecord("Ran", true, "code", 0, "out", "", "err", ""), nil
	}
	set.log("$ %s", shown(masked(c, words)))
	cmd := exec.CommandContext(c.Session, words[0], words[1:]...)
	cmd.Dir = c.Session.Path(".")
	if c.Given("dir") {
		cmd.Dir = c.Session.Path(c.Text("dir"))
		if _, err := os.ReadDir(cmd.Dir); err != nil { // which would be told of the program
			return nil, err
		}
	}
	var out, errs printed
	cmd.Stdout, cmd.Stderr = &out, io.MultiWriter(&errs, visible.Programs(set.o.Log))
	if c.Given("input") {
		cmd.Stdin = strings.NewReader(c.Text("input"))
	}
	end := ownGroup(cmd)
	cmd.WaitDelay = grace
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case c.Session.Err() != nil:
		if cmd.Process != nil {
			end()
		}
		return nil, c.Session.Err()
	case errors.As(err, &exit), errors.Is(err, exec.ErrWaitDelay): // what it left behind holds its output
	case err != nil:
		if notFound := (*exec.Error)(nil); errors.As(err, &notFound) {
			e := &host.Error{Kind: "not_found", Message: fmt.Sprintf("sh: %s: %v", words[0], notFound.Err), Err: err}
			if forShell(words) {
				e.Hint = inShell(strings.Join(masked(c, words), " "))
			}
			return nil, e
		}
		return nil, fmt.Errorf("sh: %w", err)
	}
	code := cmd.ProcessState.ExitCode()
	if code != 0 && c.Value("check") != starlark.False {
		hint := ""
		if forShell(words) {
			hint = inShell(strings.Join(masked(c, words), " "))
		}
		return nil, &host.Error{Kind: "failed", Message: fmt.Sprintf("%s: %s", shown(masked(c, words)), cmd.ProcessState),
			Output: tail(string(errs.last) + string(out.last)), Shown: set.o.Log != io.Discard, Unseen: tail(string(out.last)), Hint: hint, Err: err}
	}
	return row.NewRecord("Ran", code == 0, "code", code, "out", out.value("out"), "err", errs.value("err")), nil
}

// answered is what sh gives where no program runs.
func (set *Set) answered(c *row.Call, words []string) (starlark.Value, error) {
	var input *string
	if c.Given("input") {
		text := c.Text("input")
		input = &text
	}
	code, out, err := set.o.Sh(c.Thread, words, input)
	if err != nil {
		return nil, err
	}
	if code != 0 && c.Value("check") != starlark.False {
		return nil, &host.Error{Kind: "failed", Message: fmt.Sprintf("%s: exit status %d", shown(masked(c, words)), code)}
	}
	return row.NewRecord("Ran", code == 0, "code", code, "out", out, "err", ""), nil
}

// masked is a command without the secrets that are in it.
func masked(c *row.Call, words []string) []string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = c.Session.Mask(c.Thread, secret.MaskValues(w))
		if i > 0 && strings.HasPrefix(words[i-1], "-") && !strings.Contains(words[i-1], "=") && !strings.HasPrefix(w, "-") && secret.IsName(words[i-1]) {
			list[i] = secret.Masked
		}
	}
	return list
}

// shown is a command as a shell would read it.
func shown(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = w
		if w == "" || strings.ContainsAny(w, " \t\n'\"\\$`&|;<>()*?[]#~!{}") {
			quoted[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}

// tail is the last lines of what a program printed.
func tail(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\r\n", "\n")
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}

package apply

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/naming"
	"fastmigrate/core/temp"
)

// commandFor is the command line of a program, without the path of the database.
func (r *Run) commandFor(m naming.Migration) ([]string, error) {
	file, err := r.onDisk(m.Name)
	if err != nil {
		return nil, err
	}
	if m.Kind() == "sh" {
		if r.Opts.Shell != "" {
			return []string{r.Opts.Shell, file}, nil
		}
		return []string{"sh", file}, nil
	}
	return []string{r.Python(), file}, nil
}

// explainShell adds to the failure of a .sh the likely cause that its text shows: it names
// another shell than the one that runs it, or has the line ends of Windows. Other errors,
// and nil, stay as they are.
func explainShell(m naming.Migration, text []byte, command []string, err error) error {
	if err == nil || m.Kind() != "sh" {
		return err
	}
	first, _, _ := bytes.Cut(text, []byte("\n"))
	if bytes.HasSuffix(first, []byte("\r")) || bytes.Contains(text, []byte("\r\n")) {
		return &fault.Reason{Key: fault.CarriageEnd, Err: err}
	}
	words := bytes.Fields(bytes.TrimPrefix(first, []byte("#!")))
	if !bytes.HasPrefix(first, []byte("#!")) || len(words) == 0 {
		return err
	}
	meant := filepath.Base(string(words[0]))
	for i := 1; meant == "env" && i < len(words); i++ {
		if word := string(words[i]); !strings.HasPrefix(word, "-") && !strings.Contains(word, "=") {
			meant = filepath.Base(word)
		}
	}
	if meant == "sh" || meant == "env" || meant == filepath.Base(command[0]) {
		return err
	}
	return &fault.Reason{Key: fault.OtherShell, Name: meant, Err: err}
}

// Python is the interpreter for .py migrations: Config.Python, that of the active virtual
// environment, or the one in PATH.
func (r *Run) Python() string {
	if r.Opts.Python != "" {
		return r.Opts.Python
	}
	name, dir := "python3", "bin"
	if runtime.GOOS == "windows" {
		name, dir = "python", "Scripts"
	}
	if venv := os.Getenv("VIRTUAL_ENV"); venv != "" {
		for _, n := range []string{"python", name} {
			if p := filepath.Join(venv, dir, n); executable(p) {
				return p
			}
		}
	}
	return name
}

func executable(path string) bool {
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// onDisk returns the path of a file of Fsys. If Fsys is no directory, as with embed.FS,
// all of it is written to a temporary one, so that a program finds the files beside it.
func (r *Run) onDisk(name string) (string, error) {
	f, err := r.Fsys.Open(name)
	if err != nil {
		return "", fault.WithoutPath(err)
	}
	defer f.Close()
	if file, ok := f.(*os.File); ok {
		if path, err := filepath.Abs(file.Name()); err == nil {
			a, errA := os.Stat(path)
			b, errB := f.Stat()
			if errA == nil && errB == nil && os.SameFile(a, b) {
				return path, nil
			}
		}
	}
	if r.temp == "" {
		dir, err := temp.Scratch(temp.Plain, filepath.Dir(r.Path))
		if err != nil {
			return "", err
		}
		r.temp = dir
		if err := os.CopyFS(dir, r.Fsys); err != nil {
			return "", err
		}
	}
	return filepath.Join(r.temp, name), nil
}

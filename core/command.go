package core

import (
	"os"
	"path/filepath"
	"runtime"

	"fastmigrate/core/temp"
)

// command is how the migration is run, up to the path of the database.
func (r *run) command(m Migration) ([]string, error) {
	file, err := r.onDisk(m.Name)
	if err != nil {
		return nil, err
	}
	if m.Kind() == "sh" {
		if r.o.Shell != "" {
			return []string{r.o.Shell, file}, nil
		}
		return []string{"sh", file}, nil
	}
	return []string{r.python(), file}, nil
}

func (r *run) python() string {
	if r.o.Python != "" {
		return r.o.Python
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

// onDisk gives the path of a file of fsys. Where fsys is no directory, as with
// embed.FS, all of it is written to a temporary one, so that a program finds
// what lies beside it.
func (r *run) onDisk(name string) (string, error) {
	f, err := r.fsys.Open(name)
	if err != nil {
		return "", cause(err)
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
		dir, err := temp.Scratch()
		if err != nil {
			return "", err
		}
		r.temp = dir
		if err := os.CopyFS(dir, r.fsys); err != nil {
			return "", err
		}
	}
	return filepath.Join(r.temp, name), nil
}

package container

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// containerUser is the user of the example's containers, which is not root.
const containerUser = "65532:65532"

// image is what the last stage of a Dockerfile makes.
type image struct {
	root, user string // of the file system on this machine; uid:gid
	env        []string
	entrypoint []string
	cmd        []string
}

// makeImage makes what the Dockerfile of the example says, as far as it says it in words
// that are known here.
func makeImage(t *testing.T) image {
	t.Helper()
	text, err := os.ReadFile("examples/container/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	build, last, ok := strings.Cut(string(text), "FROM scratch\n")
	command := regexp.MustCompile(`(?m)^RUN (CGO_ENABLED=0 go build .*) -o /fastmigrate \.$`).FindStringSubmatch(build)
	if !ok || command == nil {
		t.Fatalf("the stages are not known:\n%s", text)
	}
	i, dir := image{root: filepath.Join(t.TempDir(), "root")}, t.TempDir()
	sh(t, "mkdir "+i.root+" "+dir+"/empty && "+command[1]+" -o "+dir+"/fastmigrate .")
	if out, err := exec.Command("ldd", dir+"/fastmigrate").CombinedOutput(); err == nil {
		t.Errorf("the program is not static: %s", out)
	}
	for line := range strings.Lines(last) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "", "#":
		case "COPY":
			args, from, owner := strings.Fields(rest), ".", "0:0"
			for strings.HasPrefix(args[0], "--") {
				if name, value, _ := strings.Cut(args[0], "="); name == "--chown" {
					owner = value
				} else if name == "--from" && value == "build" {
					from = dir
				} else {
					t.Fatalf("not known: %s", line)
				}
				args = args[1:]
			}
			sh(t, "cp -r "+from+"/"+args[0]+" "+i.root+args[1]+" && chown -R "+owner+" "+i.root+args[1])
		case "USER":
			i.user = rest
		case "ENV":
			i.env = append(i.env, rest)
		case "ENTRYPOINT":
			err = json.Unmarshal([]byte(rest), &i.entrypoint)
		case "CMD":
			err = json.Unmarshal([]byte(rest), &i.cmd)
		default:
			t.Fatalf("not known: %s", line)
		}
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	return i
}

func sh(t *testing.T, command string) {
	t.Helper()
	if out, err := exec.Command("sh", "-c", command).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
}

// run runs a command in the image as a container does: as its user, on a root that is
// read-only but for /data and /tmp, in namespaces of its own. Data is kept.
func (i image) run(t *testing.T, data string, args ...string) (string, error) {
	t.Helper()
	script := `set -e
mount --bind "$0" "$0"
mount --bind "$1" "$0/data"
mount -t tmpfs -o mode=0700,uid=${2%:*},gid=${2#*:} tmpfs "$0/tmp"
mount -o remount,bind,ro "$0"
root=$0 user=$2
shift 2
exec setpriv --no-new-privs chroot --userspec="$user" --groups= "$root" "$@"`
	cmd := exec.Command("unshare", slices.Concat([]string{"--mount", "--pid", "--net", "--uts", "--fork", "sh", "-c", script, i.root, data, i.user}, i.entrypoint, args)...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH")}, i.env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// TestContainer runs the example's image as far as that needs no Docker: its user, its
// read-only root, without a shell, a home or a network.
func TestContainer(t *testing.T) {
	t.Chdir("../..") // the context of the build
	if os.Getuid() != 0 || exec.Command("unshare", "--mount", "--pid", "--net", "--uts", "--fork", "true").Run() != nil {
		t.Skip("namespaces need root")
	}
	i, data := makeImage(t), t.TempDir()
	if i.user != containerUser {
		t.Errorf("the user of the image is %s, not %s", i.user, containerUser)
	}
	sh(t, "chown "+i.user+" "+data+" && chmod 755 "+filepath.Dir(data)+" "+filepath.Dir(filepath.Dir(data)))
	migrate, wait := parseYAML(t)
	for _, step := range []struct {
		args []string
		want string // of what is printed
		ok   bool
	}{
		{slices.Concat(wait, []string{"--timeout", "0s"}), "/data/notes.db: does not exist", false},
		{migrate, "Database backup created: /data/notes.db.", true},
		{i.cmd, "/data/notes.db is at version 1: nothing is pending", true},
		{wait, "/data/notes.db is at version 1", true},
		{[]string{"rehearse"}, "nothing is pending", true}, // in /tmp
		{[]string{"status"}, "applied  0001-create-notes.sql", true},
		{[]string{"schema", "--output", "/schema.sql"}, "read-only file system", false},
	} {
		out, err := i.run(t, data, step.args...)
		if !strings.Contains(out, step.want) || (err == nil) != step.ok {
			t.Errorf("%q: %v, want %q\n%s", step.args, err, step.want, out)
		}
	}
	var uid strings.Builder
	stat := exec.Command("stat", "-c", "%u:%g", data+"/notes.db")
	stat.Stdout = &uid
	if err := stat.Run(); err != nil || strings.TrimSpace(uid.String()) != i.user {
		t.Errorf("the database belongs to %s, not %s: %v", uid.String(), i.user, err)
	}
}

// parseYAML reads the files for Compose and Kubernetes, whose containers have to run as the
// image's user, on a read-only root, with what they mount. It returns the arguments of what
// migrates and of what waits.
func parseYAML(t *testing.T) (migrate, wait []string) {
	t.Helper()
	user, _, _ := strings.Cut(containerUser, ":")
	tmpfs := "/tmp:uid=" + user + ",gid=" + user + ",mode=0700"
	var compose struct {
		Services map[string]struct {
			Command   []string
			User      string
			ReadOnly  bool     `yaml:"read_only"`
			CapDrop   []string `yaml:"cap_drop"`
			Tmpfs     []string
			Volumes   []string
			DependsOn map[string]struct{ Condition string } `yaml:"depends_on"`
		}
		Volumes map[string]any
	}
	text, err := os.ReadFile("examples/container/compose.yaml")
	if err == nil {
		err = yaml.Unmarshal(text, &compose)
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range compose.Services {
		if _, ok := compose.Volumes["data"]; !ok || s.User != containerUser || !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Equal(s.Tmpfs, []string{tmpfs}) || !slices.Equal(s.Volumes, []string{"data:/data"}) {
			t.Errorf("compose: %s: %+v", name, s)
		}
	}
	if compose.Services["app"].DependsOn["migrate"].Condition != "service_completed_successfully" {
		t.Error("compose: app does not wait for migrate")
	}
	file, err := os.Open("examples/container/kubernetes.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	type container struct {
		Name            string
		Args            []string
		SecurityContext struct {
			ReadOnlyRootFilesystem   bool  `yaml:"readOnlyRootFilesystem"`
			AllowPrivilegeEscalation *bool `yaml:"allowPrivilegeEscalation"`
			Capabilities             struct{ Drop []string }
		} `yaml:"securityContext"`
		VolumeMounts []struct {
			Name      string
			MountPath string `yaml:"mountPath"`
		} `yaml:"volumeMounts"`
	}
	args := map[string][]string{}
	for d := yaml.NewDecoder(file); ; {
		var doc struct {
			Kind string
			Spec struct {
				Template struct {
					Spec struct {
						SecurityContext struct {
							RunAsNonRoot bool   `yaml:"runAsNonRoot"`
							RunAsUser    string `yaml:"runAsUser"`
							FSGroup      string `yaml:"fsGroup"`
						} `yaml:"securityContext"`
						InitContainers []container `yaml:"initContainers"`
						Containers     []container
						Volumes        []struct{ Name string }
					}
				}
			}
		}
		if err := d.Decode(&doc); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		pod := doc.Spec.Template.Spec
		if doc.Kind == "Deployment" && (!pod.SecurityContext.RunAsNonRoot || pod.SecurityContext.RunAsUser != user || pod.SecurityContext.FSGroup != user) {
			t.Errorf("kubernetes: %+v", pod.SecurityContext)
		}
		for _, c := range slices.Concat(pod.InitContainers, pod.Containers) {
			args[c.Name] = c.Args
			s := c.SecurityContext
			if !s.ReadOnlyRootFilesystem || s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation || !slices.Equal(s.Capabilities.Drop, []string{"ALL"}) {
				t.Errorf("kubernetes: %s: %+v", c.Name, s)
			}
			var mounts []string
			for _, m := range c.VolumeMounts {
				if slices.ContainsFunc(pod.Volumes, func(v struct{ Name string }) bool { return v.Name == m.Name }) {
					mounts = append(mounts, m.MountPath)
				}
			}
			if !slices.Equal(mounts, []string{"/data", "/tmp"}) {
				t.Errorf("kubernetes: %s mounts %q", c.Name, mounts)
			}
		}
	}
	if !slices.Equal(args["migrate"], compose.Services["migrate"].Command) || args["wait"] == nil || len(args) != 4 {
		t.Errorf("kubernetes: %q", args)
	}
	return args["migrate"], args["wait"]
}

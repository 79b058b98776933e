package page_test

import (
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// shop has the foreign keys that made edges run through tables: past one layer, past two,
// to itself and around.
const shop = `CREATE TABLE countries (code TEXT PRIMARY KEY, name TEXT NOT NULL);
	CREATE TABLE categories (id INTEGER PRIMARY KEY, parent REFERENCES categories(id));
	CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT NOT NULL, favourite REFERENCES orders(id));
	CREATE TABLE addresses (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customers(id), country REFERENCES countries);
	CREATE TABLE products (id INTEGER PRIMARY KEY, category INTEGER NOT NULL REFERENCES categories(id), name TEXT NOT NULL);
	CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customers(id), address INTEGER NOT NULL REFERENCES addresses(id));
	CREATE TABLE items (o REFERENCES orders(id), product REFERENCES products(id), country REFERENCES countries(code), PRIMARY KEY (o, product));
	CREATE TABLE log (at TEXT);`

// forty is a schema of forty tables with foreign keys in every direction.
func forty(seed uint64) (sql string) {
	random := rand.New(rand.NewPCG(seed, 0))
	for i := range 40 {
		sql += fmt.Sprintf("CREATE TABLE t%d (id INTEGER PRIMARY KEY, name_%d TEXT NOT NULL", i, random.IntN(1e9))
		for j := range random.IntN(4) {
			sql += fmt.Sprintf(", up%d INTEGER REFERENCES t%d(id)", j, random.IntN(40))
		}
		sql += ");"
	}
	return sql
}

// drawings are pages with more to draw, and longer names.
func drawings() map[string][]string {
	long := strings.Repeat("very_long_", 12)
	list := maps.Clone(pages)
	list["shop"] = []string{shop + "INSERT INTO log VALUES ('a')", "CREATE TABLE stock (product REFERENCES products(id), customer REFERENCES customers(id)); DROP TABLE log"}
	list["star"] = []string{star(), "ALTER TABLE centre ADD COLUMN y"}
	list["forty"] = []string{forty(1), "ALTER TABLE t7 ADD COLUMN y"}
	list["long"] = []string{"CREATE TABLE a (x); CREATE TABLE " + long + "(" + long + " TEXT); INSERT INTO " + long + " VALUES (1)",
		"ALTER TABLE a ADD COLUMN " + long, "DROP TABLE " + long, "SELECT " + long + long + " FROM nope"}
	return list
}

// star is a table that many refer to.
func star() string {
	sql := "CREATE TABLE centre (id INTEGER PRIMARY KEY);"
	for i := range 30 {
		sql += fmt.Sprintf("CREATE TABLE ray%d (id INTEGER PRIMARY KEY, centre INTEGER REFERENCES centre(id), other TEXT);", i)
	}
	return sql
}

type point struct{ x, y float64 }

// TestEdges pins that no edge runs through a table, that each ends at two, and that tables
// stand apart.
func TestEdges(t *testing.T) {
	list := drawings()
	for seed := range uint64(4) {
		list[fmt.Sprint("forty ", seed)] = []string{forty(seed), "ALTER TABLE t7 ADD COLUMN y"}
	}
	frame := regexp.MustCompile(`<rect class="frame" x="([^"]+)" y="([^"]+)" width="([^"]+)" height="([^"]+)"`)
	edge := regexp.MustCompile(`<path class="edge [a-z]*" d="([^"]+)"`)
	size := regexp.MustCompile(`width="(\d+)" height="(\d+)"`)
	number := func(s string) float64 {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	edges := 0
	for name, migrations := range list {
		for _, svg := range strings.Split(write(t, migrations...), "<svg")[1:] {
			type rect struct{ x1, y1, x2, y2 float64 }
			var tables []rect
			for _, m := range frame.FindAllStringSubmatch(svg, -1) {
				x, y := number(m[1]), number(m[2])
				r := rect{x, y, x + number(m[3]), y + number(m[4])}
				for _, o := range tables {
					if r.x1 < o.x2+10 && o.x1 < r.x2+10 && r.y1 < o.y2+10 && o.y1 < r.y2+10 {
						t.Errorf("%s: tables at %v and %v", name, r, o)
					}
				}
				tables = append(tables, r)
			}
			m := size.FindStringSubmatch(svg)
			for _, m2 := range edge.FindAllStringSubmatch(svg, -1) {
				edges++
				line := points(t, m2[1])
				for _, p := range line {
					if p.x < 0 || p.y < 0 || p.x > number(m[1]) || p.y > number(m[2]) {
						t.Errorf("%s: the edge %s leaves the picture", name, m2[1])
						break
					}
					if slices.ContainsFunc(tables, func(r rect) bool { return p.x > r.x1+.1 && p.x < r.x2-.1 && p.y > r.y1+.1 && p.y < r.y2-.1 }) {
						t.Errorf("%s: the edge %s runs through a table", name, m2[1])
						break
					}
				}
				for _, p := range []point{line[0], line[len(line)-1]} {
					if !slices.ContainsFunc(tables, func(r rect) bool {
						return p.y > r.y1 && p.y < r.y2 && (abs(p.x-r.x1) < .1 || abs(p.x-r.x2) < .1)
					}) {
						t.Errorf("%s: the edge %s ends beside the tables", name, m2[1])
					}
				}
			}
		}
	}
	if edges < 300 {
		t.Errorf("only %d edges were looked at", edges)
	}
}

func abs(f float64) float64 { return max(f, -f) }

// points gives points on a path that are at most a few units apart.
func points(t *testing.T, path string) (list []point) {
	t.Helper()
	for _, m := range regexp.MustCompile(`([MHC])([-\d. ]+)`).FindAllStringSubmatch(path, -1) {
		var n []float64
		for _, text := range strings.Fields(m[2]) {
			f, err := strconv.ParseFloat(text, 64)
			if err != nil {
				t.Fatal(err)
			}
			n = append(n, f)
		}
		var p point
		if list != nil {
			p = list[len(list)-1]
		}
		for i := range 201 {
			s := float64(i) / 200
			switch m[1] {
			case "M":
				list = []point{{n[0], n[1]}}
			case "H":
				list = append(list, point{p.x + s*(n[0]-p.x), p.y})
			case "C":
				at := func(a, b, c, d float64) float64 {
					return a*(1-s)*(1-s)*(1-s) + 3*b*s*(1-s)*(1-s) + 3*c*s*s*(1-s) + d*s*s*s
				}
				list = append(list, point{at(p.x, n[0], n[2], n[4]), at(p.y, n[1], n[3], n[5])})
			}
		}
	}
	return list
}

// measure is the script that measures pages, each in a frame of a given width.
const measure = `
const lum = c => { const [r, g, b] = c.map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b };
const rgb = s => s.match(/[\d.]+/g).map(Number);
addEventListener('load', () => {
	const said = [];
	let texts = 0;
	for (const f of document.querySelectorAll('iframe')) {
		const say = s => said.push(f.width + ': ' + s), d = f.contentDocument, w = f.contentWindow;
		if (d.documentElement.scrollWidth > w.innerWidth) say('it scrolls sideways: ' + d.documentElement.scrollWidth);
		for (const e of d.body.querySelectorAll('*')) {
			const style = w.getComputedStyle(e), box = e.getBoundingClientRect(), svg = e.closest('svg');
			const name = e.tagName + ' ' + (e.textContent || '').trim().slice(0, 40);
			if (!e.closest('.scroll > *') && style.clipPath === 'none' && box.right > w.innerWidth + .5) say('cut off at ' + box.right + ': ' + name);
			if (e.tagName === 'H1' || e.tagName === 'H2' || e.tagName === 'H3') {
				const level = +e.tagName[1], before = +(d.body.dataset.level || 0);
				if (level > before + 1) say('no heading above: ' + name);
				d.body.dataset.level = level;
			}
			if (e.tagName === 'TH' && !e.scope) say('a header without scope: ' + name);
			if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || e.tagName === 'title') continue;
			texts++;
			const scale = svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1;
			if (parseFloat(style.fontSize) * scale < 11) say('text of ' + parseFloat(style.fontSize) * scale + ' px: ' + name);
			let back;
			if (svg) for (const r of e.parentNode.querySelectorAll('rect')) {
				const b = r.getBoundingClientRect();
				if (b.left <= box.left && b.top <= (box.top + box.bottom) / 2 && b.bottom >= (box.top + box.bottom) / 2) back = rgb(w.getComputedStyle(r).fill);
			} else for (let p = e; p && !back; p = p.parentElement) {
				const c = rgb(w.getComputedStyle(p).backgroundColor);
				if (c.length < 4 || c[3] > 0) back = c;
			}
			const [a, b] = [lum(rgb(svg ? style.fill : style.color)), lum(back || [255, 255, 255])].sort((x, y) => y - x);
			if ((a + .05) / (b + .05) < 4.5) say('contrast ' + (a + .05) / (b + .05) + ': ' + name);
		}
	}
	const dark = matchMedia('(prefers-color-scheme: dark)').matches;
	document.body.textContent = JSON.stringify({said, texts, dark});
});`

// TestLayout measures the pages in a browser, on a phone and wider, light and dark: nothing
// scrolls sideways but what should, text can be read, headings and tables are in order.
func TestLayout(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("needs Chromium")
	}
	var frames strings.Builder
	for _, migrations := range drawings() {
		for _, width := range []int{390, 800, 1200} {
			fmt.Fprintf(&frames, "<iframe width=%d height=800 style='border:0' srcdoc=\"%s\"></iframe>", width, html.EscapeString(write(t, migrations...)))
		}
	}
	look := func(body string, dark bool) (got struct {
		Said  []string
		Texts int
		Dark  bool
	}) {
		t.Helper()
		file := filepath.Join(t.TempDir(), "frames.html")
		if err := os.WriteFile(file, []byte("<!DOCTYPE html><meta charset=utf-8><meta name=color-scheme content='light dark'><script>"+measure+"</script><body>"+body), 0o600); err != nil {
			t.Fatal(err)
		}
		scheme := "--blink-settings=preferredColorScheme=1"
		if dark {
			scheme = "--blink-settings=preferredColorScheme=0"
		}
		dom, _ := browse(t, chromium, "--dump-dom", file, scheme)
		_, text, _ := strings.Cut(dom, "<body>")
		text, _, _ = strings.Cut(text, "</body>")
		if err := json.Unmarshal([]byte(html.UnescapeString(text)), &got); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		return got
	}
	for _, dark := range []bool{false, true} {
		got := look(frames.String(), dark)
		for _, text := range got.Said {
			t.Errorf("dark %v: %s", dark, text)
		}
		if got.Texts < 1000 || got.Dark != dark {
			t.Errorf("dark %v: measured %d texts, dark %v", dark, got.Texts, got.Dark)
		}
	}
	bad := `<h2>a</h2><p style='font-size:8px'>b<p style='color:#bbb;background:#fff'>c<table><th>d</table><pre>` + strings.Repeat("long", 100)
	if got := look(fmt.Sprintf(`<iframe width=390 srcdoc="%s"></iframe>`, html.EscapeString(bad)), false); len(got.Said) < 6 {
		t.Errorf("of a bad page only %q is found", got.Said)
	}
}

// TestColours pins that what is dark on a screen has another colour on paper.
func TestColours(t *testing.T) {
	var names [][]string
	for _, block := range regexp.MustCompile(`:root \{[^}]*\}`).FindAllString(write(t, pages["nothing"]...), -1) {
		names = append(names, regexp.MustCompile(`--[a-z-]+:`).FindAllString(block, -1))
	}
	if len(names) != 3 || len(names[0]) < 10 || !slices.Equal(names[0], names[1]) || !slices.Equal(names[0], names[2]) {
		t.Errorf("the colours in light, in dark and on paper are %q", names)
	}
}

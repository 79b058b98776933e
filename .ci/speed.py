"""Runs large jobs with fastmigrate, sqlite3 and goose, each as a whole process, and prints the CPU and the wall time of
each and the ratio of fastmigrate to the others:  speed.py DIR [SCALE]

DIR holds the programs fastmigrate and goose; one that is not there has no column. The sqlite3 of the PATH does the same
with synchronous = EXTRA: a transaction and a row of the history for each migration. With SCALE, as 0.1, the jobs are that
much smaller. The least of three runs counts; of a job that takes longer than 10 s, the first. Only ratios can be compared."""
import os, shutil, subprocess, sys, tempfile, time

BIN, SCALE = os.path.abspath(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 1
META = """PRAGMA synchronous = EXTRA; CREATE TABLE _meta (id INTEGER PRIMARY KEY, version INTEGER); INSERT INTO _meta VALUES (1, 0);
CREATE TABLE _meta_history (version INTEGER PRIMARY KEY, file TEXT, sha256 TEXT, state TEXT, started TEXT, text BLOB);"""
ROWS = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT %d) "


def tables(i):
    """As migrations come about: half of them make tables."""
    t = "t%d" % (i - i % 2)
    if i % 2 == 0: return "CREATE TABLE %s (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT, n INTEGER NOT NULL DEFAULT 0);" % t
    if i == 1: return "CREATE TABLE t0 (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT, n INTEGER);"
    return ("CREATE INDEX %s_name ON %s (name);", "ALTER TABLE %s ADD COLUMN note TEXT; -- %s", "INSERT INTO %s (name) VALUES ('%s');", "UPDATE %s SET n = 1; -- %s")[i // 2 % 4] % (t, t)


def rows(i): return "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);" if i == 1 else "INSERT INTO t (name) VALUES ('row %d');" % i


class Place:
    """A directory with the same migrations for each program."""

    def __init__(self, dir, setup):
        self.dir, self.setup = dir, setup

    def make(self, texts):
        dir = self.dir
        os.makedirs(dir + "/migrations"), os.makedirs(dir + "/goose")
        with open(dir + "/all.sql", "w") as all, open(dir + "/one.sql", "w") as one:
            all.write(META + "\n"), one.write(META + "BEGIN IMMEDIATE;\n")
            for i, text in enumerate(texts, 1):
                name = "%04d-m.sql" % i
                open(dir + "/migrations/" + name, "w").write(text)
                open(dir + "/goose/%05d_m.sql" % i, "w").write("-- +goose Up\n" + text)
                history = "\nUPDATE _meta SET version = %d; INSERT INTO _meta_history VALUES (%d, '%s', '%064d', 'done', datetime(), x'%s');" % (i, i, name, i, text[:1000].encode().hex())
                all.write("BEGIN IMMEDIATE;" + text + history + "COMMIT;\n"), one.write(text + history + "\n")
            one.write("COMMIT;")
        if self.setup: subprocess.run([BIN + "/fastmigrate", "run-migrations", "--create", "--to", "1", "--db", "first.db"], cwd=dir, stdout=subprocess.DEVNULL, check=True)

    def run(self, args, script=None):
        """Gives the CPU and the wall time in seconds, and the most memory in MB."""
        best = None
        for _ in range(3):
            for name in os.listdir(self.dir):
                if name.startswith("app."): os.remove(self.dir + "/" + name)
            if self.setup: shutil.copy(self.dir + "/first.db", self.dir + "/app.db")
            with open(self.dir + "/" + script if script else os.devnull) as text, open(self.dir + "/out", "w") as out:
                began = time.monotonic()
                p = subprocess.Popen(args, cwd=self.dir, stdin=text, stdout=out, stderr=out)
                _, status, used = os.wait4(p.pid, 0)
            took = used.ru_utime + used.ru_stime, time.monotonic() - began, used.ru_maxrss / 1024
            if status: sys.exit("%s: %s" % (" ".join(args), open(self.dir + "/out").read()[-2000:]))
            best = min(best or took, took)
            if took[1] > 10: break
        return best


def job(what, texts, ours=["run-migrations", "--create"], script="all.sql", reference=None, goose=True, setup=False):
    with tempfile.TemporaryDirectory() as dir:
        p = Place(dir, setup)
        if child := os.fork(): os.waitpid(child, 0)
        else: p.make(texts()), os._exit(0)  # the most memory of a process counts for those that it starts
        found = [p.run([BIN + "/fastmigrate", *ours, "--db", "app.db", *([] if ours[0] == "backup-db" else ["--migrations", "migrations"])])]
        found.append(p.run(["sh", "-c", reference]) if reference else p.run(["sqlite3", "-bail", "app.db"], script))
        if goose and os.path.exists(BIN + "/goose"): found.append(p.run([BIN + "/goose", "-dir", "goose", "sqlite3", "app.db", "up"]))
        cells = ["%.2f / %.2f s, %d MB" % f for f in found] + [""] * (3 - len(found))
        ratios = ["%.2f / %.2f" % (found[0][0] / f[0], found[0][1] / f[1]) for f in found[1:]] + [""] * (3 - len(found))
        print("|", " | ".join([what, *cells, *ratios]), "|", flush=True)


def main():
    n = lambda x: max(1, int(x * SCALE))
    print("| job (CPU / wall, memory) | fastmigrate | sqlite3 | goose | x sqlite3 | x goose |\n|---|---|---|---|---|---|", flush=True)
    some = lambda text, size: lambda: [text(i) for i in range(1, n(size) + 1)]
    for size in (1000, 3000, 9999):
        job("%d migrations, half of them tables" % n(size), some(tables, size))
        job("%d migrations, rows only" % n(size), some(rows, size))
    job("%d migrations --atomic" % n(1000), some(tables, 1000), ["run-migrations", "--create", "--atomic"], "one.sql", goose=False)
    inserts = lambda: "".join("INSERT INTO t (a, b) VALUES (%d, 'value of row %d');\n" % (i, i) for i in range(n(200_000)))
    job("%d INSERTs" % n(200_000), lambda: ["CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b TEXT); CREATE INDEX t_a ON t (a);", inserts()])
    select = "INSERT INTO t " + ROWS % n(1e6) + "SELECT n, 'row ' || n FROM r; CREATE INDEX t_b ON t (b);"
    job("INSERT SELECT of %d rows, and an index" % n(1e6), lambda: ["CREATE TABLE t (a INTEGER, b TEXT);", select])
    replaced = lambda: "".join("REPLACE INTO t VALUES (%d, '%s');\n" % (i % 10, "x" * 900) for i in range(n(220_000)))
    job("a script of %d MB" % n(200), lambda: ["CREATE TABLE t (id INTEGER PRIMARY KEY, x);", replaced()])
    large = "".join("CREATE TABLE %s (id INTEGER PRIMARY KEY, name TEXT, n INTEGER); INSERT INTO %s " % (t, t) + ROWS % n(850_000) + "SELECT n, hex(randomblob(90)), n FROM r;" for t in "abc")
    change = "CREATE INDEX a_name ON a (name); UPDATE b SET n = n + 1 WHERE id % 20 = 0; CREATE TABLE d (id INTEGER PRIMARY KEY, name TEXT, n INTEGER); INSERT INTO d SELECT * FROM a;"
    job("backup of %d MB" % n(500), lambda: [large], ["backup-db"], reference="sqlite3 app.db '.backup copy.db' && sqlite3 copy.db 'PRAGMA integrity_check'; rm -f copy.db", goose=False, setup=True)
    job("rehearsal on %d MB" % n(500), lambda: [large, change], ["rehearse"], reference="sqlite3 -bail app.db 'PRAGMA synchronous = EXTRA; BEGIN; %s COMMIT'" % change, goose=False, setup=True)
    for size in (13, 100, 400): job("test --all of %d" % n(size), some(tables, size), ["test", "--all"], goose=False)


main()

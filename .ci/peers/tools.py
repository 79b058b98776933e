"""How each program names, writes, applies and takes back its migrations. Each works in a directory of
its own, which is its home too, so that no configuration is found."""
import os, sqlite3, subprocess


class Tool:
    late, strict, alone, dry = [], [], False, None # flags: to apply what is out of order, to refuse it, to try
    def __init__(self, bin, dir):
        self.bin, self.dir, self.m, self.db = bin, dir, dir + "/m", dir + "/app.db"
        os.mkdir(self.m)
    def put(self, n, up, alone=False): self.write(self.name(n), self.text(up, alone))
    def write(self, name, text): open(self.m + "/" + name, "w").write(text)
    def remove(self, n): os.remove(self.m + "/" + self.name(n))
    def name(self, n): return "%04d_x.sql" % n
    def start(self, args):
        return subprocess.Popen([self.bin, *args], cwd=self.dir, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={"PATH": os.environ["PATH"], "HOME": self.dir, "TMPDIR": self.dir})
    def ran(self, process): return process.communicate(timeout=300)[0], process.returncode
    def run(self, *more, **how): return self.ran(self.start(self.up(*more, **how)))
    def ask(self, sql):
        c = sqlite3.connect("file:%s?mode=rw" % self.db, uri=True)
        try: return c.execute(sql).fetchall()
        finally: c.close()
    def has(self, table): return os.path.exists(self.db) and self.ask("SELECT count(*) FROM sqlite_master WHERE name = '%s'" % table)[0][0] > 0


class Fastmigrate(Tool):
    late, dry, title = ["--allow-out-of-order"], "--dry-run", "fastmigrate"
    def name(self, n): return "%04d-x.sql" % n
    def text(self, up, alone): return up
    def args(self, verb, *more): return [verb, "--db", self.db, "--migrations", self.m, *more]
    def up(self, *more, fk=0, busy=0): return self.args("run-migrations", "--create", *more)
    def status(self): return self.args("status")
    down = None


class Goose(Tool):
    late, title = ["-allow-missing"], "goose"
    def text(self, up, alone): return "-- +goose NO TRANSACTION\n" * alone + "-- +goose Up\n%s-- +goose Down\nDROP TABLE a;\n" % up
    def args(self, verb, *more, fk=0, busy=0):
        return ["-dir", self.m, *more, "sqlite3", self.db + "?_pragma=foreign_keys(%d)&_pragma=busy_timeout(%d)" % (fk, busy), verb]
    def up(self, *more, **how): return self.args("up", *more, **how)
    def status(self): return self.args("status")
    def down(self): return self.args("down")


class Dbmate(Tool):
    strict, title = ["--strict"], "dbmate"
    def text(self, up, alone): return "-- migrate:up%s\n%s-- migrate:down\nDROP TABLE a;\n" % (" transaction:false" * alone, up)
    def args(self, verb, *more, fk=0, busy=0):
        return ["--url", "sqlite:%s?_foreign_keys=%d&_busy_timeout=%d" % (self.db, fk, busy), "-d", self.m, "--no-dump-schema", verb, *more]
    def up(self, *more, **how): return self.args("up", *more, **how)
    def status(self): return self.args("status")
    def down(self): return self.args("down")


class Migrate(Tool):
    late, strict, title = None, None, "golang-migrate"
    def name(self, n): return "%04d_x.up.sql" % n
    def text(self, up, alone): return up
    def put(self, n, up, alone=False):
        super().put(n, up)
        self.write(self.name(n).replace(".up.", ".down."), "DROP TABLE a;\n")
        self.alone = alone
    def remove(self, n):
        super().remove(n)
        os.remove(self.m + "/" + self.name(n).replace(".up.", ".down."))
    def args(self, *verb, fk=0, busy=0):
        tx = "&x-no-tx-wrap=true" * bool(self.alone)
        return ["-path", self.m, "-database", "sqlite://%s?_pragma=foreign_keys(%d)&_pragma=busy_timeout(%d)%s" % (self.db, fk, busy, tx), *verb]
    def up(self, *more, **how): return self.args(*more, "up", **how)
    def status(self): return self.args("version")
    def down(self): return self.args("down", "1")


class Atlas(Tool):
    late, dry, title = ["--exec-order", "non-linear"], "--dry-run", "Atlas"
    def text(self, up, alone): return "-- atlas:txmode none\n\n" * alone + up
    def args(self, *verb, fk=0, busy=0):
        return ["migrate", *verb, "--dir", "file://" + self.m, "--url", "sqlite://%s?_fk=%d&_busy_timeout=%d" % (self.db, fk, busy)]
    def write(self, name, text):
        super().write(name, text)
        self.hash()
    def remove(self, n):
        super().remove(n)
        self.hash()
    def hash(self): self.ran(self.start(["migrate", "hash", "--dir", "file://" + self.m])) # as the author of a migration does
    def up(self, *more, **how): return self.args("apply", *more, **how)
    def status(self): return self.args("status")
    def down(self): return self.args("down")

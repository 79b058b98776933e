"""What teams are burnt by. A case does it with one program, and says in a cell what came of it: by the
exit status, by what was printed, and by the database afterwards."""
import os, shutil, sqlite3, subprocess, time

PEOPLE = "CREATE TABLE p (id INTEGER PRIMARY KEY, name);\nCREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p(id) ON DELETE CASCADE);\n" \
    "INSERT INTO p VALUES (1, 'Ada'), (2, 'Bob');\nINSERT INTO c VALUES (1, 1), (2, 2);\n"
REBUILD = "CREATE TABLE p2 (id INTEGER PRIMARY KEY, name TEXT);\nINSERT INTO p2 SELECT id, name FROM p;\nDROP TABLE p;\nALTER TABLE p2 RENAME TO p;\n"
TRIGGER = "CREATE TRIGGER g AFTER INSERT ON a BEGIN\n  DELETE FROM a WHERE x = 1;\n  DELETE FROM a WHERE x = 2;\nEND;\n"
OFF, ON = "PRAGMA foreign_keys = OFF;\n", "PRAGMA foreign_keys = ON;\n"
FILL = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO t SELECT 'some text that fills the page ' || i FROM n;\n"
MANY = "CREATE TABLE t (x);\n" + FILL + "CREATE TABLE u (x);\n"
A, B = "CREATE TABLE a (x);\n", "CREATE TABLE b (x);\n"

def size(path): return os.path.getsize(path) if os.path.exists(path) else 0
def again(t):
    out, rc = t.run()
    if "already taken" in out: # the lock of Atlas, which expires
        time.sleep(11)
        return ", runs again 10 s later" if t.run()[1] == 0 else ", cannot run again"
    return ", runs again" if rc == 0 else ", then refuses to run until `force`" if "irty" in out else ", cannot run again"

def half(t):
    t.put(1, A + "INSERT INTO a VALUES (1);\nINSERT INTO nope VALUES (1);\n")
    t.run()
    left = "half of it stays" if t.has("a") else "rolled back"
    t.put(1, A + "INSERT INTO a VALUES (1);\n")
    return left + again(t)

def rebuild(alone):
    def case(t):
        t.put(1, PEOPLE)
        t.run(fk=1)
        t.put(2, OFF + "BEGIN;\n" * alone + REBUILD + "COMMIT;\n" * alone + ON, alone)
        out, rc = t.run(fk=1)
        n = t.ask("SELECT count(*) FROM c")[0][0]
        return ("all rows of the child kept" if n == 2 else "**%d of 2 rows of the child lost**" % (2 - n)) + (", reports success" if rc == 0 and n < 2 else "" if rc == 0 else ", fails")
    return case

def orphan(t):
    t.put(1, PEOPLE)
    t.run()
    t.put(2, "INSERT INTO c VALUES (3, 99);\n")
    out, rc = t.run()
    return "fails, rolled back" if rc and t.ask("SELECT count(*) FROM c") == [(2,)] else "not noticed"

def killed(t):
    t.put(1, MANY % 4000000)
    p, end = t.start(t.up()), time.time() + 120
    while p.poll() is None and time.time() < end and size(t.db + "-journal") + size(t.db + "-wal") + size(t.db) < 2e7: time.sleep(.01)
    p.kill()
    if t.ran(p)[1] != -9: raise Exception("it ended before it was killed")
    left = "half of it stays" if t.has("t") else "undone by SQLite"
    t.put(1, MANY % 1000)
    return left + again(t)

def at_once(busy):
    def case(t):
        t.put(1, "CREATE TABLE t (x);\nCREATE TABLE a (x);\n")
        t.run()
        t.put(2, FILL % 600000 + "INSERT INTO a VALUES (1);\n")
        app = sqlite3.connect(t.db, isolation_level=None)
        if busy: app.execute("BEGIN IMMEDIATE")
        processes = [t.start(t.up(busy=busy)) for _ in range(3)]
        if busy: time.sleep(3)
        app.close()
        ended = [t.ran(p)[1] for p in processes]
        times = t.ask("SELECT count(*) FROM a")[0][0]
        return ["not applied", "applied once", "**applied twice**", "**applied three times**"][times] + (", all fail" if all(ended) else ", not all succeed" if any(ended) else ", all succeed")
    return case

def noticed(change):
    def case(t):
        for n, sql in enumerate([A, B, "CREATE TABLE d (x);\n"], 1): t.put(n, sql)
        t.run()
        change(t)
        return "refused" if t.run()[1] else "not noticed"
    return case

def edit(t):
    if t.title != "Atlas": t.put(4, "CREATE TABLE f (x);\n") # which renews its atlas.sum
    open(t.m + "/" + t.name(1), "a").write("CREATE TABLE e (x);\n")
def remove(n): return lambda t: t.remove(n)

def late(setting):
    def case(t):
        flags = getattr(t, setting) if setting else []
        if flags is None: return "none"
        t.put(1, A)
        t.put(3, "CREATE TABLE d (x);\n")
        t.run()
        t.put(2, B)
        out, rc = t.run(*flags)
        return "applied" if rc == 0 and t.has("b") else "refused" if rc else "**skipped, reports success**"
    return case

def script(sql, made, alone=False):
    def case(t):
        t.put(1, sql, alone)
        return "applied" if t.run(fk=1)[1] == 0 and t.has(made) else "fails"
    return case

def setting(t):
    t.put(1, OFF + "CREATE TABLE a AS SELECT foreign_keys AS x FROM pragma_foreign_keys;\n")
    out, rc = t.run(fk=1)
    return "fails" if rc else "has effect" if t.ask("SELECT x FROM a") == [(0,)] else "**no effect, nothing is said**" if "PRAGMA foreign_keys" not in out else "no effect, with a warning"

def committed(t):
    t.put(1, A + "COMMIT;\n" + B + "INSERT INTO nope VALUES (1);\n")
    out, rc = t.run()
    left = [x for x in "ab" if t.has(x)]
    return "refused, nothing changed" if not left else "**%s stays**" % ("half of it" if len(left) == 1 else "all before the error")

def unknown(t):
    t.put(1, A)
    t.write("v2-b.sql", t.text(B, False))
    out, rc = t.run()
    return "applied" if t.has("b") else "refused" if rc else "skipped with a warning" if "v2-b" in out else "skipped in silence"

def full(t):
    t.put(1, A)
    t.run()
    t.put(2, MANY % 400000)
    disk = t.dir + "/disk"
    os.mkdir(disk)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk], check=True)
    home, t.db = t.db, disk + "/app.db"
    try:
        shutil.copy(home, t.db)
        out, rc = t.run()
        sound, left = t.ask("PRAGMA integrity_check") == [("ok",)], t.has("t")
        shutil.copy(t.db, home)
    finally:
        subprocess.run(["umount", disk])
    t.db = home
    t.put(2, MANY % 10)
    return ("rolled back" if rc and sound and not left else "**damaged or half**") + again(t)

def dry(t):
    if not t.dry: return "none"
    t.put(1, "CREATE TABLE a (x);\nINSERT INTO a VALUES (1), (1);\n")
    t.run()
    t.put(2, "CREATE UNIQUE INDEX i ON a (x);\n") # fails on the rows that are there
    out, rc = t.run(t.dry)
    return ("the database changed" if t.has("i") else "run on a copy, finds the error" if rc else "prints the SQL, does not run it")

def restore(t):
    t.put(1, PEOPLE)
    t.run()
    t.put(2, "DELETE FROM c;\n")
    out, rc = t.run("--backup")
    if rc: return "none"
    t.ran(t.start(["restore-db", "--latest", "--db", t.db]))
    return "made, and put back" if t.ask("SELECT count(*) FROM c") == [(2,)] else "made, not put back"

def kinds(t):
    files = [("SQL", "a", None, A), ("Python", "b", "0002-x.py", "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\nc.execute('CREATE TABLE b (x)')\n"),
             ("shell", "d", "0003-x.sh", "sqlite3 \"$1\" 'CREATE TABLE d (x)'\n"), ("Starlark", "e", "0004-x.star", "def migrate(db):\n    db.execute('CREATE TABLE e (x)')\n")]
    for _, _, name, text in files:
        if name: t.write(name, text)
        else: t.put(1, text)
    t.run()
    return ", ".join(kind for kind, table, _, _ in files if t.has(table))

def down(t):
    if t.down is None: return "none"
    t.put(1, A)
    t.run()
    out, rc = t.ran(t.start(t.down()))
    return "yes" if rc == 0 and not t.has("a") else "none in the community build"

def typo(t):
    t.put(1, A)
    t.ran(t.start(t.status()))
    return "**creates it**" if os.path.exists(t.db) else "creates nothing"

def program(t):
    linked = b"/ld-linux" in open(t.bin, "rb").read(4096)
    return "%s, %d MB" % ("needs the system's C library" if linked else "static", round(os.path.getsize(t.bin) / 1e6))

CASES = [
    ("An error in statement 3 of a script, which is then mended", half),
    ("`kill -9` in the middle", killed),
    ("A full disk, then there is room", full),
    ("A `COMMIT` in the middle, then an error", committed),
    ("A table with children is rebuilt, with `PRAGMA foreign_keys = OFF` around it", rebuild(False)),
    ("The same in its own `BEGIN` and `COMMIT`, with the tool's setting for no transaction", rebuild(True)),
    ("`PRAGMA foreign_keys = OFF` in a script", setting),
    ("A row without its parent, foreign keys not switched on", orphan),
    ("A script with `BEGIN` and `COMMIT`", script("BEGIN;\n" + A + "COMMIT;\n", "a")),
    ("A trigger, `BEGIN … END`", script(A + TRIGGER, "g")),
    ("`VACUUM` in a script", script(A + "VACUUM;\n", "a")),
    ("The same, with the tool's setting for no transaction", script(A + "VACUUM;\n", "a", True)),
    ("Three processes start at once, with rows to insert", at_once(0)),
    ("The same while the application writes for 3 s, with a busy timeout of 60 s", at_once(60000)),
    ("An applied file was edited", noticed(edit)),
    ("An applied file is missing, in the middle", noticed(remove(2))),
    ("An older checkout: the database is newer than the files", noticed(remove(3))),
    ("A file is merged late, with a lower number", late("")),
    ("The same, with the tool's setting to apply it", late("late")),
    ("The same, with the tool's setting to refuse it", late("strict")),
    ("A name that is not recognised (`v2-b.sql`)", unknown),
    ("`status` of a database that does not exist", typo),
    ("A dry run on the rows that are there", dry),
    ("A backup before the run, and restore", restore),
    ("Kinds of migration files in the program", kinds),
    ("Down migrations", down),
    ("The program as it was built here", program),
]

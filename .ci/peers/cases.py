"""What teams are burnt by. A case does it with one program, and says in a cell what came of it: by the
exit status, by what was printed, and by the database afterwards."""
import os, shutil, subprocess, time

PEOPLE = """CREATE TABLE p (id INTEGER PRIMARY KEY, name);
CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p(id) ON DELETE CASCADE);
INSERT INTO p VALUES (1, 'Ada'), (2, 'Bob');
INSERT INTO c VALUES (1, 1), (2, 2);
"""
REBUILD = """CREATE TABLE p2 (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO p2 SELECT id, name FROM p;
DROP TABLE p;
ALTER TABLE p2 RENAME TO p;
"""
OFF, ON = "PRAGMA foreign_keys = OFF;\n", "PRAGMA foreign_keys = ON;\n"
MANY = """CREATE TABLE t (x);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO t SELECT 'some text that fills the page ' || i FROM n;
CREATE TABLE u (x);
"""
A, B = "CREATE TABLE a (x);\n", "CREATE TABLE b (x);\n"

def size(path): return os.path.getsize(path) if os.path.exists(path) else 0
def last(out): return (out.strip().splitlines() or [""])[-1][:60]

def half(t):
    t.put(1, A + "INSERT INTO a VALUES (1);\nINSERT INTO nope VALUES (1);\n")
    t.run()
    left = "half of it stays" if t.has("a") else "rolled back"
    t.put(1, A + "INSERT INTO a VALUES (1);\n")
    out, rc = t.run()
    return left + (", runs once it is mended" if rc == 0 else ", then refuses to run until `force`" if "irty" in out else ", cannot run again")

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
    p.communicate()
    left = "half of it stays" if t.has("t") else "undone by SQLite"
    t.put(1, MANY % 1000)
    out, rc = t.run("--lock-timeout", "1s") if t.title == "Atlas" else t.run()
    return left + (", runs again" if rc == 0 and t.has("u") else ", then refuses to run until `force`" if "irty" in out else ", cannot run again: " + last(out))

def at_once(busy):
    def case(t):
        t.put(1, MANY % 600000 + "CREATE TABLE IF NOT EXISTS a (x);\nINSERT INTO a VALUES (1);\n")
        ended = [t.ran(p) for p in [t.start(t.up(busy=busy)) for _ in range(3)]]
        n = sum(rc == 0 for _, rc in ended)
        return "applied %s, %d of 3 succeed" % ("once" if t.has("a") and t.ask("SELECT count(*) FROM a") == [(1,)] else "**not once**", n)
    return case

def noticed(change):
    def case(t):
        for n, sql in enumerate([A, B, "CREATE TABLE d (x);\n"], 1): t.put(n, sql)
        t.run()
        change(t)
        out, rc = t.run()
        return "refused" if rc else "not noticed"
    return case

def edit(t):
    if t.title != "Atlas": t.put(4, "CREATE TABLE f (x);\n") # which renews its atlas.sum
    open(t.path(1), "a").write("CREATE TABLE e (x);\n")
def remove(n):
    def change(t):
        for f in [t.path(n), t.path(n).replace(".up.", ".down.")]:
            if os.path.exists(f): os.remove(f)
        if t.title == "Atlas": t.ran(t.start(["migrate", "hash", "--dir", "file://" + t.m]))
    return change

def late(flags):
    def case(t):
        if flags and t.late is None: return "cannot"
        t.put(1, A)
        t.put(3, "CREATE TABLE d (x);\n")
        t.run()
        t.put(2, B)
        out, rc = t.run(*(t.late if flags else []))
        return "applied" if rc == 0 and t.has("b") else "refused" if rc else "**skipped, reports success**"
    return case

def script(sql, table, alone=False):
    def case(t):
        t.put(1, sql, alone)
        out, rc = t.run(fk=1)
        return "applied" if rc == 0 and (t.ask(table[1:]) == [(1,)] if table[0] == "?" else t.has(table)) else "fails" if rc else "**without effect, reports success**"
    return case

def committed(t):
    t.put(1, A + "COMMIT;\n" + B + "INSERT INTO nope VALUES (1);\n")
    out, rc = t.run()
    left = [x for x in "ab" if t.has(x)]
    return "refused, nothing changed" if not left else "**%s stays**" % ("half of it" if len(left) == 1 else "all before the error")

def unknown(t):
    t.put(1, A)
    open(t.m + "/v2-b.sql", "w").write(t.text(B, False))
    if t.title == "Atlas": t.ran(t.start(["migrate", "hash", "--dir", "file://" + t.m]))
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
    out, again = t.run()
    return ("rolled back" if rc and sound and not left else "**damaged or half**") + (", runs again with room" if again == 0 else ", then refuses to run until `force`" if "irty" in out else ", cannot run again")

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
    t.put(1, A)
    for name, text in [("0002-x.py", "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\nc.execute('CREATE TABLE b (x)')\nc.commit()\n"),
                       ("0003-x.sh", "sqlite3 \"$1\" 'CREATE TABLE d (x)'\n"), ("0004-x.star", "def migrate(db):\n    db.execute('CREATE TABLE e (x)')\n")]:
        open(t.m + "/" + name, "w").write(text)
    t.run()
    found = [k for k, table in [("SQL", "a"), ("Python", "b"), ("shell", "d"), ("Starlark", "e")] if t.has(table)]
    return ", ".join(found)

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
    ("An error in statement 3 of a script", half),
    ("`kill -9` in the middle", killed),
    ("A full disk", full),
    ("A `COMMIT` in the middle, then an error", committed),
    ("A table with children is rebuilt, with `PRAGMA foreign_keys = OFF` around it", rebuild(False)),
    ("The same in its own `BEGIN` and `COMMIT`, with the tool's setting for no transaction", rebuild(True)),
    ("`PRAGMA foreign_keys = OFF` in a script", script(OFF + "CREATE TABLE a AS SELECT foreign_keys AS x FROM pragma_foreign_keys;\n", "?SELECT x = 0 FROM a")),
    ("A row without its parent, foreign keys not switched on", orphan),
    ("A script with `BEGIN` and `COMMIT`", script("BEGIN;\n" + A + "COMMIT;\n", "a")),
    ("A trigger, `BEGIN … END`", script(A + "CREATE TRIGGER g AFTER INSERT ON a BEGIN\n  DELETE FROM a WHERE x = 1;\n  DELETE FROM a WHERE x = 2;\nEND;\n", "g")),
    ("`VACUUM` in a script", script(A + "VACUUM;\n", "a")),
    ("The same, with the tool's setting for no transaction", script(A + "VACUUM;\n", "a", True)),
    ("Three processes start at once", at_once(0)),
    ("The same, with a busy timeout of 60 s in the connection string", at_once(60000)),
    ("An applied file was edited", noticed(edit)),
    ("An applied file is missing, in the middle", noticed(remove(2))),
    ("An older checkout: the database is newer than the files", noticed(remove(3))),
    ("A file is merged late, with a lower number", late(False)),
    ("The same, with the tool's setting to apply it", late(True)),
    ("A name that is not recognised (`v2-b.sql`)", unknown),
    ("`status` of a database that does not exist", typo),
    ("A dry run on the rows that are there", dry),
    ("A backup before the run, and restore", restore),
    ("Kinds of migration files in the program", kinds),
    ("Down migrations", down),
    ("The program that was run, with SQLite", program),
]

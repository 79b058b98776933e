"""Runs fastmigrate on the migrations of a repository, and says what it found as GitHub
shows it: annotations at lines of migrations on standard output, a summary in the file
$GITHUB_STEP_SUMMARY. The inputs are variables: see action.yml. Exit status 0: all is well."""

import json
import os
import subprocess
import sys
import tempfile

MIGRATIONS = os.environ.get("MIGRATIONS") or "migrations"
failed = False
summary = []


def fastmigrate(*args):
    """Runs the program, and gives its exit status and what it printed as JSON."""
    done = subprocess.run(["fastmigrate", *args, "--json"], stdout=subprocess.PIPE, text=True, encoding="utf-8")
    return done.returncode, json.loads(done.stdout)


def escape(text, also=""):
    """A text for a workflow command, and with also=":," for a property of one:
    https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts"""
    for char in "%\r\n" + also:
        text = text.replace(char, "%%%02X" % ord(char))
    return text


def annotate(level, title, message, file=None, line=None, column=None):
    """An error, warning or notice, at a place of a migration if one is known."""
    global failed
    failed |= level == "error"
    at = {"file": file and MIGRATIONS.rstrip("/") + "/" + file, "line": line, "col": column, "title": title}
    properties = ",".join("%s=%s" % (k, escape(str(v), ":,")) for k, v in at.items() if v)
    print("::%s %s::%s" % (level, properties, escape(message)))


def problem(title, p):
    """An error as fastmigrate tells it: see fastmigrate docs --schema error."""
    migration = p["file"] and os.path.exists(os.path.join(MIGRATIONS, p["file"]))
    text = p["message"] if migration or not p["file"] else "%s: %s" % (p["file"], p["message"])
    annotate("error", title, "\n".join([text, *p["hints"]]), *([p["file"], p["line"], p["column"]] if migration else []))


def cell(text):
    """A text in a cell of a table."""
    return str(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def test():
    """Checks every migration by itself."""
    status, found = fastmigrate("test", "--all", "--migrations", MIGRATIONS, "--from", os.environ.get("FROM") or "0")
    if "migrations" not in found:
        problem("fastmigrate test", found["error"])
        summary.append("**Tests** could not run: " + cell(found["error"]["message"]))
        return
    for m in found["migrations"]:
        for p in m["problems"]:
            problem("fastmigrate test", p)
    summary.append("**Tests**: %d migrations, %d problems" % (len(found["migrations"]), found["problems"]))


def based(dir):
    """Makes a database by the migrations of the base branch, in a directory. None: it failed."""
    base, at = os.environ["BASE"], os.path.join(dir, "base")
    os.mkdir(at)
    for rev in "refs/remotes/origin/" + base, base:
        if subprocess.run(["git", "rev-parse", "--quiet", "--verify", "--end-of-options", rev + "^{commit}"], stdout=subprocess.DEVNULL).returncode == 0:
            break
    else:
        subprocess.run(["git", "fetch", "--quiet", "--depth=1", "origin", "refs/heads/" + base], check=True)
        rev = "FETCH_HEAD"
    listed = subprocess.run(["git", "ls-tree", "--name-only", rev, "--", MIGRATIONS], check=True, stdout=subprocess.PIPE)
    path, migrations = os.path.join(dir, "database.db"), os.path.join(at, MIGRATIONS)
    if listed.stdout.strip():
        tar = subprocess.run(["git", "archive", rev, "--", MIGRATIONS], check=True, stdout=subprocess.PIPE)
        subprocess.run(["tar", "-x", "-C", at], input=tar.stdout, check=True)
    else:
        os.makedirs(migrations)
    status, found = fastmigrate("run-migrations", "--create", "--db", path, "--migrations", migrations)
    if status:
        annotate("error", "fastmigrate", "the migrations of %s do not run: %s" % (base, found["error"]["message"]))
        return None
    return path


def rehearse(db):
    """Applies what is pending to a copy of a database."""
    args = ["rehearse", "--exit-code", "--db", db, "--migrations", MIGRATIONS]
    args += ["--scripts"] if os.environ.get("SCRIPTS") == "true" else []
    args += ["--html", os.environ["HTML"]] if os.environ.get("HTML") else []
    status, found = fastmigrate(*args)
    if "error" in found:
        problem("fastmigrate rehearse", found["error"])
    for report in found.get("rehearsed", []):
        applied = report["applied"]
        summary.append("**Rehearsal**: %d migrations, version %s to %s" % (len(applied), report["before"], report["after"]))
        if applied:
            summary.append("| migration | time | rows | findings |\n| --- | --- | --- | --- |")
        for m in applied:
            told = []
            for f in m["findings"]:
                told.append(f["message"] + (" (accepted)" if f.get("accepted") else ""))
                if not f.get("accepted"):
                    level = "notice" if f["level"] == "note" else "error" if os.environ.get("WARNINGS") != "show" else "warning"
                    annotate(level, "fastmigrate: " + f["code"], "\n".join([f["message"], f["why"], f["do"]]), m["name"], f.get("line"), f.get("column"))
            took = "not run" if m.get("skipped") else "%.3f s" % (m["nanoseconds"] / 1e9)
            summary[-1] += "\n| %s | %s | %s | %s |" % (cell(m["name"]), took, m["rows"], "<br>".join(map(cell, told)))
        for p in report["problems"]:
            if p not in report["existing"]:
                annotate("error", "fastmigrate rehearse", p)
        for w in report["warnings"]:
            annotate("warning", "fastmigrate rehearse", w)
    if status not in (0, 3) and "error" not in found:
        annotate("error", "fastmigrate rehearse", "exit status %d" % status)


with tempfile.TemporaryDirectory() as dir:
    if os.environ.get("TEST", "true") == "true":
        test()
    db = os.environ.get("DB") or os.environ.get("BASE") and based(dir)
    if db:
        rehearse(db)
    elif not os.environ.get("BASE"):
        summary.append("Nothing was rehearsed: there is neither a database nor a base branch.")
if os.environ.get("GITHUB_STEP_SUMMARY"):
    with open(os.environ["GITHUB_STEP_SUMMARY"], "a", encoding="utf-8") as f:
        f.write("### fastmigrate\n\n" + "\n\n".join(summary) + "\n")
sys.exit(1 if failed else 0)

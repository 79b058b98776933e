"""Runs what teams are burnt by with fastmigrate and its peers, and prints the table of the guide
comparison:  table.py DIR [GUIDE]

DIR holds the programs; one that is not there has no column. With GUIDE, the table in that file must
say the same."""
import os, sys, tempfile

from cases import CASES
from tools import Atlas, Dbmate, Fastmigrate, Goose, Migrate


def main():
    bin, guide = os.path.abspath(sys.argv[1]), sys.argv[2:]
    tools = [t for t in (Fastmigrate, Goose, Dbmate, Migrate, Atlas) if os.path.exists(bin + "/" + t.title.lower())]
    rows = [["", *[t.title for t in tools]]]
    for what, case in CASES:
        rows.append([what])
        for tool in tools:
            with tempfile.TemporaryDirectory() as dir:
                rows[-1].append(case(tool(bin + "/" + tool.title.lower(), dir)))
        print(what, *rows[-1][1:], sep=" | ", file=sys.stderr)
    if not guide:
        for i, row in enumerate(rows): print("| %s |" % " | ".join(row) + ("\n" + "|---" * len(row) + "|") * (i == 0))
        return
    said = [[cell.strip() for cell in line.split("|")[1:-1]] for line in open(guide[0]) if line.startswith("|")]
    heads = next(row for row in said if row[0] == "")
    says = {(row[0], head): cell for row in said for head, cell in zip(heads, row)}
    wrong = [(row[0], head, cell) for row in rows for head, cell in zip(rows[0], row) if says.get((row[0], head)) != cell]
    for what, head, cell in wrong: print("%s: %s: %s: found: %s" % (guide[0], what, head, cell), file=sys.stderr)
    print("%d cells, %d of them not as %s says" % (sum(map(len, rows)), len(wrong), guide[0]))
    sys.exit(1 if wrong else 0)


main()

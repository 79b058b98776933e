# Prints the revisions of the Alembic project here, from the first to the last,
# with the SQL that its offline mode makes of them.

import io
import json
import os
import sys

result, sys.stdout = sys.stdout, sys.stderr  # what is imported and env.py may print

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory


def sql(run, span):
    text = io.StringIO()
    run(Config("alembic.ini", output_buffer=text), span, sql=True)
    return text.getvalue()


scripts = ScriptDirectory.from_config(Config("alembic.ini"))
chain, before = list(scripts.walk_revisions())[::-1], None
for r in chain:
    if r.down_revision != before:
        sys.exit("the revisions are no chain: %s does not follow %s" % (r.revision, before))
    before = r.revision

revisions, before = [], None
for r in chain:
    one = {"revision": r.revision, "path": os.path.relpath(r.path), "title": r.doc}
    try:
        one["up"] = sql(command.upgrade, "%s:%s" % (before or "base", r.revision))
    except (Exception, SystemExit) as e:
        one["error"] = "%s: %s" % (type(e).__name__, e)
    try:
        one["down"] = sql(command.downgrade, "%s:%s" % (r.revision, before or "base"))
    except (Exception, SystemExit):
        pass  # there may be no way back
    revisions.append(one)
    before = r.revision
json.dump(revisions, result)

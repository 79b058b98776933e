"""Greet new users with the text that lies beside this file."""

import pathlib
import sqlite3
import sys

text = pathlib.Path(__file__).with_name("welcome.txt").read_text(encoding="utf-8").strip()
db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
db.execute("INSERT INTO notes (body) VALUES (?)", [text])

-- Twenty tables with all that a definition can have, and rows of them for each i of n.

CREATE TABLE m_accounts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  "name" VARCHAR(80) COLLATE NOCASE NOT NULL CHECK (length(name) > 0), -- shown; not unique
  plan TEXT NOT NULL DEFAULT 'free' CHECK (plan IN ('free', 'pro', 'it''s; "all"')),
  seats INT DEFAULT 1 CHECK (seats > 0),
  credit DECIMAL(10, 2) NOT NULL DEFAULT -0.5,
  created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX m_accounts_created ON m_accounts (created_at DESC, "name" COLLATE BINARY);
INSERT INTO m_accounts SELECT i * 2, 'Account ' || i, iif(i % 2, 'pro', 'free'), i, i * 1.25, datetime(1700000000 + i * 86399, 'unixepoch') FROM n;
DELETE FROM m_accounts WHERE id = 24;

CREATE TABLE m_users (
  id INTEGER NOT NULL,
  account_id INTEGER NOT NULL REFERENCES m_accounts ON UPDATE CASCADE ON DELETE CASCADE,
  email TEXT NOT NULL COLLATE NOCASE,
  phone TEXT,
  zip TEXT,
  is_admin BOOLEAN NOT NULL DEFAULT FALSE CHECK (is_admin IN (0, 1)),
  invited_by INTEGER REFERENCES m_users (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
  deleted_at TEXT,
  updated_at TEXT,
  CONSTRAINT m_users_pk PRIMARY KEY (id),
  CONSTRAINT m_users_email UNIQUE (email, deleted_at)
);
CREATE UNIQUE INDEX m_users_live ON m_users (lower(email)) WHERE deleted_at IS NULL;
CREATE INDEX m_users_account ON m_users (account_id, is_admin);
CREATE TRIGGER m_users_touch AFTER UPDATE OF email, phone ON m_users FOR EACH ROW WHEN old.updated_at IS new.updated_at BEGIN
  UPDATE m_users SET updated_at = 'now; BEGIN' WHERE id = new.id;
  INSERT INTO m_events (kind, payload) VALUES ('touched', json_object('id', new.id)); -- END;
END;
INSERT INTO m_users SELECT i * 3, (SELECT max(id) FROM m_accounts WHERE id <= i * 2), 'u' || i || '@example.com', iif(i % 3, '0' || (17000 + i), NULL), printf('%05d', i * 71), i = 4, iif(i > 5, 15, NULL), iif(i % 7, NULL, '2025-01-01'), NULL FROM n;

CREATE TABLE "m orders" (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL,
  "shipping zip" TEXT,
  cents INTEGER NOT NULL CHECK (cents >= 0 AND cents < 1e9),
  tax REAL GENERATED ALWAYS AS (cents * 0.19) VIRTUAL,
  gross INTEGER AS (cents + CAST(cents * 0.19 AS INTEGER)) STORED,
  status TEXT NOT NULL DEFAULT ('open'),
  placed_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d', 'now')),
  FOREIGN KEY (user_id) REFERENCES m_users (id) ON DELETE RESTRICT,
  UNIQUE (id, user_id)
);
CREATE INDEX "m orders by gross" ON "m orders" (gross) WHERE status <> 'void' AND gross > 100;
CREATE INDEX "m orders by month" ON "m orders" (substr(placed_at, 1, 7), user_id);
INSERT INTO "m orders" (id, user_id, "shipping zip", cents, status, placed_at) SELECT i, i * 3, printf('%05d', i), i * 1000, iif(i % 3, 'open', 'paid'), date('2025-01-01', i || ' days') FROM n;

CREATE TABLE "m order lines" (
  order_id INTEGER NOT NULL,
  user_id INTEGER NOT NULL,
  line SMALLINT NOT NULL,
  sku TEXT NOT NULL,
  quantity INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (order_id, line DESC),
  FOREIGN KEY (order_id, user_id) REFERENCES "m orders" (id, user_id) ON DELETE CASCADE ON UPDATE CASCADE
) WITHOUT ROWID;
CREATE INDEX "m lines of sku" ON "m order lines" (sku COLLATE RTRIM);
INSERT INTO "m order lines" SELECT a.i, a.i * 3, b.i, 'sku ' || (a.i + b.i), iif(a.i % 5, 1, 7) FROM n a JOIN n b ON b.i < 4;

CREATE TABLE m_sessions (
  token TEXT PRIMARY KEY NOT NULL CHECK (length(token) = 32),
  user_id INTEGER NOT NULL REFERENCES m_users (id) ON DELETE CASCADE,
  data BLOB,
  weight REAL,
  expires INTEGER NOT NULL
) STRICT;
INSERT INTO m_sessions SELECT printf('%032x', i * 7919), i * 3, zeroblob(i), i, 1700000000 + i FROM n;

CREATE TABLE m_settings (key TEXT NOT NULL COLLATE NOCASE, scope TEXT NOT NULL DEFAULT '', value, PRIMARY KEY (scope, key)) WITHOUT ROWID;
INSERT INTO m_settings SELECT 'Key' || i, iif(i % 2, '', 'user'), CASE i % 4 WHEN 0 THEN i WHEN 1 THEN i * 0.5 WHEN 2 THEN 'v' || i END FROM n;

CREATE TABLE m_tags (id INTEGER PRIMARY KEY, label TEXT NOT NULL UNIQUE COLLATE NOCASE, parent_id INTEGER REFERENCES m_tags ON DELETE CASCADE);
INSERT INTO m_tags SELECT i, 'Tag ' || i, nullif(i / 2, 0) FROM n;

CREATE TABLE [m_tags of users] ([user id] INTEGER NOT NULL REFERENCES m_users, [tag id] INTEGER NOT NULL REFERENCES m_tags (id) ON DELETE CASCADE, CONSTRAINT pk PRIMARY KEY ([user id], [tag id]) ON CONFLICT IGNORE);
INSERT INTO [m_tags of users] SELECT a.i * 3, b.i FROM n a JOIN n b ON (a.i + b.i * 2) % 5 = 0;

CREATE TABLE m_paths (ancestor INT NOT NULL, descendant INT NOT NULL, depth INT NOT NULL DEFAULT 0 CHECK (depth >= 0 AND (depth > 0 OR ancestor = descendant)),
  PRIMARY KEY (ancestor, descendant), FOREIGN KEY (ancestor) REFERENCES m_tags (id), FOREIGN KEY (descendant) REFERENCES m_tags (id));
CREATE UNIQUE INDEX m_paths_up ON m_paths (descendant, ancestor);
INSERT INTO m_paths SELECT id, id, 0 FROM m_tags UNION ALL SELECT parent_id, id, 1 FROM m_tags WHERE parent_id IS NOT NULL;

CREATE TABLE m_teams (id INTEGER PRIMARY KEY, name TEXT NOT NULL, lead_id INTEGER REFERENCES m_members (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE m_members (id INTEGER PRIMARY KEY, team_id INTEGER NOT NULL REFERENCES m_teams (id) ON DELETE CASCADE, user_id INTEGER UNIQUE REFERENCES m_users, role TEXT DEFAULT 'member');
CREATE TRIGGER m_members_lead AFTER DELETE ON m_members BEGIN UPDATE m_teams SET lead_id = NULL WHERE lead_id = old.id; END;
INSERT INTO m_teams SELECT i, 'Team ' || i, i + 100 FROM n;
INSERT INTO m_members SELECT i + 100, i, i * 3, iif(i % 3, 'member', 'owner') FROM n;

CREATE TABLE m_events (kind TEXT NOT NULL, payload JSON CHECK (payload IS NULL OR json_valid(payload)), at TEXT DEFAULT CURRENT_TIMESTAMP, raw BLOB);
CREATE INDEX m_events_user ON m_events (json_extract(payload, '$.id'), kind) WHERE payload IS NOT NULL;
INSERT INTO m_events SELECT iif(i % 2, 'login', 'touched'), iif(i % 4, json_object('id', i), NULL), datetime(1700000000 + i * 3600, 'unixepoch'), x'00ff' FROM n;
INSERT INTO m_events SELECT * FROM m_events WHERE rowid < 4;

CREATE TABLE m_audit (at TEXT, what TEXT, old_value, new_value, "by" INTEGER);
CREATE VIEW m_recent AS SELECT a.what, a.at, u.email FROM m_audit AS a LEFT JOIN m_users AS u ON u.id = a."by" WHERE a.at > '2025';
CREATE TRIGGER m_recent_insert INSTEAD OF INSERT ON m_recent BEGIN INSERT INTO m_audit (at, what) VALUES (new.at, new.what); END;
INSERT INTO m_audit SELECT date('2025-01-01', i || ' days'), 'changed', i, 'v' || i, i * 3 FROM n;

CREATE TABLE "m Dokumente ä" (
  /* a comment; with ) and ' in it */
  "Nr." INTEGER PRIMARY KEY, -- Nummer, "laufend"
  "Größe" REAL NOT NULL DEFAULT 1e-3,
  "it's" TEXT DEFAULT 'it''s "x"',
  "say ""hi""" TEXT CHECK ("say ""hi""" <> ');'),
  body TEXT NOT NULL DEFAULT '-- no comment'
);
CREATE INDEX "m Dokumente ä ""it's""" ON "m Dokumente ä" ("it's", "say ""hi""");
INSERT INTO "m Dokumente ä" SELECT i, i * 0.1, 'it''s ' || i, iif(i % 2, 'hi ' || i, NULL), 'Body; ' || i FROM n;

CREATE TABLE m_prices (sku TEXT NOT NULL, currency CHAR(3) NOT NULL DEFAULT 'EUR', valid_from DATE NOT NULL, valid_to DATE, amount NUMERIC NOT NULL,
  UNIQUE (sku, currency, valid_from) ON CONFLICT REPLACE, CHECK (valid_to IS NULL OR valid_to > valid_from), CONSTRAINT positive CHECK (amount > 0));
INSERT INTO m_prices SELECT 'sku ' || i, iif(i % 6, 'EUR', 'USD'), date('2024-01-01', i || ' days'), iif(i % 2, date('2025-01-01', i || ' days'), NULL), i * 9.99 FROM n;

CREATE TABLE "m group" ("select" INTEGER PRIMARY KEY, "from" TEXT, `order` TEXT NOT NULL DEFAULT 'asc', [index] INTEGER, "values" INTEGER DEFAULT (1 + 1), "constraint" TEXT);
CREATE UNIQUE INDEX `m table` ON "m group" ("from", `order`);
INSERT INTO "m group" SELECT i, 'from ' || i, iif(i % 5, 'asc', 'desc'), i * 2, 2, NULL FROM n;

CREATE TABLE m_legacy (rowid TEXT, id INT PRIMARY KEY, code INTEGER NOT NULL UNIQUE, note);
INSERT INTO m_legacy SELECT 'r' || i, i * 5, i * 11, iif(i % 2, i, 'n' || i) FROM n;

CREATE TABLE m_cache (bucket ANY NOT NULL, name TEXT NOT NULL COLLATE NOCASE, value ANY, hits INT NOT NULL DEFAULT 0, PRIMARY KEY (bucket, name)) STRICT, WITHOUT ROWID;
INSERT INTO m_cache SELECT iif(i % 2, i, 'b' || i), 'Name ' || i, iif(i % 3, '0' || i, i), iif(i % 6, 0, i) FROM n;

CREATE TABLE m_stats (day TEXT NOT NULL, host TEXT NOT NULL, hits INTEGER NOT NULL DEFAULT 0, bytes BIGINT NOT NULL DEFAULT 9007199254740993, ratio DOUBLE PRECISION AS (bytes * 1.0 / max(hits, 1)),
  key TEXT NOT NULL GENERATED ALWAYS AS (day || '/' || host) STORED UNIQUE, id INTEGER PRIMARY KEY DESC);
CREATE INDEX m_stats_ratio ON m_stats (ratio DESC) WHERE hits > 0;
INSERT INTO m_stats (day, host, hits, bytes, id) SELECT date('2025-05-01', i || ' days'), 'h' || i % 3, i % 4, 9007199254740993 + i, i FROM n;

CREATE TABLE m_files (
  hash BLOB PRIMARY KEY CHECK (typeof(hash) = 'blob'),
  document INTEGER NOT NULL DEFAULT 1 REFERENCES "m Dokumente ä" ("Nr.") ON DELETE SET DEFAULT,
  name TEXT COLLATE RTRIM,
  size INTEGER
);
CREATE TRIGGER "m files gone" BEFORE DELETE ON m_files BEGIN SELECT CASE WHEN old.size > 100 THEN RAISE(ABORT, 'too large; keep') END; END;
CREATE VIEW m_sizes AS SELECT d."Nr.", sum(f.size) AS size FROM "m Dokumente ä" d JOIN m_files f ON f.document = d."Nr." GROUP BY 1;
INSERT INTO m_files SELECT CAST(printf('%040d', i) AS BLOB), i, 'file ' || i || '  ', i * 40 FROM n;

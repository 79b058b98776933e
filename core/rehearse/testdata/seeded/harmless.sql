-- Each case is a migration of the schema in app.sql that does what it should: no warning, and
-- no problem on made rows.

-- # a column renamed by ALTER TABLE
ALTER TABLE orders RENAME COLUMN note TO remark;
ALTER TABLE products RENAME TO articles;

-- # Prisma: a column renamed by a rebuild
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_products" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "sku" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "price_cents" INTEGER NOT NULL CHECK ("price_cents" >= 0),
    "weight" REAL
);
INSERT INTO "new_products" ("id", "name", "price_cents", "sku", "weight") SELECT "id", "title", "price_cents", "sku", "weight" FROM "products";
DROP TABLE "products";
ALTER TABLE "new_products" RENAME TO "products";
CREATE UNIQUE INDEX "products_sku_key" ON "products"("sku");
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;

-- # the primary key renamed by a rebuild, with what refers to it
PRAGMA foreign_keys = OFF;
CREATE TABLE tags_new (tag_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE);
INSERT INTO tags_new SELECT id, name FROM tags;
DROP TABLE tags;
ALTER TABLE tags_new RENAME TO tags;
CREATE TABLE post_tags_new (
  post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
  tag_id INTEGER NOT NULL REFERENCES tags (tag_id) ON DELETE CASCADE,
  PRIMARY KEY (post_id, tag_id)
);
INSERT INTO post_tags_new SELECT * FROM post_tags;
DROP TABLE post_tags;
ALTER TABLE post_tags_new RENAME TO post_tags;

-- # Rails: a column added, and filled by an expression
CREATE TEMPORARY TABLE "aposts" ("id" integer NOT NULL PRIMARY KEY, "author_id" integer, "slug" varchar NOT NULL, "title" varchar NOT NULL, "body" text NOT NULL, "published_at" varchar, "views" integer, "summary" varchar);
INSERT INTO "aposts" ("id","author_id","slug","title","body","published_at","views","summary") SELECT "id","author_id","slug","title","body","published_at","views",substr("body", 1, 20) FROM "posts";
DROP TABLE "posts";
CREATE TABLE "posts" ("id" INTEGER PRIMARY KEY, "author_id" integer REFERENCES "users" ("id") ON DELETE SET NULL, "slug" text NOT NULL UNIQUE, "title" text NOT NULL, "body" text NOT NULL, "published_at" text, "views" integer DEFAULT 0 NOT NULL, "summary" text DEFAULT '' NOT NULL);
INSERT INTO "posts" ("id","author_id","slug","title","body","published_at","views","summary") SELECT "id","author_id","slug","title","body","published_at","views","summary" FROM "aposts";
DROP TABLE "aposts";

-- # an empty column added and dropped
ALTER TABLE users ADD COLUMN fax TEXT;
-- next migration
ALTER TABLE users DROP COLUMN fax;

-- # drizzle: comments and quotes changed, names of constraints added
PRAGMA foreign_keys=OFF;
--> statement-breakpoint
CREATE TABLE `__new_sessions` (
	`token` text PRIMARY KEY NOT NULL, -- random
	`user_id` integer NOT NULL,
	`ip` text, /* of the first request */
	`agent` text NOT NULL,
	`expires_at` integer NOT NULL,
	CONSTRAINT `sessions_user_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
INSERT INTO `__new_sessions`("token", "user_id", "ip", "agent", "expires_at") SELECT "token", "user_id", "ip", "agent", "expires_at" FROM `sessions`;
--> statement-breakpoint
DROP TABLE `sessions`;
--> statement-breakpoint
ALTER TABLE `__new_sessions` RENAME TO `sessions`;
--> statement-breakpoint
PRAGMA foreign_keys=ON;

-- # STRICT added where the values fit
CREATE TABLE tags_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE) STRICT;
INSERT INTO tags_new SELECT * FROM tags;
DROP TABLE tags;
ALTER TABLE tags_new RENAME TO tags;

-- # WITHOUT ROWID kept, and a column added in the middle
CREATE TABLE order_items_new (
  order_id INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  product_id INTEGER NOT NULL REFERENCES products (id),
  discount_cents INTEGER NOT NULL DEFAULT 0,
  quantity INTEGER NOT NULL DEFAULT 1,
  unit_cents INTEGER NOT NULL,
  PRIMARY KEY (order_id, position)
) WITHOUT ROWID;
INSERT INTO order_items_new (order_id, position, product_id, quantity, unit_cents) SELECT order_id, position, product_id, quantity, unit_cents FROM order_items;
DROP TABLE order_items;
ALTER TABLE order_items_new RENAME TO order_items;

-- # WITHOUT ROWID added
CREATE TABLE post_tags_new (
  post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
  tag_id INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
  PRIMARY KEY (post_id, tag_id)
) WITHOUT ROWID;
INSERT INTO post_tags_new SELECT * FROM post_tags;
DROP TABLE post_tags;
ALTER TABLE post_tags_new RENAME TO post_tags;

-- # generated columns, kept by a rebuild
ALTER TABLE products ADD COLUMN price AS (price_cents / 100.0);
-- next migration
CREATE TABLE products_new (
  id INTEGER PRIMARY KEY,
  sku TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  price_cents INTEGER NOT NULL CHECK (price_cents >= 0),
  weight REAL,
  price REAL AS (price_cents / 100.0) STORED
);
INSERT INTO products_new (id, sku, title, price_cents, weight) SELECT id, sku, title, price_cents, weight FROM products;
DROP TABLE products;
ALTER TABLE products_new RENAME TO products;

-- # Alembic batch: self references, in another order of columns with lists, types of the same affinity
CREATE TABLE _alembic_tmp_users (
	id INTEGER NOT NULL, 
	email VARCHAR(255) COLLATE NOCASE NOT NULL, 
	account_id BIGINT NOT NULL, 
	invited_by BIGINT, 
	last_name VARCHAR(80) NOT NULL, 
	first_name VARCHAR(80) NOT NULL, 
	phone VARCHAR(30), 
	zip VARCHAR(10) DEFAULT '' NOT NULL, 
	is_admin SMALLINT DEFAULT '0' NOT NULL, 
	locale VARCHAR(5) DEFAULT 'en' NOT NULL, 
	profile CLOB DEFAULT '{}' NOT NULL, 
	created_at VARCHAR DEFAULT (CURRENT_TIMESTAMP) NOT NULL, 
	CONSTRAINT pk_users PRIMARY KEY (id), 
	CONSTRAINT uq_users_email UNIQUE (email), 
	CONSTRAINT ck_users_is_admin CHECK (is_admin IN (0, 1)), 
	CONSTRAINT ck_users_profile CHECK (json_valid(profile)), 
	CONSTRAINT fk_users_account FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE, 
	CONSTRAINT fk_users_inviter FOREIGN KEY(invited_by) REFERENCES _alembic_tmp_users (id) ON DELETE SET NULL
);
INSERT INTO _alembic_tmp_users (id, account_id, email, first_name, last_name, phone, zip, is_admin, locale, profile, invited_by, created_at) SELECT users.id, users.account_id, users.email, users.first_name, users.last_name, users.phone, users.zip, users.is_admin, users.locale, users.profile, users.invited_by, users.created_at 
FROM users;
DROP TABLE users;
ALTER TABLE _alembic_tmp_users RENAME TO users;
CREATE INDEX ix_users_account_id ON users (account_id);
CREATE UNIQUE INDEX users_phone ON users (phone);
CREATE TRIGGER users_touch AFTER UPDATE OF email ON users BEGIN
  UPDATE accounts SET updated_at = '2026-01-01 00:00:00' WHERE id = new.account_id;
END;

-- # UPDATEs that normalise case and blanks
UPDATE tags SET name = lower(trim(name)) WHERE lower(trim(name)) NOT IN (SELECT name FROM tags);
UPDATE products SET title = upper(trim(title));
UPDATE posts SET title = trim(title);

-- # UPDATEs of single rows
UPDATE settings SET value = 'USD' WHERE key = 'currency';
UPDATE products SET price_cents = 1499 WHERE id = 3;
UPDATE users SET is_admin = 1 WHERE email = 'ada@example.com';

-- # an UPDATE of the rows of one status
UPDATE orders SET status = 'closed' WHERE status = 'shipped';

-- # NULLs filled in
UPDATE users SET phone = '+00 ' || id WHERE phone IS NULL;
UPDATE products SET weight = 0 WHERE weight IS NULL;

-- # rows put back from a temporary table
PRAGMA foreign_keys = OFF;
CREATE TEMP TABLE kept AS SELECT * FROM posts;
DELETE FROM posts;
INSERT INTO posts SELECT * FROM kept ORDER BY id DESC;
DROP TABLE kept;

-- # REPLACE in place
REPLACE INTO settings (key, value, updated_at) SELECT key, value, '2026-01-01' FROM settings WHERE key = 'title';
REPLACE INTO settings (key, value) VALUES ('version', '2');

-- # INSERT ON CONFLICT DO UPDATE
INSERT INTO settings (key, value) VALUES ('title', 'The Shop'), ('theme', 'dark') ON CONFLICT (key) DO UPDATE SET value = excluded.value;

-- # an index under another name, and one that has more
DROP INDEX users_account;
CREATE INDEX users_by_account ON users (account_id);
DROP INDEX orders_open;
CREATE INDEX orders_open ON orders (placed_at, user_id) WHERE status = 'open';

-- # Django: a CHECK widened
PRAGMA legacy_alter_table = ON;
CREATE TABLE "new__accounts" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "name" text NOT NULL COLLATE NOCASE, "plan" text DEFAULT 'free' NOT NULL CHECK ("plan" IN ('free', 'pro', 'team', 'enterprise')), "seats" integer DEFAULT 1 NOT NULL CHECK ("seats" >= 1), "created_at" text DEFAULT CURRENT_TIMESTAMP NOT NULL, "updated_at" text DEFAULT CURRENT_TIMESTAMP NOT NULL);
INSERT INTO "new__accounts" ("id", "name", "plan", "seats", "created_at", "updated_at") SELECT "id", "name", "plan", "seats", "created_at", "updated_at" FROM "accounts";
DROP TABLE "accounts";
ALTER TABLE "new__accounts" RENAME TO "accounts";
PRAGMA legacy_alter_table = OFF;

-- # DEFAULT added, and another DEFAULT
CREATE TABLE orders_new (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  status TEXT NOT NULL DEFAULT 'new',
  total_cents INTEGER NOT NULL DEFAULT 0,
  note TEXT DEFAULT '',
  placed_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
INSERT INTO orders_new SELECT * FROM orders;
DROP TABLE orders;
ALTER TABLE orders_new RENAME TO orders;
CREATE INDEX orders_user ON orders (user_id);
CREATE INDEX orders_open ON orders (placed_at) WHERE status = 'open';

-- # NOT NULL added where no row is NULL any more
UPDATE products SET weight = coalesce(weight, 0);
-- next migration
CREATE TABLE products_new (
  id INTEGER PRIMARY KEY,
  sku TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  price_cents INTEGER NOT NULL CHECK (price_cents >= 0),
  weight REAL NOT NULL DEFAULT 0
);
INSERT INTO products_new SELECT id, sku, title, price_cents, coalesce(weight, 0) FROM products;
DROP TABLE products;
ALTER TABLE products_new RENAME TO products;

-- # without a key, rebuilt with one and with an index
PRAGMA legacy_alter_table = ON;
CREATE TABLE events_new (id INTEGER PRIMARY KEY, user_id INTEGER, kind TEXT NOT NULL, payload TEXT, happened_at TEXT NOT NULL);
INSERT INTO events_new (user_id, kind, payload, happened_at) SELECT user_id, kind, payload, happened_at FROM events ORDER BY happened_at;
DROP TABLE events;
ALTER TABLE events_new RENAME TO events;
PRAGMA legacy_alter_table = OFF;
CREATE INDEX events_user ON events (user_id, happened_at);

-- # a rebuild, and rows that are new
CREATE TABLE settings_new (key TEXT PRIMARY KEY, value TEXT NOT NULL, updated_at TEXT, scope TEXT NOT NULL DEFAULT 'app');
INSERT INTO settings_new (key, value, updated_at) SELECT key, value, updated_at FROM settings;
INSERT INTO settings_new (key, value) VALUES ('locale', 'en'), ('zone', 'UTC');
DROP TABLE settings;
ALTER TABLE settings_new RENAME TO settings;

-- # a column of each row moved to a table of its own, and kept
CREATE TABLE user_phones (user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE, phone TEXT NOT NULL);
INSERT INTO user_phones SELECT id, phone FROM users WHERE phone IS NOT NULL;

-- # two names made of one column, and back
ALTER TABLE users ADD COLUMN full_name TEXT;
UPDATE users SET full_name = first_name || ' ' || last_name;
CREATE INDEX users_full_name ON users (full_name COLLATE NOCASE);

-- # counters computed again
UPDATE posts SET views = (SELECT count(*) FROM post_tags WHERE post_id = posts.id) WHERE id = (SELECT min(id) FROM posts);

-- # foreign keys added
CREATE TABLE posts_new (
  id INTEGER PRIMARY KEY,
  author_id INTEGER REFERENCES users (id) ON UPDATE CASCADE ON DELETE SET NULL,
  slug TEXT NOT NULL UNIQUE CHECK (slug IS NOT NULL),
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  published_at TEXT,
  views INTEGER NOT NULL DEFAULT 0,
  editor_id INTEGER REFERENCES users (id) ON DELETE SET NULL
);
INSERT INTO posts_new (id, author_id, slug, title, body, published_at, views) SELECT * FROM posts;
DROP TABLE posts;
ALTER TABLE posts_new RENAME TO posts;

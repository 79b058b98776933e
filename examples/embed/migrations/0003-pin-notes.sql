-- Some notes stay on top.
ALTER TABLE notes ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1));
UPDATE notes SET pinned = 1 WHERE id = 1;

ALTER TABLE people ADD COLUMN first TEXT NOT NULL DEFAULT '';
ALTER TABLE people ADD COLUMN last TEXT NOT NULL DEFAULT '';
UPDATE people
SET first = substr(full_name, 1, max(instr(full_name, ' ') - 1, 0)),
    last = substr(full_name, instr(full_name, ' ') + 1);

package core

import "fastmigrate/core/internal/file"

// Progress is how far a long operation is: the Migration, or "" outside of one; the Phase:
// migrate, run (a program), execute, copy, check, replace (of the content), tidy, and "" at
// the end of all; the Statement of so many Statements that runs, from 1; the Rows that the
// migration changed so far; Pages copied OfPages; the time Elapsed since the migration
// began, or else the operation; and the sizes of the database file (Bytes), its WAL and its
// Journal. What is not known, or does not apply, is 0.
type Progress = file.Progress

// Hold keeps the backups that are made with it from being removed by the Keep of
// another, until it is closed or its process ends, however that happens. The zero
// value is ready; it may be shared by calls that run concurrently, and must not be
// copied.
type Hold = file.Hold

// Trial says that what a call does is not for real. Migrations and their programs are
// kept off the databases for which others stand, its Originals. SkipPrograms skips .py and
// .sh migrations, which then count as applied. Sealed refuses each statement that would
// open a file beside the database. Place is where the files are that are worked on: see
// package rehearse.
type Trial = file.Trial

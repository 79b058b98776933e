// The tables that another migration tool keeps its versions in. They stay in a
// database that it migrated before, and are nothing that our migrations make: no
// drift, and no part of what is enrolled.

package core

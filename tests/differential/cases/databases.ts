/** SELECT, SWAPDB, FLUSHDB and FLUSHALL. */

import { group, script } from "../script.ts";

const badIndexes = [
  "-1",
  "16",
  "abc",
  "''",
  "1.5",
  "99999999999999999999",
  "+1",
];

export default group("databases", [
  script("SELECT changes the database of one client only", (t) => {
    const other = t.client("other");
    t.all("SET k zero", "SELECT 1", "GET k", "SET k one", "GET k");
    other.all("GET k", "SELECT 1", "GET k", "SELECT 15", "GET k", "DBSIZE");
    t.all("GET k", "SELECT 0", "GET k", "SELECT 00", "SELECT 01", "GET k");
  }),

  script("SELECT refuses databases that do not exist", (t) => {
    t.run("SELECT 3");
    for (const index of badIndexes) t.run(`SELECT ${index}`);
    t.all("SET k v", "SELECT 3", "GET k", "SELECT", "SELECT 1 2");
  }),

  script("SWAPDB exchanges two databases under every client", (t) => {
    const other = t.client("other");
    other.run("SELECT 1");
    t.all("SET k zero", "SELECT 1", "SET k one", "SET e v EXAT 4102444800");
    t.all("SELECT 0", "SWAPDB 0 1", "GET k", "EXPIRETIME e", "DBSIZE");
    other.all("GET k", "DBSIZE", "SWAPDB 1 0", "GET k");
    t.all("GET k", "SWAPDB 0 0", "GET k", "SWAPDB 7 8");
  }),

  script("SWAPDB refuses databases that do not exist", (t) => {
    for (const index of badIndexes) {
      t.all(`SWAPDB ${index} 0`, `SWAPDB 0 ${index}`);
    }
    t.all("SWAPDB", "SWAPDB 0", "SWAPDB 0 1 2");
  }),

  script("FLUSHDB empties one database", (t) => {
    for (const mode of ["", "ASYNC", "SYNC", "async", "Sync"]) {
      t.all("SELECT 0", "MSET a 1 b 2", "SELECT 1", "SET c 3");
      t.all(`FLUSHDB ${mode}`, "DBSIZE", "SELECT 0", "DBSIZE", "GET a");
    }
    t.all("FLUSHDB WAT", "FLUSHDB SYNC ASYNC", "FLUSHDB ''", "DBSIZE");
  }),

  script("FLUSHALL empties every database", (t) => {
    for (const mode of ["", "ASYNC", "SYNC", "async", "Sync"]) {
      t.all("SELECT 0", "MSET a 1 b 2", "SELECT 9", "SET c 3 EX 100");
      t.all(`FLUSHALL ${mode}`, "DBSIZE", "SELECT 0", "DBSIZE", "GET a");
    }
    t.all("SET a 1", "FLUSHALL WAT", "FLUSHALL SYNC ASYNC", "DBSIZE");
  }),
]);

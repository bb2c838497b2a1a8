/** SCAN: whole iterations, since cursors are each server's own affair. */

import { group, script } from "../script.ts";

function fill(
  run: (line: string) => void,
  count: number,
  prefix = "key",
): void {
  const pairs = Array.from({ length: count }, (_, n) => `${prefix}:${n} ${n}`);
  run(`MSET ${pairs.join(" ")}`);
}

export default group("scan", [
  script("SCAN of an empty and of a small database", (t) => {
    t.all("SCAN 0", "SCAN 0 COUNT 100", "SET k v", "SCAN 0");
    t.scan("COUNT 1");
    t.scan();
    t.scan("MATCH none*");
  }),

  script("SCAN returns every key of a large database", (t) => {
    fill((line) => t.run(line), 1000);
    for (const count of ["1", "7", "10", "100", "5000"]) {
      t.scan(`COUNT ${count}`);
    }
    t.scan();
    t.scan("MATCH key:1*");
    t.scan("MATCH key:1* COUNT 50");
    t.scan("COUNT 50 MATCH *9");
    t.scan("match *5? count 300");
    t.scan("MATCH key:77");
    t.scan("MATCH nothing COUNT 1000");
  }),

  script("SCAN filters by type", (t) => {
    fill((line) => t.run(line), 50);
    t.scan("TYPE string");
    t.scan("TYPE STRING COUNT 3");
    t.scan("TYPE list");
    t.scan("TYPE hash MATCH key:*");
    t.scan("TYPE string MATCH key:2* COUNT 7");
  }),

  script("SCAN does not return expired or deleted keys", (t) => {
    fill((line) => t.run(line), 30);
    t.all("SET key:3 v PXAT 1", "PEXPIREAT key:4 1", "DEL key:5");
    t.scan();
    t.run("DBSIZE");
  }),

  script("SCAN stays in its database", (t) => {
    fill((line) => t.run(line), 20, "zero");
    t.run("SELECT 3");
    fill((line) => t.run(line), 20, "three");
    t.scan();
    t.scan("MATCH zero*");
    t.run("SELECT 0");
    t.scan();
  }),

  script("SCAN accepts a cursor that nobody gave out", (t) => {
    t.all("SCAN 12345", "SCAN 18446744073709551615", "SCAN 1 COUNT 10");
  }),

  script("SCAN refuses bad cursors and options", (t) => {
    for (
      const cursor of [
        "abc",
        "''",
        "-1",
        "1.5",
        "' 1'",
        "'1 '",
        "+1",
        "0x1",
        "18446744073709551616",
        "99999999999999999999999",
      ]
    ) {
      t.sameShape(`SCAN ${cursor}`);
    }
    for (
      const cursor of ["abc", "1.5", "'1 '", "0x1", "99999999999999999999"]
    ) {
      t.run(`SCAN ${cursor}`);
    }
    t.all("SCAN", "SCAN 0 COUNT", "SCAN 0 MATCH", "SCAN 0 WAT", "SCAN 0 TYPE");
    for (
      const count of ["0", "-1", "abc", "''", "1.5", "99999999999999999999"]
    ) {
      t.run(`SCAN 0 COUNT ${count}`);
    }
    t.all("SCAN 0 COUNT 10 WAT 1", "SCAN abc COUNT 0", "SCAN 0 MATCH * COUNT");
  }),
]);

/** GETRANGE, SUBSTR, SETRANGE and APPEND: parts of strings, and their limits. */

import { group, script } from "../script.ts";

const offsets = [
  "0",
  "1",
  "4",
  "5",
  "6",
  "100",
  "-1",
  "-2",
  "-5",
  "-6",
  "-100",
  "9223372036854775807",
  "-9223372036854775808",
];

const notOffsets = ["abc", "''", "1.5", "9223372036854775808", "' 1'", "+1"];

export default group("string_range", [
  script("GETRANGE on missing and short strings", (t) => {
    t.all("GETRANGE k 0 -1", "SET k ''", "GETRANGE k 0 -1", "SET k x");
    t.all("GETRANGE k 0 -1", "GETRANGE k 0 0", "GETRANGE k 1 1");
    t.all("GETRANGE k -1 -1", "GETRANGE k -2 -2", "EXISTS missing");
  }),

  script("GETRANGE and SUBSTR with every pair of offsets", (t) => {
    t.all("SET k hello", "SET n -12345");
    for (const start of offsets) {
      for (const end of offsets) t.run(`GETRANGE k ${start} ${end}`);
      t.all(`SUBSTR k ${start} -1`, `SUBSTR k 0 ${start}`);
      t.all(`GETRANGE n ${start} -1`, `GETRANGE n 0 ${start}`);
    }
  }),

  script("GETRANGE refuses offsets that are no integer", (t) => {
    t.run("SET k hello");
    for (const offset of notOffsets) {
      t.all(`GETRANGE k ${offset} 1`, `GETRANGE k 1 ${offset}`);
      t.all(`SUBSTR none ${offset} 1`, `GETRANGE none 1 ${offset}`);
    }
    t.all("GETRANGE", "GETRANGE k", "GETRANGE k 1", "GETRANGE k 1 2 3");
    t.all("SUBSTR", "SUBSTR k", "SUBSTR k 1", "SUBSTR k 1 2 3");
  }),

  script("GETRANGE on a long binary string", (t) => {
    const every = Array.from({ length: 256 }, (_, byte) => byte);
    t.run("SET k", String.fromCharCode(...every).repeat(4));
    t.all("GETRANGE k 0 300", "GETRANGE k -300 -1", "GETRANGE k 255 256");
  }),

  script("SETRANGE overwrites, pads with zeros and grows", (t) => {
    t.all("SETRANGE k 0 hello", "GET k", "SETRANGE k 2 XY", "GET k");
    t.all("SETRANGE k 5 !", "GET k", "SETRANGE k 10 end", "GET k");
    t.all("SETRANGE new 3 x", "GET new", "STRLEN new", "OBJECT ENCODING new");
    t.all("SET n 12345", "SETRANGE n 1 99", "GET n", "OBJECT ENCODING n");
    t.all("SET n 12345", "SETRANGE n 0 ''", "OBJECT ENCODING n", "GET n");
    t.all("SET e v", "SETRANGE e 0 w", "OBJECT ENCODING e", "GET e");
  }),

  script("SETRANGE with an empty value creates no key", (t) => {
    t.all("SETRANGE k 0 ''", "EXISTS k", "SETRANGE k 100 ''", "EXISTS k");
    t.all("SET k v EX 100", "SETRANGE k 5 ''", "GET k");
    t.approximate(2, "TTL k");
    t.run("SETRANGE k 5 x");
    t.approximate(2, "TTL k");
  }),

  script("SETRANGE keeps to the limits of offset and length", (t) => {
    for (
      const offset of [
        "-1",
        "-9223372036854775808",
        "536870911",
        "536870912",
        "536870913",
        "9223372036854775807",
        "4294967296",
      ]
    ) {
      t.all(`SETRANGE k${offset} ${offset} xx`, `EXISTS k${offset}`);
      t.all(`SETRANGE k${offset} ${offset} ''`, `EXISTS k${offset}`);
    }
    t.run("SET k v");
    for (const offset of ["-1", "536870912", ...notOffsets]) {
      t.all(`SETRANGE k ${offset} x`, `SETRANGE k ${offset} ''`);
    }
    t.all("SETRANGE", "SETRANGE k", "SETRANGE k 1", "SETRANGE k 1 2 3");
    t.all("GET k", "DBSIZE");
  }),

  script("APPEND grows a value and replies with its length", (t) => {
    t.all("APPEND k hello", "APPEND k ' world'", "GET k", "APPEND k ''");
    t.all("APPEND new ''", "EXISTS new", "GET new", "OBJECT ENCODING new");
    t.all("SET n 12", "APPEND n 34", "GET n", "OBJECT ENCODING n");
    t.all("SET n 12", "APPEND n ''", "OBJECT ENCODING n", "INCR n");
    t.run("APPEND b", "\x00\xff\r\n");
    t.all("GET b", "APPEND", "APPEND k", "APPEND k a b");
  }),

  script("APPEND changes the encoding as the real server does", (t) => {
    t.all("APPEND a short", "OBJECT ENCODING a", "APPEND a x");
    t.all("OBJECT ENCODING a", "APPEND i 12", "OBJECT ENCODING i");
    t.run("APPEND long", "y".repeat(44));
    t.run("OBJECT ENCODING long");
    t.run("APPEND longer", "y".repeat(45));
    t.all("OBJECT ENCODING longer", "SET e v EX 100", "APPEND e w");
    t.approximate(2, "TTL e");
  }),

  script("APPEND grows a value past every small size", (t) => {
    let length = 0;
    for (const step of [1, 2, 5, 8, 15, 16, 17, 31, 64, 127, 1000, 5000]) {
      t.run("APPEND k", "z".repeat(step));
      length += step;
      t.all("STRLEN k", `GETRANGE k ${length - 3} ${length}`);
    }
  }),
]);

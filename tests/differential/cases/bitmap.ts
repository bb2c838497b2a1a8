/** SETBIT, GETBIT, BITCOUNT, BITPOS and BITOP. */

import { group, script } from "../script.ts";

const rangeEnds = [
  "0",
  "1",
  "2",
  "5",
  "7",
  "8",
  "100",
  "-1",
  "-2",
  "-6",
  "-99",
];
const notIntegers = ["abc", "''", "1.5", "9223372036854775808"];

const bitValues: [string, string][] = [
  ["empty", ""],
  ["zeros", "\x00\x00\x00"],
  ["ones", "\xff\xff\xff"],
  ["mixed", "\x00\xff\xf0"],
  ["late", "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"],
  ["text", "foobar"],
  ["long", "\x00".repeat(40) + "\xff".repeat(40)],
  ["longones", "\xff".repeat(70) + "\xfe"],
];

export default group("bitmap", [
  script("SETBIT sets and clears, and replies with the bit before", (t) => {
    t.all("SETBIT k 7 1", "GET k", "SETBIT k 7 1", "SETBIT k 7 0", "GET k");
    t.all("SETBIT k 0 1", "SETBIT k 100 1", "STRLEN k", "GET k");
    t.all("SETBIT z 30 0", "STRLEN z", "GET z", "OBJECT ENCODING z");
    t.all("SET n 12", "SETBIT n 3 0", "GET n", "OBJECT ENCODING n");
    t.all("SET e v EX 100", "SETBIT e 1 1");
    t.approximate(2, "TTL e");
  }),

  script("GETBIT reads inside and past the value", (t) => {
    t.run("SET k", "\x81\x01");
    for (const bit of [0, 1, 7, 8, 15, 16, 1000, 4294967295]) {
      t.all(`GETBIT k ${bit}`, `GETBIT none ${bit}`);
    }
    t.all("SET n 12", "GETBIT n 2", "GETBIT n 7", "GETBIT n 15");
  }),

  script("SETBIT and GETBIT refuse bad offsets and bits", (t) => {
    const offsets = [
      ...notIntegers,
      "-1",
      "4294967296",
      "4294967297",
      "9223372036854775807",
      "+1",
      "' 1'",
    ];
    for (const offset of offsets) {
      t.all(`SETBIT k ${offset} 1`, `GETBIT k ${offset}`);
    }
    for (const bit of ["2", "-1", "abc", "''", "01", "1.0", "10"]) {
      t.run(`SETBIT k 0 ${bit}`);
    }
    t.all("SETBIT k abc 2", "EXISTS k", "SETBIT", "SETBIT k", "SETBIT k 1");
    t.all("SETBIT k 1 1 1", "GETBIT", "GETBIT k", "GETBIT k 1 1");
  }),

  script("BITCOUNT without and with a range of bytes", (t) => {
    for (const [key, value] of bitValues) {
      t.run(`SET ${key}`, value);
      t.run(`BITCOUNT ${key}`);
      for (const start of rangeEnds) {
        for (const end of rangeEnds) {
          t.run(`BITCOUNT ${key} ${start} ${end}`);
        }
      }
    }
    t.all("BITCOUNT none", "BITCOUNT none 0 -1", "SET n 1234", "BITCOUNT n");
  }),

  script("BITCOUNT with a range of bits", (t) => {
    for (const [key, value] of bitValues) {
      t.run(`SET ${key}`, value);
      for (const start of rangeEnds) {
        for (const end of rangeEnds) {
          t.run(`BITCOUNT ${key} ${start} ${end} BIT`);
        }
      }
      t.all(`BITCOUNT ${key} 3 13 bit`, `BITCOUNT ${key} 1 1 byte`);
    }
  }),

  script("BITCOUNT refuses what it does not know", (t) => {
    t.run("SET k foobar");
    for (const value of notIntegers) {
      t.all(`BITCOUNT k ${value} 1`, `BITCOUNT k 1 ${value}`);
    }
    t.all("BITCOUNT", "BITCOUNT k 1", "BITCOUNT k 1 2 WAT");
    t.all("BITCOUNT k 1 2 BIT 3", "BITCOUNT k 1 2 BYTE BIT", "BITCOUNT k BIT");
  }),

  script("BITPOS in all its forms", (t) => {
    for (const [key, value] of bitValues) {
      t.run(`SET ${key}`, value);
      for (const bit of ["0", "1"]) {
        t.run(`BITPOS ${key} ${bit}`);
        for (const start of rangeEnds) {
          t.run(`BITPOS ${key} ${bit} ${start}`);
          for (const end of rangeEnds) {
            t.run(`BITPOS ${key} ${bit} ${start} ${end}`);
            t.run(`BITPOS ${key} ${bit} ${start} ${end} BIT`);
          }
        }
        t.run(`BITPOS ${key} ${bit} 0 -1 BYTE`);
      }
    }
    t.all(
      "BITPOS none 0",
      "BITPOS none 1",
      "BITPOS none 0 5",
      "BITPOS none 1 5",
    );
    t.all("BITPOS none 0 0 -1", "BITPOS none 1 0 -1 BIT", "SET n 12");
    t.all("BITPOS n 1", "BITPOS n 0");
  }),

  script("BITPOS refuses what it does not know", (t) => {
    t.run("SET k foobar");
    for (const value of notIntegers) {
      t.all(`BITPOS k ${value}`, `BITPOS k 1 ${value}`);
      t.run(`BITPOS k 1 0 ${value}`);
    }
    t.all("BITPOS", "BITPOS k", "BITPOS k 2", "BITPOS k -1", "BITPOS none 2");
    t.all("BITPOS k 1 0 1 WAT", "BITPOS k 1 0 1 BIT 2", "BITPOS k 1 BIT");
    t.all("BITPOS k 1 0 BIT", "BITPOS k 1 2 3 4");
  }),

  script("BITOP with one key, many keys and different lengths", (t) => {
    for (const [key, value] of bitValues) t.run(`SET ${key}`, value);
    const keys = bitValues.map(([key]) => key);
    for (const operation of ["AND", "OR", "XOR"]) {
      for (const first of [...keys, "none"]) {
        t.all(`BITOP ${operation} d ${first}`, "GET d");
        for (const second of keys) {
          t.all(`BITOP ${operation} d ${first} ${second}`, "GET d");
        }
      }
      t.all(`BITOP ${operation} d ${keys.join(" ")}`, "GET d");
      t.all(`BITOP ${operation} d text text long`, "GET d");
    }
    for (const key of keys) t.all(`BITOP NOT d ${key}`, "GET d");
  }),

  script("BITOP replaces its destination, or deletes it", (t) => {
    t.all("SET a abc EX 100", "SET d old EX 100", "BITOP NOT d a", "TTL d");
    t.all("BITOP AND d none", "EXISTS d", "BITOP OR d none none2", "DBSIZE");
    t.all("BITOP NOT a a", "GET a", "SET a abc", "BITOP XOR a a a", "GET a");
    t.all("SET n 123", "BITOP OR d n", "GET d", "OBJECT ENCODING d");
    t.all("bitop not d n", "GET d");
  }),

  script("BITOP refuses what it does not know", (t) => {
    t.all("BITOP", "BITOP AND", "BITOP AND d", "BITOP WAT d a", "BITOP NOT d");
    t.all("BITOP NOT d a b", "BITOP NAND d a b", "BITOP '' d a");
  }),

  script("BITOP on values longer than a machine word", (t) => {
    for (const length of [1, 7, 8, 9, 31, 32, 33, 127, 128, 129, 1000]) {
      t.run("SET a", "\xa5".repeat(length));
      t.run("SET b", "\x3c".repeat(length + 3));
      t.run("SET c", "\x0f".repeat(Math.max(1, length - 5)));
      for (const operation of ["AND", "OR", "XOR"]) {
        t.all(`BITOP ${operation} d a b c`, "GET d");
      }
      t.all("BITOP NOT d b", "GET d", "BITCOUNT d", "BITCOUNT a", "BITPOS d 0");
    }
  }),
]);

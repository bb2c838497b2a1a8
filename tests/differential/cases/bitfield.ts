/** BITFIELD and BITFIELD_RO: integers of any width inside a string. */

import { group, script } from "../script.ts";

const types = [
  "u1",
  "u2",
  "u3",
  "u7",
  "u8",
  "u9",
  "u16",
  "u31",
  "u32",
  "u33",
  "u63",
  "i1",
  "i2",
  "i5",
  "i8",
  "i13",
  "i16",
  "i32",
  "i33",
  "i63",
  "i64",
];

const badTypes = [
  "u0",
  "u64",
  "u65",
  "i0",
  "i65",
  "x8",
  "8",
  "u",
  "i",
  "''",
  "u-1",
  "u8.0",
  "U8",
  "I8",
  "u08",
];

const amounts = [
  "0",
  "1",
  "-1",
  "100",
  "-100",
  "255",
  "256",
  "4294967295",
  "9223372036854775807",
  "-9223372036854775808",
];

const offsets = ["0", "1", "7", "8", "13", "#0", "#1", "#3", "100"];

export default group("bitfield", [
  script("BITFIELD gets every type at every kind of offset", (t) => {
    t.run("SET k", "\x80\xff\x01\x7f\x55\xaa\x00\xfe\x81\x42\x99");
    for (const type of types) {
      for (const offset of offsets) {
        t.all(`BITFIELD k GET ${type} ${offset}`);
        t.all(`BITFIELD_RO k GET ${type} ${offset} GET u8 0`);
      }
    }
    t.all("BITFIELD none GET u8 0 GET i64 #4", "EXISTS none");
  }),

  script("BITFIELD sets every type, replying with the value before", (t) => {
    for (const type of types) {
      for (const amount of amounts) {
        t.all(`BITFIELD k SET ${type} #1 ${amount} GET ${type} #1`);
      }
      t.all(`BITFIELD k SET ${type} 5 1`, "GET k");
    }
  }),

  script("BITFIELD increments with every overflow mode", (t) => {
    for (const type of types) {
      for (const mode of ["WRAP", "SAT", "FAIL"]) {
        t.run("SET k", "\x7f\xff\x80\x00\xff\x00\xff\x01\x02");
        for (const amount of amounts) {
          t.run(`BITFIELD k OVERFLOW ${mode} INCRBY ${type} 3 ${amount}`);
          t.run(`BITFIELD k OVERFLOW ${mode} SET ${type} 9 ${amount}`);
        }
        t.run("GET k");
      }
      t.all(`BITFIELD n INCRBY ${type} 0 1`, `BITFIELD n INCRBY ${type} 0 -3`);
    }
  }),

  script("BITFIELD runs several operations in order", (t) => {
    t.run("BITFIELD k SET u8 0 200 INCRBY u8 0 100 GET u8 0");
    t.run(
      "BITFIELD k OVERFLOW SAT INCRBY u8 0 255 OVERFLOW FAIL INCRBY u8 0 1 " +
        "OVERFLOW WRAP INCRBY u8 0 1 GET u8 0",
    );
    t.all("BITFIELD k OVERFLOW FAIL SET u4 0 16 SET u4 #1 3", "GET k");
    t.all("BITFIELD k", "BITFIELD none", "BITFIELD k OVERFLOW SAT");
    t.all("bitfield k get u8 0 overflow sat incrby u8 0 300 set i8 8 -1");
  }),

  script("BITFIELD grows the value only when it writes", (t) => {
    t.all("BITFIELD k GET u8 800", "EXISTS k", "BITFIELD k SET u8 800 0");
    t.all("STRLEN k", "OBJECT ENCODING k", "BITFIELD j INCRBY u1 0 0");
    t.all("STRLEN j", "BITFIELD f OVERFLOW FAIL INCRBY u2 0 9", "STRLEN f");
    t.all("SET n 123", "BITFIELD n GET u8 0", "OBJECT ENCODING n");
    t.all("BITFIELD n INCRBY u8 0 1", "GET n", "OBJECT ENCODING n");
    t.all("SET e v EX 100", "BITFIELD e SET u8 0 65");
    t.approximate(2, "TTL e");
  }),

  script("BITFIELD refuses bad types, offsets, amounts and modes", (t) => {
    t.run("SET k abc");
    for (const type of badTypes) {
      t.all(`BITFIELD k GET ${type} 0`, `BITFIELD k SET ${type} 0 1`);
    }
    for (
      const offset of [
        "-1",
        "#-1",
        "abc",
        "#",
        "''",
        "1.5",
        "#abc",
        "4294967295",
        "4294967296",
        "#536870912",
        "9223372036854775807",
        "#9223372036854775807",
      ]
    ) {
      t.all(`BITFIELD k GET u8 ${offset}`, `BITFIELD_RO k GET u8 ${offset}`);
    }
    for (const amount of ["abc", "''", "1.5", "9223372036854775808"]) {
      t.all(
        `BITFIELD k SET u8 0 ${amount}`,
        `BITFIELD k INCRBY u8 0 ${amount}`,
      );
    }
    t.all("BITFIELD k OVERFLOW", "BITFIELD k OVERFLOW WAT GET u8 0");
    t.all("BITFIELD k OVERFLOW sat GET u8 0", "GET k");
  }),

  script("BITFIELD refuses bad syntax and then writes nothing", (t) => {
    t.run("SET k abc");
    t.all("BITFIELD", "BITFIELD k WAT", "BITFIELD k GET", "BITFIELD k GET u8");
    t.all(
      "BITFIELD k SET u8 0",
      "BITFIELD k INCRBY u8 0",
      "BITFIELD k GET u8 0 WAT",
    );
    t.all(
      "BITFIELD k SET u8 0 1 GET x8 0",
      "BITFIELD k SET u8 0 1 WAT",
      "GET k",
    );
    t.all("BITFIELD_RO", "BITFIELD_RO k", "BITFIELD_RO k SET u8 0 1");
    t.all("BITFIELD_RO k INCRBY u8 0 1", "BITFIELD_RO k OVERFLOW SAT GET u8 0");
    t.all("BITFIELD_RO k GET u8 0 SET u8 0 1", "BITFIELD_RO none GET u8 0");
    t.all("GET k", "EXISTS none");
  }),
]);

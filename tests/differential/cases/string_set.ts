/** SET and the commands that store or fetch one whole string. */

import { group, script } from "../script.ts";

/** 2100-01-01, so that a recorded absolute time stays in the future. */
const farSeconds = "4102444800";
const farMs = "4102444800000";

const conditions = ["", "NX", "XX", "nx", "Xx"];
const expiries = [
  "",
  "EX 100",
  "PX 100000",
  `EXAT ${farSeconds}`,
  `PXAT ${farMs}`,
  "KEEPTTL",
];

export default group("string_set", [
  script("SET stores a value that GET replies with", (t) => {
    t.all("SET k hello", "GET k", "SET k ''", "GET k", "GET missing");
    t.run("SET k", "\x00\r\n\xff binary");
    t.run("GET k");
    t.run("SET", "\x00\xff", "value under a binary key");
    t.run("GET", "\x00\xff");
    t.run("SET", "", "value under the empty key");
    t.all("GET ''", "TYPE k", "EXISTS k k missing");
  }),

  script("SET with every combination of condition, GET and expiry", (t) => {
    for (const condition of conditions) {
      for (const get of ["", "GET"]) {
        for (const expiry of expiries) {
          t.run("DEL absent");
          // A time that was given absolutely is compared absolutely.
          const absolute = expiry.includes("AT");
          t.run(`SET present old ${absolute ? "EXAT 4102440000" : "EX 5000"}`);
          for (const key of ["absent", "present"]) {
            t.run(`SET ${key} new ${condition} ${get} ${expiry}`);
            t.run(`GET ${key}`);
            if (absolute) t.run(`PEXPIRETIME ${key}`);
            else t.approximate(2, `TTL ${key}`);
          }
        }
      }
    }
  }),

  script("SET takes its options in any order", (t) => {
    t.run("SET k v");
    t.all("SET k v1 GET XX EX 100", "SET k v2 EX 100 GET XX");
    t.all("SET k v3 XX GET PX 100000", "SET k v4 KEEPTTL GET XX", "GET k");
    t.all("SET k v5 NX GET", "SET k v6 GET NX", "GET k");
  }),

  script("SET refuses options that contradict each other", (t) => {
    const expiringOptions = expiries.filter((each) => each !== "");
    for (const first of expiringOptions) {
      for (const second of expiringOptions) {
        t.run(`SET k v ${first} ${second}`);
      }
    }
    t.all("SET k v NX XX", "SET k v XX NX", "SET k v NX NX", "SET k v XX XX");
    t.all("SET k v GET GET", "SET k v PERSIST", "SET k v PERSIST EX 10");
    t.all("EXISTS k", "GET k");
  }),

  script("SET refuses options that it does not know", (t) => {
    t.all("SET k v WAT", "SET k v EX", "SET k v PX", "SET k v EXAT");
    t.all("SET k v PXAT", "SET k v NX EX", "SET k v 10", "SET k v ''");
    t.all("SET k v EX 10 WAT", "SET k v GETT", "SET k v NXX");
    t.all("SET", "SET k", "EXISTS k");
  }),

  script("SET refuses expiries that are no positive integer", (t) => {
    const values = [
      "0",
      "-1",
      "-9223372036854775808",
      "abc",
      "1.5",
      "''",
      "' 10'",
      "'10 '",
      "+10",
      "010",
      "0x10",
      "1e3",
      "9223372036854775807",
      "9223372036854775808",
      "9223372036854775",
      "9223372036854776",
      "-9223372036854775809",
    ];
    for (const value of values) {
      for (const option of ["EX", "PX", "EXAT", "PXAT"]) {
        t.run(`SET k${option}${value} v ${option} ${value}`);
      }
    }
    t.unordered("KEYS *");
    // Errors of syntax come before errors of value, and those before the data.
    t.all("SET k v EX abc NX XX", "SET k v EX 0 GET WAT", "SET k v XX EX 0");
  }),

  script("SET with a time in the past leaves no key", (t) => {
    t.all("SET k v", "SET k v2 EXAT 1", "GET k", "EXISTS k", "DBSIZE");
    t.all("SET k v", "SET k v2 PXAT 1 GET", "GET k", "DBSIZE");
    t.all("SET k v NX EXAT 1", "EXISTS k", "SET k v NX", "GET k");
  }),

  script("SET replaces the expiry unless KEEPTTL is given", (t) => {
    t.all("SET k v EX 100", "SET k v2", "TTL k");
    t.all("SET k v EX 100", "SET k v2 KEEPTTL");
    t.approximate(2, "TTL k");
    t.all("SET k v3 GET", "TTL k", "SET other v KEEPTTL", "TTL other");
    t.all(`SET k v EXAT ${farSeconds}`, "EXPIRETIME k", "PEXPIRETIME k");
    t.all(`SET k v PXAT ${farMs}`, "EXPIRETIME k", "PEXPIRETIME k");
  }),

  script("SET GET replies with the value before", (t) => {
    t.all("SET k v GET", "SET k w GET", "SET k x NX GET", "GET k");
    t.all("SET other x XX GET", "EXISTS other", "SET k y XX GET", "GET k");
    t.all("SET n 12345 GET", "SET n 7 GET", "GET n");
  }),

  script("SET picks an encoding by the value", (t) => {
    const values = [
      "0",
      "-0",
      "1",
      "-1",
      "00",
      "01",
      "+1",
      "1.0",
      "9999",
      "10000",
      "9223372036854775807",
      "9223372036854775808",
      "-9223372036854775808",
      "-9223372036854775809",
      "18446744073709551615",
      "' 1'",
      "'1 '",
      "''",
      "-",
      "12345678901234567890",
      "1234567890123456789",
    ];
    for (const value of values) {
      t.all(`SET k ${value}`, "OBJECT ENCODING k", "GET k", "STRLEN k");
    }
    for (const length of [1, 19, 20, 21, 43, 44, 45, 46, 100, 5000]) {
      t.run("SET k", "x".repeat(length));
      t.all("OBJECT ENCODING k", "STRLEN k");
    }
  }),

  script("SETNX stores only when the key is missing", (t) => {
    t.all("SETNX k v", "GET k", "SETNX k w", "GET k", "TTL k");
    t.all("SET e v EXAT 1", "SETNX e again", "GET e");
    t.all("SETNX", "SETNX k", "SETNX k v extra");
  }),

  script("SETEX and PSETEX store with a time to live", (t) => {
    t.all("SETEX k 100 v", "GET k");
    t.approximate(2, "TTL k");
    t.all("PSETEX k 100000 w", "GET k");
    t.approximate(2000, "PTTL k");
    for (const command of ["SETEX", "PSETEX"]) {
      for (
        const time of [
          "0",
          "-1",
          "abc",
          "1.5",
          "''",
          "9223372036854775807",
          "9223372036854775",
          "9223372036854775808",
          "-9223372036854775808",
        ]
      ) {
        t.run(`${command} j ${time} v`);
      }
      t.all(`${command} j`, `${command} j 10`, `${command} j 10 v extra`);
    }
    t.all("EXISTS j", "GET k");
  }),

  script("GETSET replies with the old value and drops the expiry", (t) => {
    t.all("GETSET k a", "GETSET k b", "GET k", "SET k c EX 100", "GETSET k d");
    t.all("TTL k", "GETSET n 12", "GETSET n 13", "OBJECT ENCODING n");
    t.all("GETSET", "GETSET k", "GETSET k a b");
  }),

  script("GETDEL replies with the value and deletes the key", (t) => {
    t.all("GETDEL k", "SET k v", "GETDEL k", "EXISTS k", "GETDEL k");
    t.all("SET n 42", "GETDEL n", "DBSIZE", "GETDEL", "GETDEL a b");
  }),

  script("GETEX reads and changes the expiry", (t) => {
    t.all("GETEX k", "GETEX k EX 10", "GETEX k PERSIST", "EXISTS k");
    t.all("SET k v", "GETEX k", "TTL k", "GETEX k EX 100");
    t.approximate(2, "TTL k");
    t.all("GETEX k", "GETEX k PX 200000");
    t.approximate(2, "TTL k");
    t.all(`GETEX k EXAT ${farSeconds}`, "PEXPIRETIME k");
    t.all(`GETEX k PXAT ${farMs}`, "PEXPIRETIME k");
    t.all("GETEX k PERSIST", "TTL k", "GETEX k persist", "GETEX k ex 100");
    t.all("GETEX k EXAT 1", "EXISTS k", "SET k v", "GETEX k PXAT 1", "DBSIZE");
  }),

  script("GETEX refuses what it does not know", (t) => {
    t.run("SET k v");
    const options = ["EX 10", "PX 10", "EXAT 10", "PXAT 10", "PERSIST"];
    for (const first of options) {
      for (const second of options) t.run(`GETEX k ${first} ${second}`);
    }
    for (const option of ["EX", "PX", "EXAT", "PXAT"]) {
      t.run(`GETEX k ${option}`);
      for (const value of ["0", "-1", "abc", "''", "9223372036854775807"]) {
        t.all(`GETEX k ${option} ${value}`, `GETEX none ${option} ${value}`);
      }
    }
    t.all("GETEX k KEEPTTL", "GETEX k NX", "GETEX k GET", "GETEX k WAT");
    t.all("GETEX k PERSIST WAT", "GETEX", "EXISTS k", "PEXPIRETIME k");
  }),

  script("GET and STRLEN refuse a wrong number of arguments", (t) => {
    t.all("GET", "GET a b", "STRLEN", "STRLEN a b", "get", "Get a b");
    t.all("STRLEN missing", "SET n 1234", "STRLEN n", "SET n -12", "STRLEN n");
  }),
]);

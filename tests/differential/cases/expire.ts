/** EXPIRE and its family, TTL and its family, and PERSIST. */

import { group, script } from "../script.ts";

const conditions = ["", "NX", "XX", "GT", "LT", "nx", "gt"];
const setters = ["EXPIRE", "PEXPIRE", "EXPIREAT", "PEXPIREAT"];

/** Two times that lie far in the future for each of the commands. */
const soonAndLate: Record<string, [string, string]> = {
  EXPIRE: ["10000", "20000"],
  PEXPIRE: ["10000000", "20000000"],
  EXPIREAT: ["4102444800", "4102445800"],
  PEXPIREAT: ["4102444800000", "4102445800000"],
};

const badTimes = [
  "abc",
  "''",
  "1.5",
  "' 1'",
  "9223372036854775807",
  "9223372036854775808",
  "-9223372036854775808",
  "9223372036854775",
  "9223372036854776",
  "-9223372036854776",
];

export default group("expire", [
  script("EXPIRE and its family under every condition", (t) => {
    for (const setter of setters) {
      const [soon, late] = soonAndLate[setter];
      const show = (key: string) =>
        setter.endsWith("AT")
          ? t.run(`PEXPIRETIME ${key}`)
          : t.approximate(5000, `PTTL ${key}`);
      for (const condition of conditions) {
        t.all("SET persistent v", `${setter} persistent ${soon} ${condition}`);
        show("persistent");
        t.all("SET k v", `${setter} k ${soon}`);
        t.all(`${setter} k ${late} ${condition}`);
        show("k");
        t.all("SET k v", `${setter} k ${late}`);
        t.all(`${setter} k ${soon} ${condition}`);
        show("k");
        t.all(`${setter} missing ${soon} ${condition}`);
      }
    }
  }),

  script("EXPIREAT with equal times under GT and LT", (t) => {
    t.all("SET k v", "EXPIREAT k 4102444800", "EXPIREAT k 4102444800 GT");
    t.all("EXPIREAT k 4102444800 LT", "PEXPIREAT k 4102444800001 GT");
    t.all("PEXPIRETIME k", "PEXPIREAT k 4102444800000 LT", "PEXPIRETIME k");
  }),

  script("EXPIRE refuses conditions that contradict each other", (t) => {
    t.run("SET k v");
    const flags = ["NX", "XX", "GT", "LT"];
    for (const first of flags) {
      for (const second of flags) {
        t.all(`EXPIRE k 10000 ${first} ${second}`, "PERSIST k");
        t.run(`EXPIRE none 10000 ${first} ${second}`);
      }
    }
    t.all("EXPIRE k 100 WAT", "EXPIRE k 100 NX WAT", "EXPIRE k 100 ''");
    t.all("PEXPIRE k 100 AB", "EXPIREAT k 100 AB", "PEXPIREAT k 100 AB");
    t.all("EXPIRE k 10000 XX GT LT", "EXPIRE k 10000 NX XX GT LT", "TTL k");
  }),

  script("EXPIRE with a time in the past deletes the key", (t) => {
    const past: [string, string][] = [
      ["EXPIRE", "0"],
      ["EXPIRE", "-1"],
      ["EXPIRE", "-1000"],
      ["PEXPIRE", "0"],
      ["PEXPIRE", "-1"],
      ["EXPIREAT", "1"],
      ["EXPIREAT", "0"],
      ["EXPIREAT", "-1"],
      ["PEXPIREAT", "1"],
      ["PEXPIREAT", "-5"],
    ];
    for (const [setter, time] of past) {
      for (const condition of conditions) {
        t.all("SET k v EX 1000", `${setter} k ${time} ${condition}`);
        t.all("EXISTS k", "SET p v", `${setter} p ${time} ${condition}`);
        t.all("EXISTS p", "DEL k p");
      }
      t.run(`${setter} missing ${time}`);
    }
    t.run("DBSIZE");
  }),

  script("EXPIRE refuses times that are no integer or too large", (t) => {
    for (const setter of setters) {
      for (const time of badTimes) {
        t.all("SET k v", `${setter} k ${time}`, `${setter} missing ${time}`);
        t.all("EXISTS k");
      }
      t.all(setter, `${setter} k`, `${setter} k abc NX XX`);
    }
  }),

  script("TTL and its family on missing and persistent keys", (t) => {
    for (const getter of ["TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"]) {
      t.all("SET k v", `${getter} k`, `${getter} missing`, getter);
      t.all(`${getter} a b`);
    }
  }),

  script("EXPIRETIME and PEXPIRETIME reply with absolute times", (t) => {
    t.all("SET k v", "PEXPIREAT k 4102444800499", "EXPIRETIME k");
    t.all("PEXPIRETIME k", "PEXPIREAT k 4102444800500", "EXPIRETIME k");
    t.all("PEXPIREAT k 4102444800501", "EXPIRETIME k", "PEXPIRETIME k");
    t.all("EXPIREAT k 4102444801", "PEXPIRETIME k", "SET k v2", "EXPIRETIME k");
  }),

  script("TTL rounds to the nearest second", (t) => {
    t.all("SET k v PX 100400");
    t.approximate(1, "TTL k");
    t.all("SET k v PX 99900");
    t.approximate(1, "TTL k");
  }),

  script("PERSIST removes an expiry once", (t) => {
    t.all("PERSIST k", "SET k v", "PERSIST k", "EXPIRE k 1000", "PERSIST k");
    t.all("PERSIST k", "TTL k", "EXPIREAT k 4102444800", "RENAME k j");
    t.all("EXPIRETIME j", "PERSIST j", "TTL j", "PERSIST", "PERSIST a b");
  }),

  script("An expired key is gone for every reader", (t) => {
    t.all("SET a v", "PEXPIREAT a 1", "GET a", "EXISTS a", "TYPE a", "TTL a");
    t.all("SET b v PXAT 1", "MGET b", "STRLEN b", "RENAME b c", "DBSIZE");
    t.all("SET c v", "EXPIRE c -1", "KEYS *", "APPEND c new", "GET c");
  }),
]);

/** INCR and its family: integers, and INCRBYFLOAT's decimal numbers. */

import { group, script } from "../script.ts";

const notIntegers = [
  "abc",
  "1.5",
  "''",
  "' 1'",
  "'1 '",
  "+1",
  "01",
  "-0",
  "0x10",
  "1e3",
  "9223372036854775808",
  "-9223372036854775809",
  "99999999999999999999999999",
  "-",
  "'1\x00'",
];

const floatValues = [
  "0",
  "-0",
  "0.0",
  "1",
  "-1",
  "10",
  "100",
  "123456789",
  "0.1",
  "0.2",
  "0.3",
  "1.1",
  "1.5",
  "3.14159265358979",
  "3.141592653589793",
  "3.14159265358979323846",
  "2.718281828459045",
  "0.12345678901234567",
  "0.123456789012345678",
  "1.2345678901234567",
  "12345678.12345678",
  "1234567890.1234567",
  "12345678901234567",
  "1234567890123456789",
  "9007199254740991",
  "9007199254740992",
  "9007199254740993",
  "9223372036854775807",
  "18446744073709551615",
  "18446744073709551616",
  "0.00000000000000001",
  "0.000000000000000001",
  "0.000000000000000005",
  "0.99999999999999999",
  "0.999999999999999999",
  "1e0",
  "1e1",
  "1e5",
  "1.5e3",
  "1E3",
  "5e-1",
  "5.0e3",
  "1e-5",
  "1e-10",
  "1e-17",
  "1e-18",
  "1e-20",
  "1e15",
  "1e16",
  "1e17",
  "1e18",
  "1e19",
  "1e20",
  "1e21",
  "1e22",
  "1e25",
  "-1e-5",
  "-1.5e3",
  "+5",
  "+0.5",
  ".5",
  "5.",
  "-.5",
  "0x10",
  "0x1p4",
  "0xA.8p0",
  "00012.5",
  "100000000000000000000000000000000000",
  "0.1000000000000000055511151231257827",
];

const notFloats = [
  "abc",
  "''",
  "' 1'",
  "'1 '",
  "1.2.3",
  "1e",
  "1e+",
  "--1",
  "1,5",
  "nan",
  "NaN",
  "-nan",
  "1_000",
  "0x",
  "'1\x00'",
  ".",
  "e5",
];

export default group("string_number", [
  script("INCR and DECR count, from nothing when the key is missing", (t) => {
    t.all("INCR k", "INCR k", "GET k", "DECR k", "DECR k", "DECR k", "GET k");
    t.all("INCRBY k 100", "DECRBY k 1000", "OBJECT ENCODING k", "GET k");
    t.all("INCRBY new 0", "DECRBY new2 0", "GET new", "GET new2");
    t.all("INCRBY k -5", "DECRBY k -5", "INCRBY k -0");
  }),

  script("INCR keeps the expiry", (t) => {
    t.all("SET k 5 EXAT 4102444800", "INCR k", "INCRBYFLOAT k 1.5");
    t.all("EXPIRETIME k", "GET k");
  }),

  script("INCR stops at both ends of 64 bits", (t) => {
    t.all("SET k 9223372036854775806", "INCR k", "INCR k", "GET k");
    t.all("INCRBY k 1", "DECRBY k -1", "INCRBY k 0");
    t.all("SET k -9223372036854775807", "DECR k", "DECR k", "GET k");
    t.all("INCRBY k -1", "DECRBY k 1", "DECRBY k 0");
    t.all("SET k 0", "INCRBY k 9223372036854775807", "GET k");
    t.all("SET k 0", "INCRBY k -9223372036854775808", "GET k");
    t.all("SET k 0", "DECRBY k -9223372036854775808", "GET k");
    t.all("SET k 0", "DECRBY k 9223372036854775807", "GET k");
    t.all("SET k -2", "DECRBY k 9223372036854775807", "GET k");
    t.all("SET k 1", "INCRBY k 9223372036854775807", "GET k");
  }),

  script("INCRBY and DECRBY refuse increments that are no integer", (t) => {
    t.run("SET k 5");
    for (const value of notIntegers) {
      t.all(`INCRBY k ${value}`, `DECRBY k ${value}`);
    }
    t.all("GET k", "INCRBY", "INCRBY k", "INCRBY k 1 2", "INCR", "INCR a b");
    t.all("DECRBY", "DECRBY k", "DECRBY k 1 2", "DECR", "DECR a b");
  }),

  script("INCR refuses values that are no integer", (t) => {
    for (const value of notIntegers) {
      t.all(`SET k ${value}`, "INCR k", "DECR k", "INCRBY k 1", "DECRBY k 1");
      t.run("GET k");
    }
  }),

  script("INCR works on a value that APPEND or SETRANGE wrote", (t) => {
    t.all("APPEND k 1", "OBJECT ENCODING k", "INCR k", "OBJECT ENCODING k");
    t.all("SET k 100", "SETRANGE k 0 9", "INCR k", "GET k");
    t.all("SET k 12", "APPEND k 3", "INCRBY k 7", "GET k", "STRLEN k");
  }),

  script("INCRBYFLOAT formats every sum as the real server does", (t) => {
    for (const value of floatValues) {
      t.all("DEL k", `INCRBYFLOAT k ${value}`, "GET k", "STRLEN k");
      t.all(`SET k ${value}`, "INCRBYFLOAT k 0", "INCRBYFLOAT k 1", "GET k");
      t.all(`INCRBYFLOAT k -0.7`, "INCRBYFLOAT k 0.1", "OBJECT ENCODING k");
    }
  }),

  script("INCRBYFLOAT sums in the precision of the real server", (t) => {
    t.run("SET k 0");
    for (let turn = 0; turn < 25; turn++) t.run("INCRBYFLOAT k 0.1");
    t.all("SET k 10.5", "INCRBYFLOAT k 0.1", "INCRBYFLOAT k -5");
    t.all("SET k 5.0e3", "INCRBYFLOAT k 2.0e2");
    t.all("SET k 3.0", "INCRBYFLOAT k 1.1", "INCRBYFLOAT k -1.1");
    t.all("SET k 1", "INCRBYFLOAT k 1e-17", "INCRBYFLOAT k 1e-16");
    t.all("SET k 9007199254740993", "INCRBYFLOAT k 2", "INCRBYFLOAT k 0.5");
    t.all(
      "SET k 17179869184",
      "INCRBYFLOAT k 1.5",
      "INCRBYFLOAT k -17179869184",
    );
    t.all("SET k 1e20", "INCRBYFLOAT k -1e20", "INCRBYFLOAT k 0.5");
    t.all("SET k 0.1", "INCRBYFLOAT k 0.2", "INCRBYFLOAT k -0.3");
  }),

  script("INCRBYFLOAT refuses increments that are no number", (t) => {
    t.run("SET k 5");
    for (const value of notFloats) t.run(`INCRBYFLOAT k ${value}`);
    t.all("GET k", "INCRBYFLOAT", "INCRBYFLOAT k", "INCRBYFLOAT k 1 2");
  }),

  script("INCRBYFLOAT refuses values that are no number", (t) => {
    for (const value of notFloats) {
      t.all(`SET k ${value}`, "INCRBYFLOAT k 1", "GET k");
    }
  }),

  script("INCRBYFLOAT produces neither infinity nor NaN", (t) => {
    for (const value of ["inf", "+inf", "-inf", "Infinity", "1e5000"]) {
      t.all("SET k 5", `INCRBYFLOAT k ${value}`, "GET k");
      t.all(`SET k ${value}`, "INCRBYFLOAT k 1", `INCRBYFLOAT k -${value}`);
    }
  }),
]);

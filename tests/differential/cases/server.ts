/** COMMAND, CONFIG, DEBUG, MEMORY and what else tells about the server. */

import { group, script } from "../script.ts";

const helpGrew = "HELP texts list what 7.2 added";
const fewerWords = "7.2 looks up the command before it counts the words";
const noKeys = "-ERR The command has no key arguments\r\n";

export default group("server", [
  script("COMMAND GETKEYS finds the keys of a command", (t) => {
    t.all("COMMAND GETKEYS GET k", "COMMAND GETKEYS MSET a 1 b 2 c 3");
    t.all("COMMAND GETKEYS MGET a b c", "COMMAND GETKEYS SET k v EX 10");
    t.all("COMMAND GETKEYS BITOP AND d a b", "COMMAND GETKEYS COPY a b DB 3");
    t.all("COMMAND GETKEYS RENAME a b", "COMMAND GETKEYS DEL a b c");
    t.all("COMMAND GETKEYS OBJECT ENCODING k", "COMMAND GETKEYS LCS a b LEN");
    t.all("COMMAND GETKEYS MSETNX a 1 b 2", "COMMAND GETKEYS get k");
    t.all("COMMAND GETKEYS BITFIELD k GET u8 0", "COMMAND GETKEYS EXISTS a a");
    t.all("COMMAND GETKEYS MEMORY USAGE k", "COMMAND GETKEYS TOUCH a b");
  }),

  script("COMMAND GETKEYSANDFLAGS tells what is done with each key", (t) => {
    t.all("COMMAND GETKEYSANDFLAGS GET k", "COMMAND GETKEYSANDFLAGS SET k v");
    t.all(
      "COMMAND GETKEYSANDFLAGS SET k v GET",
      "COMMAND GETKEYSANDFLAGS DEL a b",
    );
    t.all(
      "COMMAND GETKEYSANDFLAGS RENAME a b",
      "COMMAND GETKEYSANDFLAGS COPY a b",
    );
    t.all(
      "COMMAND GETKEYSANDFLAGS BITOP OR d a b",
      "COMMAND GETKEYSANDFLAGS MSET a 1",
    );
    t.all("COMMAND GETKEYSANDFLAGS BITFIELD k GET u8 0");
    t.all("COMMAND GETKEYSANDFLAGS BITFIELD k SET u8 0 1");
    t.differs(fewerWords, noKeys, "COMMAND GETKEYSANDFLAGS PING");
    t.run("COMMAND GETKEYSANDFLAGS WAT k");
  }),

  script("COMMAND GETKEYS refuses what has no keys", (t) => {
    t.differs(fewerWords, noKeys, "COMMAND GETKEYS PING");
    t.differs(fewerWords, noKeys, "COMMAND GETKEYS DBSIZE");
    t.differs(
      fewerWords,
      "-ERR Invalid number of arguments specified for command\r\n",
      "COMMAND GETKEYS GET",
    );
    t.all("COMMAND GETKEYS WAT k", "COMMAND GETKEYS", "COMMAND GETKEYS MSET a");
    t.all("COMMAND GETKEYS SET k", "COMMAND GETKEYS OBJECT WAT k");
    t.all("COMMAND GETKEYS PING x", "COMMAND GETKEYS DBSIZE x");
  }),

  script("COMMAND refuses what it does not know", (t) => {
    t.all("COMMAND WAT", "COMMAND COUNT x", "COMMAND LIST WAT", "COMMAND ''");
    t.all("COMMAND LIST FILTERBY", "COMMAND LIST FILTERBY WAT x");
    t.all(
      "COMMAND LIST FILTERBY ACLCAT",
      "COMMAND LIST FILTERBY PATTERN no*such",
    );
    t.unordered("COMMAND LIST FILTERBY PATTERN bitf*");
    t.unordered("COMMAND LIST FILTERBY PATTERN get*");
    t.all("COMMAND INFO wat", "COMMAND INFO wat nope", "COMMAND DOCS wat");
    t.ignore("HELP is in our own words", "COMMAND HELP");
    t.ignore("Keysaur counts its own commands", "COMMAND COUNT");
  }),

  script("CONFIG GET and SET of plain settings", (t) => {
    t.all("CONFIG GET maxmemory-policy", "CONFIG GET nothing-like-this");
    t.all(
      "CONFIG GET MAXMEMORY-POLICY",
      "CONFIG SET maxmemory-policy allkeys-lru",
    );
    t.all(
      "CONFIG GET maxmemory-policy",
      "CONFIG SET maxmemory-policy noeviction",
    );
    t.unordered("CONFIG GET maxmemory-policy nothing databases");
    t.unordered("CONFIG GET maxmemory-p* maxmemory-policy");
    t.all("CONFIG SET maxmemory 100mb", "CONFIG GET maxmemory");
    t.all("CONFIG SET maxmemory 1gb", "CONFIG GET maxmemory");
    t.all("CONFIG SET maxmemory 3000k", "CONFIG GET maxmemory");
    t.all("CONFIG SET maxmemory 0", "CONFIG GET maxmemory");
    t.all("CONFIG SET timeout 100 tcp-keepalive 60", "CONFIG GET timeout");
    t.all("CONFIG GET tcp-keepalive", "CONFIG SET timeout 0 tcp-keepalive 300");
  }),

  script("CONFIG SET refuses what it does not know", (t) => {
    t.all("CONFIG SET", "CONFIG SET timeout", "CONFIG SET nothing 1");
    t.all(
      "CONFIG SET timeout abc",
      "CONFIG SET timeout -1",
      "CONFIG SET timeout ''",
    );
    t.all("CONFIG SET maxmemory-policy wat", "CONFIG SET databases 4");
    t.all(
      "CONFIG SET timeout 10 timeout 20",
      "CONFIG SET timeout 10 nothing 1",
    );
    t.all("CONFIG SET timeout 10 tcp-keepalive", "CONFIG SET appendonly maybe");
    t.all(
      "CONFIG SET maxmemory 10xb",
      "CONFIG SET port abc",
      "CONFIG GET timeout",
    );
    t.all("CONFIG SET timeout 10 maxmemory-policy wat", "CONFIG GET timeout");
    t.all("CONFIG", "CONFIG WAT", "CONFIG GET", "CONFIG RESETSTAT x");
    t.all("CONFIG REWRITE x", "CONFIG RESETSTAT");
    t.ignore("HELP is in our own words", "CONFIG HELP");
  }),

  script("DEBUG DIGEST does not depend on the order of writes", (t) => {
    t.all("DEBUG DIGEST", "MSET a 1 b two c 3", "DEBUG DIGEST", "DEL a b c");
    t.all("DEBUG DIGEST", "SET c 3", "SET b two", "SET a 1", "DEBUG DIGEST");
    t.all("SELECT 1", "DEBUG DIGEST", "SET a 1", "DEBUG DIGEST");
    t.all("EXPIREAT a 4102444800", "DEBUG DIGEST", "PERSIST a", "DEBUG DIGEST");
    t.run("SET bin", "\x00\xff\r\n");
    t.run("DEBUG DIGEST");
    t.run("SET", "\x00key", "long ".repeat(100));
    t.run("DEBUG DIGEST");
  }),

  script("DEBUG DIGEST-VALUE of keys, missing ones included", (t) => {
    t.all("MSET a 1 b two c '' d 12345678", "DEBUG DIGEST-VALUE a b c d");
    t.all("DEBUG DIGEST-VALUE missing a", "DEBUG DIGEST-VALUE");
    t.all("EXPIREAT a 4102444800", "DEBUG DIGEST-VALUE a", "APPEND b x");
    t.run("DEBUG DIGEST-VALUE b b");
  }),

  script("DEBUG refuses what it does not know", (t) => {
    t.all("DEBUG WAT", "DEBUG", "DEBUG SLEEP", "DEBUG ''", "DEBUG SLEEP 0");
    t.all("DEBUG SET-ACTIVE-EXPIRE 1", "DEBUG SET-ACTIVE-EXPIRE");
    t.all("DEBUG JMAP", "DEBUG OBJECT missing", "DEBUG STRINGMATCH-LEN 10 a*");
  }),

  script("MEMORY refuses what it does not know", (t) => {
    t.all("MEMORY USAGE missing", "MEMORY USAGE", "MEMORY WAT", "MEMORY");
    t.all("SET k v", "MEMORY USAGE k SAMPLES", "MEMORY USAGE k SAMPLES -1");
    t.all("MEMORY USAGE k SAMPLES abc", "MEMORY USAGE k WAT 5");
    t.ignore("HELP is in our own words", "MEMORY HELP");
    t.all(
      "MEMORY PURGE x",
      "MEMORY DOCTOR x",
      "MEMORY STATS x",
      "MEMORY HELP x",
    );
    t.sameShape("MEMORY USAGE k");
    t.sameShape("MEMORY USAGE k SAMPLES 0");
  }),

  script("TIME and ECHO of numbers have their shapes", (t) => {
    t.sameShape("TIME");
    t.run("TIME x");
  }),

  script("HELP of the containers", (t) => {
    t.ignore(helpGrew, "CLIENT HELP");
    t.ignore(helpGrew, "DEBUG HELP");
  }),
]);

import { NAMES, VALUES } from "../../keyspace/hashes.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** HGETALL: all fields with their values. */
export const hgetall = command({
  name: "HGETALL",
  group: "hash",
  since: "2.0.0",
  summary: "Reads all fields of a hash and their values",
  complexity: "O(N), N = fields of the hash",
  flags: ["readonly"],
  tips: ["nondeterministic_output_order"],
  args: [arg.key("key", "RO", "access")],
  run(call) {
    call.db.hashes.all(1, NAMES | VALUES);
  },
});

/** HKEYS: the names of all fields. */
export const hkeys = command({
  name: "HKEYS",
  group: "hash",
  since: "2.0.0",
  summary: "Reads the names of all fields of a hash",
  complexity: "O(N), N = fields of the hash",
  flags: ["readonly"],
  tips: ["nondeterministic_output_order"],
  args: [arg.key("key", "RO", "access")],
  run(call) {
    call.db.hashes.all(1, NAMES);
  },
});

/** HVALS: all values. */
export const hvals = command({
  name: "HVALS",
  group: "hash",
  since: "2.0.0",
  summary: "Reads the values of all fields of a hash",
  complexity: "O(N), N = fields of the hash",
  flags: ["readonly"],
  tips: ["nondeterministic_output_order"],
  args: [arg.key("key", "RO", "access")],
  run(call) {
    call.db.hashes.all(1, VALUES);
  },
});

/** OBJECT: how a value is kept, and how its key was used. */
import { MISSING } from "../../keyspace/keyspace.ts";
import { frequencyNotTracked, idleNotTracked } from "../../protocol/errors.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { helpOf } from "../define/help.ts";

/** What Redis counts for the objects of small numbers, which all keys share. */
const SHARED_COUNT = 2 ** 31 - 1;

export const object = command({
  name: "OBJECT",
  group: "generic",
  since: "2.2.3",
  summary: "Looks into how keys and values are kept",
  complexity: "Depends on the subcommand",
  flags: [],
  subcommands: [
    {
      name: "ENCODING",
      since: "2.2.3",
      summary: "Names the form in which the value is kept in memory",
      complexity: "O(1)",
      flags: ["readonly"],
      tips: ["nondeterministic_output"],
      args: [arg.key("key", "RO")],
      run(call) {
        const found = call.db.encoding(2);
        if (found) call.reply.bulk(found.encoding);
        else call.reply.null();
      },
    },
    {
      name: "FREQ",
      since: "4.0.0",
      summary: "Tells how often the key was used, as a logarithmic count",
      complexity: "O(1)",
      flags: ["readonly"],
      tips: ["nondeterministic_output"],
      args: [arg.key("key", "RO")],
      run(call) {
        const frequency = call.db.frequency(2);
        if (frequency === MISSING) return call.reply.null();
        if (!call.server.config.lfuPolicy) throw frequencyNotTracked;
        call.reply.integer(frequency);
      },
    },
    {
      name: "IDLETIME",
      since: "2.2.3",
      summary: "Tells for how many seconds the key has not been used",
      complexity: "O(1)",
      flags: ["readonly"],
      tips: ["nondeterministic_output"],
      args: [arg.key("key", "RO")],
      run(call) {
        const idleSeconds = call.db.idleSeconds(2);
        if (idleSeconds === MISSING) return call.reply.null();
        if (call.server.config.lfuPolicy) throw idleNotTracked;
        call.reply.integer(idleSeconds);
      },
    },
    {
      name: "REFCOUNT",
      since: "2.2.3",
      summary: "Tells how many references there are to the value",
      complexity: "O(1)",
      flags: ["readonly"],
      tips: ["nondeterministic_output"],
      args: [arg.key("key", "RO")],
      run(call) {
        const found = call.db.encoding(2);
        if (!found) call.reply.null();
        else {
          const { sharesIntegers } = call.server.config;
          const isShared = found.isShared && sharesIntegers;
          call.reply.integer(isShared ? SHARED_COUNT : 1);
        }
      },
    },
    helpOf("OBJECT", "6.2.0"),
  ],
});

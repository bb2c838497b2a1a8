import {
  failure,
  mustBePositive,
  subcommandSyntax,
  syntaxError,
} from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { command } from "../define/command.ts";
import { helpReply } from "../define/help.ts";
import {
  elementTableText,
  layoutText,
  objectLine,
  tableText,
} from "./debug_look.ts";
import { replyExample } from "./debug_protocol.ts";
import { setPackedThreshold } from "./debug_quicklist.ts";
import { reload, reloadLog } from "./debug_reload.ts";

/**
 * DEBUG: for those who test servers and client libraries. Whether it may be
 * used at all is the configuration's word, which dispatch asks for.
 */
export const debug = command({
  name: "DEBUG",
  group: "server",
  since: "1.0.0",
  summary: "Groups the commands for testing and debugging",
  complexity: "Depends on the subcommand",
  flags: ["admin", "noscript", "loading", "stale", "protected"],
  isInternal: true,
  arity: -2,
  run(call) {
    const action = ACTIONS.find(({ name }) => call.is(1, name));
    if (action && call.argc >= action.min && call.argc <= action.max) {
      return action.run(call);
    }
    if (call.is(1, "HELP") && call.argc === 2) {
      return helpReply(call, "DEBUG", HELP_LINES);
    }
    throw subcommandSyntax("DEBUG", call.latin1(1));
  },
});

/** One thing that DEBUG does, and how it is called. */
interface Action {
  readonly name: string;
  /** What follows the name, as HELP shows it. */
  readonly syntax?: string;
  readonly summary: string;
  /** The fewest and the most words, DEBUG included. */
  readonly min: number;
  readonly max: number;
  run(call: Call): void;
}

const ACTIONS: readonly Action[] = [{
  name: "AOF-FLUSH-SLEEP",
  syntax: "<microseconds>",
  summary: "Waits so long before the append-only file is written.",
  min: 3,
  max: 3,
  run(call) {
    call.server.persistence.logDelayUs = call.integer(2);
    call.reply.ok();
  },
}, {
  name: "CHANGE-REPL-ID",
  summary: "Gives the data set a new history: replicas have to start anew.",
  min: 2,
  max: 2,
  run({ server, reply }) {
    server.log("notice", "The replication ID changes at the word of DEBUG");
    server.changeReplicationId();
    reply.ok();
  },
}, {
  name: "DIGEST",
  summary: "Forty digits that are the same for the same data.",
  min: 2,
  max: 2,
  run: ({ keyspace, reply }) => reply.simple(keyspace.digest()),
}, {
  name: "DIGEST-VALUE",
  syntax: "<key> [<key> ...]",
  summary: "The same for the value of each key.",
  min: 2,
  max: Infinity,
  run({ argc, db, reply }) {
    reply.array(argc - 2);
    for (let i = 2; i < argc; i++) reply.simple(db.inspection.digest(i));
  },
}, {
  name: "ERROR",
  syntax: "<string>",
  summary: "Replies with an error of this text.",
  min: 3,
  max: 3,
  run: (call) => call.reply.error(call.latin1(2)),
}, {
  name: "HTSTATS",
  syntax: "<dbid> [full]",
  summary: "Shows how the keys of a database are spread over its table.",
  min: 3,
  max: Infinity,
  run(call) {
    const index = call.integer(2);
    if (index < 0 || index >= call.keyspace.databaseCount) {
      throw failure("ERR Out of range database");
    }
    const isFull = call.argc > 3 && call.is(3, "FULL");
    call.reply.verbatim(tableText(call.keyspace.database(index), isFull));
  },
}, {
  name: "HTSTATS-KEY",
  syntax: "<key> [full]",
  summary: "Shows the same for the elements of a collection.",
  min: 3,
  max: Infinity,
  run(call) {
    const isFull = call.argc > 3 && call.is(3, "FULL");
    call.reply.verbatim(elementTableText(call.db, 2, isFull));
  },
}, {
  name: "LISTPACK",
  syntax: "<key>",
  summary: "Writes to the log how a listpack is laid out.",
  min: 3,
  max: 3,
  run(call) {
    call.server.log("notice", layoutText(call.db, 2, "listpack"));
    call.reply.simple("Listpack structure printed on stdout");
  },
}, {
  name: "LOADAOF",
  summary: "Replaces the data by what the append-only file has.",
  min: 2,
  max: 2,
  run: reloadLog,
}, {
  name: "LOG",
  syntax: "<message>",
  summary: "Writes a message to the server's log.",
  min: 3,
  max: 3,
  run(call) {
    call.server.log("warning", `DEBUG LOG: ${call.text(2)}`);
    call.reply.ok();
  },
}, {
  name: "OBJECT",
  syntax: "<key>",
  summary: "Shows how a value is stored.",
  min: 3,
  max: 3,
  run: ({ db, reply }) => reply.simple(objectLine(db, 2)),
}, {
  name: "PAUSE-CRON",
  syntax: "<0|1>",
  summary: "Stops what is done on a timer (1), or goes on with it (0).",
  min: 3,
  max: 3,
  run(call) {
    call.server.pauseCron(flag(call, 2));
    call.reply.ok();
  },
}, {
  name: "POPULATE",
  syntax: "<count> [<prefix>] [<size>]",
  summary: "Makes keys <prefix>:0, <prefix>:1 ... with values of <size> bytes.",
  min: 3,
  max: 5,
  run: populate,
}, {
  name: "PROTOCOL",
  syntax: "<type>",
  summary: "Replies with an example: string, integer, double, bignum, null, " +
    "array, set, map, attrib, push, verbatim, true, false.",
  min: 3,
  max: 3,
  run: (call) => replyExample(call.reply, call.word(2)),
}, {
  name: "QUICKLIST",
  syntax: "<key> [<0|1>]",
  summary: "Writes to the log how a list of many nodes is laid out.",
  min: 3,
  max: 4,
  run(call) {
    call.server.log("notice", layoutText(call.db, 2, "quicklist"));
    call.reply.simple("Quicklist structure printed on stdout");
  },
}, {
  name: "QUICKLIST-PACKED-THRESHOLD",
  syntax: "<size>",
  summary: "Gives elements of this size a node alone; 0 stands for 1gb.",
  min: 3,
  max: 3,
  run: setPackedThreshold,
}, {
  name: "RELOAD",
  syntax: "[MERGE] [NOFLUSH] [NOSAVE]",
  summary: "Saves a dump, empties all databases and loads the dump again; " +
    "MERGE lets its keys replace those that NOFLUSH has left.",
  min: 2,
  max: Infinity,
  run: reload,
}, {
  name: "REPLYBUFFER",
  syntax: "RESIZING <0|1>",
  summary: "No client has a reply buffer that could be resized: no effect.",
  min: 4,
  max: 4,
  run(call) {
    if (!call.is(2, "RESIZING")) throw syntaxError;
    call.reply.ok();
  },
}, {
  name: "SET-ACTIVE-EXPIRE",
  syntax: "<0|1>",
  summary: "With 0 due keys are removed only when somebody asks for them.",
  min: 3,
  max: 3,
  run(call) {
    call.server.setActiveExpire(flag(call, 2));
    call.reply.ok();
  },
}, {
  name: "SET-SKIP-CHECKSUM-VALIDATION",
  syntax: "<0|1>",
  summary: "With 1 RESTORE takes payloads whatever their checksum is.",
  min: 3,
  max: 3,
  run(call) {
    call.keyspace.skipPayloadSums(flag(call, 2));
    call.reply.ok();
  },
}, {
  name: "SLEEP",
  syntax: "<seconds>",
  summary: "Stops the whole server for so long; fractions are allowed.",
  min: 3,
  max: 3,
  run(call) {
    sleep((parseFloat(call.latin1(2)) || 0) * 1000);
    call.reply.ok();
  },
}, {
  name: "STRUCTSIZE",
  summary: "The sizes of the engine's structures.",
  min: 2,
  max: 2,
  run(call) {
    const sizes = Object.entries(call.keyspace.structSizes());
    const words = sizes.map(([name, byteCount]) => `${name}:${byteCount} `);
    call.reply.bulk(`bits:32 ${words.join("")}`);
  },
}];

const HELP_LINES = ACTIONS.flatMap(({ name, syntax, summary }) => [
  syntax === undefined ? name : `${name} ${syntax}`,
  `    ${summary}`,
]);

/** A switch, as C reads numbers: what is none means 0. */
function flag(call: Call, index: number): boolean {
  return (parseInt(call.latin1(index)) || 0) !== 0;
}

const POPULATE_MAX = 2 ** 32 - 1;

function populate(call: Call): void {
  const count = call.integerIn(2, 0, POPULATE_MAX, mustBePositive);
  const prefix = call.argc > 3 ? 3 : call.push("key");
  const valueBytes = call.argc > 4
    ? call.integerIn(4, 0, POPULATE_MAX, mustBePositive)
    : 0;
  call.db.inspection.populate(count, prefix, valueBytes);
  call.reply.ok();
}

/** Blocks the loop: nothing at all happens meanwhile. */
function sleep(durationMs: number): void {
  const never = new Int32Array(new SharedArrayBuffer(4));
  if (durationMs > 0) Atomics.wait(never, 0, 0, durationMs);
}

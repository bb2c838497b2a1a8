import {
  ADD_COUNT_CHANGED,
  ADD_ONLY_NEW,
  ADD_ONLY_OLD,
} from "../../keyspace/sorted_sets.ts";
import { syntaxError } from "../../protocol/errors.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { readPlace } from "./places.ts";

/** The options, as they go on to ZADD. */
const OPTIONS: readonly (readonly [option: string, flag: number])[] = [
  ["NX", ADD_ONLY_NEW],
  ["XX", ADD_ONLY_OLD],
  ["CH", ADD_COUNT_CHANGED],
];

/** GEOADD: ZADD with places for scores, and so others learn of it. */
export const geoadd = command({
  name: "GEOADD",
  group: "geo",
  since: "3.2.0",
  summary: "Puts members at places given by longitude and latitude",
  complexity: "O(log(N)) for each member, N = members of the key",
  flags: ["write", "denyoom"],
  history: [["6.2.0", "NX, XX and CH came."]],
  args: [
    arg.key("key", "RW", "update"),
    arg.oneOf("condition", arg.token("NX"), arg.token("XX")).optional().since(
      "6.2.0",
    ),
    arg.token("CH", "change").optional().since("6.2.0"),
    arg.block(
      "data",
      arg.double("longitude"),
      arg.double("latitude"),
      arg.string("member"),
    ).multiple(),
  ],
  run(call) {
    const { db, argc } = call;
    let flags = 0;
    let at = 2;
    for (; at < argc; at++) {
      const found = OPTIONS.find(([option]) => call.is(at, option));
      if (!found) break;
      flags |= found[1];
    }
    const count = (argc - at) / 3;
    if (count === 0 || !Number.isInteger(count)) throw syntaxError;
    if (flags & ADD_ONLY_NEW && flags & ADD_ONLY_OLD) throw syntaxError;
    for (let place = at; place < argc; place += 3) readPlace(call, place);

    const first = db.geo.pushScores(at, count);
    if (!db.sortedSets.add(1, first, count, flags)) return;
    call.changed(1, "zadd");
    if (!call.observed) return;
    const words: Uint8Array[] = [];
    for (let i = 1; i < at; i++) words.push(call.bytes(i));
    for (let i = 0; i < count * 2; i++) words.push(call.bytes(first + i));
    call.propagate(["ZADD", ...words]);
  },
});

import {
  RANGE_BY_NAME,
  RANGE_BY_RANK,
  RANGE_BY_SCORE,
} from "../../keyspace/sorted_sets.ts";
import { arg, type Argument } from "../define/args.ts";
import { command } from "../define/command.ts";
import { replyRange } from "./range.ts";

const LOG_N_AND_M =
  "O(log N + M), N = members of the sorted set, M = members replied";

const limit = (): Argument =>
  arg.block("limit", arg.integer("offset"), arg.integer("count"))
    .token("LIMIT").optional();

/** ZRANGE: a part of the order, by rank, by score or by name. */
export const zrange = command({
  name: "ZRANGE",
  group: "sorted-set",
  since: "1.2.0",
  summary: "Reads the members in a range of ranks, scores or names",
  complexity: LOG_N_AND_M,
  flags: ["readonly"],
  history: [[
    "6.2.0",
    "Brought the options `REV`, `BYSCORE`, `BYLEX` and `LIMIT`.",
  ]],
  args: [
    arg.key("key", "RO", "access"),
    arg.string("start"),
    arg.string("stop"),
    arg.oneOf("sortby", arg.token("BYSCORE"), arg.token("BYLEX"))
      .optional().since("6.2.0"),
    arg.token("REV").optional().since("6.2.0"),
    limit().since("6.2.0"),
    arg.token("WITHSCORES").optional(),
  ],
  run(call) {
    replyRange(call, {});
  },
});

/** ZREVRANGE: the same by rank, from the highest score on. */
export const zrevrange = command({
  name: "ZREVRANGE",
  group: "sorted-set",
  since: "1.2.0",
  summary: "Reads the members in a range of ranks, counted from the highest",
  complexity: LOG_N_AND_M,
  flags: ["readonly"],
  args: [
    arg.key("key", "RO", "access"),
    arg.integer("start"),
    arg.integer("stop"),
    arg.token("WITHSCORES").optional(),
  ],
  deprecated: { since: "6.2.0", replacedBy: "`ZRANGE` with `REV`" },
  run(call) {
    replyRange(call, { by: RANGE_BY_RANK, reverse: true });
  },
});

/** ZRANGEBYSCORE: by score. */
export const zrangebyscore = command({
  name: "ZRANGEBYSCORE",
  group: "sorted-set",
  since: "1.0.5",
  summary: "Reads the members with a score in a range",
  complexity: LOG_N_AND_M,
  flags: ["readonly"],
  history: [["2.0.0", "Brought the option `WITHSCORES`."]],
  args: [
    arg.key("key", "RO", "access"),
    arg.double("min"),
    arg.double("max"),
    arg.token("WITHSCORES").optional().since("2.0.0"),
    limit(),
  ],
  deprecated: { since: "6.2.0", replacedBy: "`ZRANGE` with `BYSCORE`" },
  run(call) {
    replyRange(call, { by: RANGE_BY_SCORE, reverse: false });
  },
});

/** ZREVRANGEBYSCORE: by score, the highest first. */
export const zrevrangebyscore = command({
  name: "ZREVRANGEBYSCORE",
  group: "sorted-set",
  since: "2.2.0",
  summary: "Reads the members with a score in a range, the highest first",
  complexity: LOG_N_AND_M,
  flags: ["readonly"],
  history: [["2.1.6", "Allowed bounds that are left out themselves."]],
  args: [
    arg.key("key", "RO", "access"),
    arg.double("max"),
    arg.double("min"),
    arg.token("WITHSCORES").optional(),
    limit(),
  ],
  deprecated: {
    since: "6.2.0",
    replacedBy: "`ZRANGE` with `BYSCORE` and `REV`",
  },
  run(call) {
    replyRange(call, { by: RANGE_BY_SCORE, reverse: true });
  },
});

/** ZRANGEBYLEX: by name. */
export const zrangebylex = command({
  name: "ZRANGEBYLEX",
  group: "sorted-set",
  since: "2.8.9",
  summary: "Reads the members between two names, all scores being equal",
  complexity: LOG_N_AND_M,
  flags: ["readonly"],
  args: [
    arg.key("key", "RO", "access"),
    arg.string("min"),
    arg.string("max"),
    limit(),
  ],
  deprecated: { since: "6.2.0", replacedBy: "`ZRANGE` with `BYLEX`" },
  run(call) {
    replyRange(call, { by: RANGE_BY_NAME, reverse: false });
  },
});

/** ZREVRANGEBYLEX: by name, the last first. */
export const zrevrangebylex = command({
  name: "ZREVRANGEBYLEX",
  group: "sorted-set",
  since: "2.8.9",
  summary: "Reads the members between two names, the last of them first",
  complexity: LOG_N_AND_M,
  flags: ["readonly"],
  args: [
    arg.key("key", "RO", "access"),
    arg.string("max"),
    arg.string("min"),
    limit(),
  ],
  deprecated: { since: "6.2.0", replacedBy: "`ZRANGE` with `BYLEX` and `REV`" },
  run(call) {
    replyRange(call, { by: RANGE_BY_NAME, reverse: true });
  },
});

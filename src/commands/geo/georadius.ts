/** GEORADIUS and its kin: searches in a circle, from before GEOSEARCH. */
import { geoNoMember } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg, type Argument } from "../define/args.ts";
import { command } from "../define/command.ts";
import { readCircle, readPlace, unitArgument } from "./places.ts";
import { runSearch } from "./search.ts";

const COMPLEXITY =
  "O(N+log(M)), N = members in the cells around the circle, M = all members";

export const georadius = command({
  name: "GEORADIUS",
  group: "geo",
  since: "3.2.0",
  summary: "Finds members around a place, and may store them",
  complexity: COMPLEXITY,
  flags: ["write", "denyoom"],
  history: [
    ["6.2.0", "COUNT may be followed by ANY."],
    ["7.0.0", "Units may be in upper case."],
  ],
  args: [
    arg.key("key", "RO", "access"),
    arg.double("longitude"),
    arg.double("latitude"),
    arg.double("radius"),
    unitArgument(),
    ...detailArguments(),
    countArgument("6.2.0"),
    orderArgument(),
    storeArgument(),
  ],
  deprecated: {
    since: "6.2.0",
    replacedBy: "`GEOSEARCH` and `GEOSEARCHSTORE` with `BYRADIUS`",
  },
  run(call) {
    searchAroundPlace(call, true);
  },
});

export const georadiusRo = command({
  name: "GEORADIUS_RO",
  group: "geo",
  since: "3.2.10",
  summary: "Finds members around a place",
  complexity: COMPLEXITY,
  flags: ["readonly"],
  history: [["6.2.0", "COUNT may be followed by ANY."]],
  args: [
    arg.key("key", "RO", "access"),
    arg.double("longitude"),
    arg.double("latitude"),
    arg.double("radius"),
    unitArgument(),
    ...detailArguments(),
    countArgument("6.2.0"),
    orderArgument(),
  ],
  deprecated: { since: "6.2.0", replacedBy: "`GEOSEARCH` with `BYRADIUS`" },
  run(call) {
    searchAroundPlace(call, false);
  },
});

export const georadiusbymember = command({
  name: "GEORADIUSBYMEMBER",
  group: "geo",
  since: "3.2.0",
  summary: "Finds members around a member, and may store them",
  complexity: COMPLEXITY,
  flags: ["write", "denyoom"],
  history: [["7.0.0", "Units may be in upper case."]],
  args: [
    arg.key("key", "RO", "access"),
    arg.string("member"),
    arg.double("radius"),
    unitArgument(),
    ...detailArguments(),
    countArgument(),
    orderArgument(),
    storeArgument(),
  ],
  deprecated: {
    since: "6.2.0",
    replacedBy:
      "`GEOSEARCH` and `GEOSEARCHSTORE` with `FROMMEMBER` and `BYRADIUS`",
  },
  run(call) {
    searchAroundMember(call, true);
  },
});

export const georadiusbymemberRo = command({
  name: "GEORADIUSBYMEMBER_RO",
  group: "geo",
  since: "3.2.10",
  summary: "Finds members around a member",
  complexity: COMPLEXITY,
  flags: ["readonly"],
  args: [
    arg.key("key", "RO", "access"),
    arg.string("member"),
    arg.double("radius"),
    unitArgument(),
    ...detailArguments(),
    countArgument(),
    orderArgument(),
  ],
  deprecated: {
    since: "6.2.0",
    replacedBy: "`GEOSEARCH` with `FROMMEMBER` and `BYRADIUS`",
  },
  run(call) {
    searchAroundMember(call, false);
  },
});

function searchAroundPlace(call: Call, canStore: boolean): void {
  const isThere = call.db.geo.open(1);
  call.db.geo.centerOn(...readPlace(call, 2));
  readCircle(call, 4);
  runSearch(call, isThere, { optionsAt: 6, canStore });
}

/** Without the key, Redis does not look at the radius. */
function searchAroundMember(call: Call, canStore: boolean): void {
  const isThere = call.db.geo.open(1);
  if (isThere) {
    if (!call.db.geo.centerOnMember(2)) throw geoNoMember;
    readCircle(call, 3);
  }
  runSearch(call, isThere, { optionsAt: 5, canStore });
}

function detailArguments(): Argument[] {
  return ["WITHCOORD", "WITHDIST", "WITHHASH"].map((detail) =>
    arg.token(detail).optional()
  );
}

function countArgument(anySince?: string): Argument {
  const any = arg.token("ANY").optional();
  return arg.block(
    "count-block",
    arg.integer("count").token("COUNT"),
    anySince === undefined ? any : any.since(anySince),
  ).optional();
}

function orderArgument(): Argument {
  return arg.oneOf("order", arg.token("ASC"), arg.token("DESC")).optional();
}

function storeArgument(): Argument {
  return arg.oneOf(
    "store",
    arg.key("storekey", "OW", "update").token("STORE").display("key"),
    arg.key("storedistkey", "OW", "update").token("STOREDIST").display("key"),
  ).optional();
}

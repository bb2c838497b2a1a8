/** GEOSEARCH and GEOSEARCHSTORE: searches in a circle or a box. */
import { arg, type Argument } from "../define/args.ts";
import { command } from "../define/command.ts";
import { unitArgument } from "./places.ts";
import { runSearch } from "./search.ts";

const COMPLEXITY =
  "O(N+log(M)), N = members in the cells around the area, M = members in it";

export const geosearch = command({
  name: "GEOSEARCH",
  group: "geo",
  since: "6.2.0",
  summary: "Finds members in a circle or a box",
  complexity: COMPLEXITY,
  flags: ["readonly"],
  history: [["7.0.0", "Units may be in upper case."]],
  args: [
    arg.key("key", "RO", "access"),
    ...areaArguments(),
    arg.token("WITHCOORD").optional(),
    arg.token("WITHDIST").optional(),
    arg.token("WITHHASH").optional(),
  ],
  run(call) {
    const isThere = call.db.geo.open(1);
    runSearch(call, isThere, { optionsAt: 2, namesArea: true });
  },
});

export const geosearchstore = command({
  name: "GEOSEARCHSTORE",
  group: "geo",
  since: "6.2.0",
  summary: "Stores the members in a circle or a box in a key",
  complexity: COMPLEXITY,
  flags: ["write", "denyoom"],
  history: [["7.0.0", "Units may be in upper case."]],
  args: [
    arg.key("destination", "OW", "update"),
    arg.key("source", "RO", "access"),
    ...areaArguments(),
    arg.token("STOREDIST").optional(),
  ],
  run(call) {
    const isThere = call.db.geo.open(2);
    runSearch(call, isThere, { optionsAt: 3, namesArea: true, stores: true });
  },
});

/** From where, what shape, in which order and how many. */
function areaArguments(): Argument[] {
  return [
    arg.oneOf(
      "from",
      arg.string("member").token("FROMMEMBER"),
      arg.block("fromlonlat", arg.double("longitude"), arg.double("latitude"))
        .token("FROMLONLAT"),
    ),
    arg.oneOf(
      "by",
      arg.block(
        "circle",
        arg.double("radius").token("BYRADIUS"),
        unitArgument(),
      ),
      arg.block(
        "box",
        arg.double("width").token("BYBOX"),
        arg.double("height"),
        unitArgument(),
      ),
    ),
    arg.oneOf("order", arg.token("ASC"), arg.token("DESC")).optional(),
    arg.block(
      "count-block",
      arg.integer("count").token("COUNT"),
      arg.token("ANY").optional(),
    ).optional(),
  ];
}

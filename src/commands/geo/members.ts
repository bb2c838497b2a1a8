/** GEOPOS, GEOHASH and GEODIST: where members are. */
import type { Geo } from "../../keyspace/geo.ts";
import { syntaxError } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { readUnit, unitArgument } from "./places.ts";

const keyAndMembers = [
  arg.key("key", "RO", "access"),
  arg.string("member").optional().multiple(),
];

export const geopos = command({
  name: "GEOPOS",
  group: "geo",
  since: "3.2.0",
  summary: "Replies with longitude and latitude of members",
  complexity: "O(1) for each member",
  flags: ["readonly"],
  args: keyAndMembers,
  run: (call) => replyOfEach(call, (geo, at) => geo.position(at)),
});

export const geohash = command({
  name: "GEOHASH",
  group: "geo",
  since: "3.2.0",
  summary: "Replies with the geohashes of members",
  complexity: "O(1) for each member",
  flags: ["readonly"],
  args: keyAndMembers,
  run: (call) => replyOfEach(call, (geo, at) => geo.geohash(at)),
});

export const geodist = command({
  name: "GEODIST",
  group: "geo",
  since: "3.2.0",
  summary: "Replies with the distance between two members",
  complexity: "O(1)",
  flags: ["readonly"],
  args: [
    arg.key("key", "RO", "access"),
    arg.string("member1"),
    arg.string("member2"),
    unitArgument().optional(),
  ],
  run(call) {
    if (call.argc > 5) throw syntaxError;
    const unit = call.argc === 5 ? readUnit(call, 4) : 1;
    call.db.geo.open(1);
    call.db.geo.distance(2, 3, unit);
  },
});

/** Replies with something of each member that is named. */
function replyOfEach(call: Call, reply: (geo: Geo, at: number) => void): void {
  const { geo } = call.db;
  geo.open(1);
  call.reply.array(call.argc - 2);
  for (let at = 2; at < call.argc; at++) reply(geo, at);
}

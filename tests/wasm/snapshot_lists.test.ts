/** Every way to change a list's nodes, while a snapshot still needs them. */
import { SnapshotHost } from "./snapshot_host.ts";
import type { Words } from "./snapshot_data.ts";

const COUNT = 2404;

/**
 * Nodes of eight elements, but every other one has only two left and the last
 * one four: so some take more, and neighbours of what is split are merged.
 */
function fill(host: SnapshotHost, key: string): void {
  const names = Array.from(
    { length: COUNT },
    (_, i) => i % 16 < 8 || i % 8 < 2 ? `element ${i}` : "gone",
  );
  host.call("RPUSH", key, ...names);
  host.call("LREM", key, 0, "gone");
}

const LONG = "x".repeat(120);

const CHANGES: Words[][] = [
  [["LPUSH", "list", "a"], ["RPUSH", "list", "b"]],
  [["LPUSH", "list", LONG], ["RPUSH", "list", LONG]],
  [["LPOP", "list"], ["RPOP", "list"]],
  [["LPOP", "list", "20"], ["RPOP", "list", "20"]],
  [["LINSERT", "list", "BEFORE", `element ${COUNT - 2}`, "into"]],
  [["LINSERT", "list", "AFTER", "element 8", "into"]],
  [["LINSERT", "list", "AFTER", "element 19", "split and merged"]],
  [["LINSERT", "list", "BEFORE", "element 803", "split and merged"]],
  [["LINSERT", "list", "BEFORE", "element 803", LONG]],
  [["LSET", "list", "1", "x"], ["LSET", "list", "-2", "y"]],
  [["LSET", "list", "500", "longer than it was"]],
  [["LSET", "list", "500", LONG], ["LSET", "list", "501", LONG]],
  [["LSET", "list", "502", `${LONG} once more`]],
  [["LREM", "list", "0", "element 17"], ["LREM", "list", "-1", "element 24"]],
  [["LREM", "list", "1", "element 24"], ["LREM", "list", "1", "element 25"]],
  [["LTRIM", "list", "3", "-3"]],
  [["LTRIM", "list", "-2", "-1"]],
  [["LTRIM", "list", "500", "501"]],
  [["LMOVE", "list", "list", "LEFT", "RIGHT"]],
  [["LMOVE", "list", "other", "RIGHT", "LEFT"]],
  [["DEL", "list"]],
  [["SORT", "list", "ALPHA", "STORE", "list"]],
  [["COPY", "list", "copy"], ["LPOP", "copy", "100"], ["DEL", "list"]],
  [["CONFIG", "SET", "list-compress-depth", "2"], ["LPOP", "list", "100"]],
];

for (const depth of [0, 1]) {
  for (const threshold of [0, 100]) {
    Deno.test(`lists of depth ${depth}, with packed threshold ${threshold}`, async () => {
      const host = await SnapshotHost.open(true);
      for (const changes of CHANGES) {
        for (const format of ["rdb", "commands"] as const) {
          host.call("DEBUG", "QUICKLIST-PACKED-THRESHOLD", threshold);
          host.call("CONFIG", "SET", "list-compress-depth", depth);
          fill(host, "list");
          fill(host, "other");
          if (threshold > 0) host.call("LSET", "list", "502", LONG);
          const takings = [host.begin("rdb"), host.begin(format)];
          takings[0].step(1);
          // Which of two is ready first must not matter.
          if (format === "rdb") takings.reverse();
          for (const change of changes) host.call(...change);
          const hint = JSON.stringify(changes);
          for (const taking of takings) {
            while (taking.step(500)) continue;
            taking.prove(hint);
          }
          host.verify();
          host.empty();
        }
      }
    });
  }
}

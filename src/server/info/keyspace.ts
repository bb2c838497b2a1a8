import type { Server } from "../server.ts";
import type { Fields } from "./fields.ts";

/** The databases that hold any key. */
export function keyspaceFields({ keyspace }: Server): Fields {
  return [...keyspace].filter((db) => db.size > 0).map((db) => {
    const averageTtl = Math.round(db.inspection.meanLifetimeMs);
    return [
      `db${db.index}`,
      `keys=${db.size},expires=${db.dueCount},avg_ttl=${averageTtl},` +
      `subexpiry=${db.hashes.withDueCount}`,
    ];
  });
}

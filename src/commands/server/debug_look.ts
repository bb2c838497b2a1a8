import type { Database, TableShape } from "../../keyspace/keyspace.ts";
import { noSuchKey } from "../../protocol/errors.ts";

/** What stands for the references to an object that is never freed. */
const SHARED_COUNT = 2 ** 31 - 1;

/** DEBUG OBJECT: how a value is stored. */
export function objectLine({ inspection }: Database, key: number): string {
  const address = inspection.address(key);
  if (address === 0) throw noSuchKey;
  const { encoding, isShared } = inspection.kind(key);
  const references = isShared ? SHARED_COUNT : 1;
  return `Value at:0x${address.toString(16)} refcount:${references} ` +
    `encoding:${encoding} ` +
    `serializedlength:${inspection.savedBytes(key)} ` +
    `lru:${inspection.access(key)} ` +
    `lru_seconds_idle:${inspection.idleSeconds(key)}`;
}

/** DEBUG HTSTATS: how the keys lie in the table. */
export function tableText(db: Database, isFull: boolean): string {
  return "[Dictionary HT]\n" + keyTableText(db, isFull) +
    "[Expires HT]\n" + dueHeapText(db);
}

function keyTableText(db: Database, isFull: boolean): string {
  if (db.size === 0) {
    return "Hash table 0 stats (main hash table):\n" +
      "No stats available for empty dictionaries\n";
  }
  const lines = [
    "Hash table 0 stats (main hash table):",
    ` table size: ${db.inspection.bucketCount}`,
    ` number of elements: ${db.size}`,
  ];
  if (isFull) lines.push(...shapeLines(db.inspection.tableShape(), db.size));
  return lines.join("\n") + "\n";
}

function shapeLines(shape: TableShape, keyCount: number): string[] {
  const usedCount = shape.bucketCount - shape.chainCounts[0];
  const longest = shape.chainCounts.length - 1;
  const lines = [
    ` overflow buckets: ${shape.overflowCount}`,
    ` different slots: ${usedCount}`,
    ` max chain length: ${shape.longestChain}`,
    ` avg chain length (counted): ${(keyCount / usedCount).toFixed(2)}`,
    " Chain length distribution:",
  ];
  shape.chainCounts.forEach((count, length) => {
    if (count === 0) return;
    const percent = (count * 100 / shape.bucketCount).toFixed(2);
    const orMore = length === longest ? ">= " : "";
    lines.push(`   ${orMore}${length}: ${count} (${percent}%)`);
  });
  return lines;
}

/** Due times are found by their order, not by their keys. */
function dueHeapText(db: Database): string {
  if (db.dueCount === 0) return "No stats available for empty dictionaries\n";
  return ` heap of due times: ${db.dueCount} elements\n`;
}

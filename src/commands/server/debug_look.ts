import type {
  Database,
  QuicklistShape,
  TableShape,
} from "../../keyspace/keyspace.ts";
import { failure, noSuchKey } from "../../protocol/errors.ts";

const noHashTable = failure(
  "ERR The value stored at the specified key is not represented using an " +
    "hash table",
);

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
    `lru_seconds_idle:${inspection.idleSeconds(key)}` +
    quicklistWords(inspection.quicklist(key));
}

function quicklistWords(shape: QuicklistShape | null): string {
  if (shape === null) return "";
  const { nodeCount, elementCount, fill, depth, byteCount } = shape;
  return ` ql_nodes:${nodeCount}` +
    ` ql_avg_node:${(elementCount / nodeCount).toFixed(2)}` +
    ` ql_listpack_max:${fill} ql_compressed:${depth === 0 ? 0 : 1}` +
    ` ql_uncompressed_size:${byteCount}`;
}

/** DEBUG HTSTATS: how the keys lie in the table. */
export function tableText(db: Database, isFull: boolean): string {
  const keys = db.size === 0 ? null : db.inspection.tableShape();
  return "[Dictionary HT]\n" + shapeText(keys, isFull) +
    "[Expires HT]\n" + dueHeapText(db);
}

/** DEBUG HTSTATS-KEY: the same for the elements of a collection. */
export function elementTableText(
  { inspection }: Database,
  key: number,
  isFull: boolean,
): string {
  if (inspection.address(key) === 0) throw noSuchKey;
  const shape = inspection.tableShapeUnder(key);
  if (shape === null) throw noHashTable;
  return shapeText(shape, isFull);
}

function shapeText(shape: TableShape | null, isFull: boolean): string {
  if (shape === null) {
    return "Hash table 0 stats (main hash table):\n" +
      "No stats available for empty dictionaries\n";
  }
  const lines = [
    "Hash table 0 stats (main hash table):",
    ` table size: ${shape.bucketCount}`,
    ` number of elements: ${shape.entryCount}`,
  ];
  if (isFull) lines.push(...shapeLines(shape));
  return lines.join("\n") + "\n";
}

function shapeLines(shape: TableShape): string[] {
  const usedCount = shape.bucketCount - shape.chainCounts[0];
  const longest = shape.chainCounts.length - 1;
  const average = shape.entryCount / usedCount;
  const lines = [
    ` overflow buckets: ${shape.overflowCount}`,
    ` different slots: ${usedCount}`,
    ` max chain length: ${shape.longestChain}`,
    ` avg chain length (counted): ${average.toFixed(2)}`,
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

/** DEBUG LISTPACK and QUICKLIST: a line about a value, for the log. */
export function layoutText(
  { inspection }: Database,
  key: number,
  encoding: "listpack" | "quicklist",
): string {
  if (inspection.address(key) === 0) throw noSuchKey;
  if (inspection.kind(key).encoding !== encoding) {
    throw failure(`ERR Not a ${encoding} encoded object.`);
  }
  const saved = `${inspection.savedBytes(key)} bytes in a snapshot`;
  const words = quicklistWords(inspection.quicklist(key));
  return `DEBUG ${encoding.toUpperCase()}: ${saved}${words}`;
}

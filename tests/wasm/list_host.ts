/**
 * The engine's lists for tests: operations on plain words, one character for
 * each byte, and a look at the nodes of a quicklist.
 */
import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { type Plain, plain, ReplyReader } from "../support/reply.ts";
import { loadModules } from "../support/wasm.ts";
import { type KeyspaceExports, KeyspaceHost, NEVER } from "./keyspace_host.ts";

interface ListExports extends KeyspaceExports {
  setListLimits(listpackSize: number, compressDepth: number): void;
  setPackedThreshold(byteCount: number): void;
  lookupKey(db: number, key: number): number;
  entryValue(entry: number): number;
  verifyValue(entry: number): number;
  footprintOf(db: number, key: number): number;
  pushOne(db: number, key: number, value: number, atHead: number): number;
  pushMany(
    db: number,
    key: number,
    first: number,
    count: number,
    atHead: number,
    onlyOld: number,
  ): number;
  popOne(db: number, key: number, atHead: number): number;
  popMany(db: number, key: number, most: number, atHead: number): number;
  moveElement(
    db: number,
    from: number,
    to: number,
    fromHead: number,
    toHead: number,
  ): number;
  listLength(db: number, key: number): number;
  listRange(db: number, key: number, start: number, end: number): number;
  listIndex(db: number, key: number, index: number): number;
  listPositions(
    db: number,
    key: number,
    value: number,
    rank: number,
    count: number,
    most: number,
  ): number;
  listSet(db: number, key: number, index: number, value: number): number;
  listInsert(
    db: number,
    key: number,
    pivot: number,
    value: number,
    behind: number,
  ): number;
  listRemove(db: number, key: number, most: number, value: number): number;
  listTrim(db: number, key: number, start: number, end: number): number;
  quicklistHead(list: number): number;
  nextNode(node: number): number;
  nodeCount(node: number): number;
  isPlain(node: number): number;
  isCompressed(node: number): number;
  compressNode(node: number): void;
}

const MODULES = [
  ...["access", "allocator", "arguments", "database", "entry", "hash"],
  ...["journal", "keys", "limits", "list", "list_edit", "list_read"],
  ...["quicklist", "quicklist_node", "reply", "random", "statistics"],
  ...["string", "value"],
  ...["graveyard", "lookup"],
];

export const LISTPACK = 3, QUICKLIST = 4;

export interface NodeShape {
  readonly address: number;
  readonly count: number;
  readonly plain: boolean;
  readonly compressed: boolean;
}

/** What an operation returned and replied. */
export interface Outcome {
  readonly code: number;
  readonly replies: Plain[];
}

export class ListHost extends KeyspaceHost {
  declare readonly calls: ListExports;
  db = 0;
  #allowed = NEVER;

  static async open(debug: boolean): Promise<ListHost> {
    const host = new ListHost(
      await loadModules<ListExports>(MODULES, { debug }),
    );
    host.calls.setHashSeed(1, 2, 3, 4);
    host.db = host.newDatabase();
    return host;
  }

  /** Lets the next operation that is run have so many blocks and no more. */
  starveNext(blockCount: number): void {
    this.#allowed = blockCount;
  }

  /** Runs an operation on these words, which are arguments from 0 on. */
  run(words: readonly string[], work: (calls: ListExports) => number): Outcome {
    this.say(...words);
    if (this.#allowed !== NEVER) this.failAfter(this.#allowed);
    const code = work(this.calls);
    this.failAfter(NEVER);
    this.#allowed = NEVER;
    const { calls } = this;
    const address = calls.outBase() >>> 0;
    const reader = new ReplyReader();
    reader.push(Buffer.from(this.bytes(address, calls.outLength())));
    assertEquals(calls.outReset(), 0);
    const replies: Plain[] = [];
    for (let next = reader.next(); next; next = reader.next()) {
      replies.push(plain(next));
    }
    return { code, replies };
  }

  push(key: string, values: readonly string[], atHead: number): Outcome {
    return this.run(
      [key, ...values],
      (calls) =>
        values.length === 1
          ? calls.pushOne(this.db, 0, 1, atHead)
          : calls.pushMany(this.db, 0, 1, values.length, atHead, 0),
    );
  }

  /** All elements. */
  elements(key: string): string[] {
    const { code, replies } = this.run(
      [key],
      (calls) => calls.listRange(this.db, 0, 0, -1),
    );
    return code < 0 ? [] : replies[0] as string[];
  }

  /** LISTPACK or QUICKLIST; 0 without the key. */
  encoding(key: string): number {
    this.say(key);
    const kind = this.calls.kindOf(this.db, 0);
    return kind < 0 ? 0 : kind & 15;
  }

  /** The nodes of a quicklist; none of a listpack. */
  nodes(key: string): NodeShape[] {
    if (this.encoding(key) !== QUICKLIST) return [];
    const { calls } = this;
    const list = calls.entryValue(this.#entry(key)) >>> 0;
    const shapes: NodeShape[] = [];
    let address = calls.quicklistHead(list) >>> 0;
    for (; address; address = calls.nextNode(address) >>> 0) {
      shapes.push({
        address,
        count: calls.nodeCount(address),
        plain: calls.isPlain(address) !== 0,
        compressed: calls.isCompressed(address) !== 0,
      });
    }
    return shapes;
  }

  /** The ends lie open as deep as asked for, and nothing else that need not. */
  verifyCompression(key: string, depth: number, hint: string): void {
    const nodes = this.nodes(key);
    for (const [i, { address, compressed }] of nodes.entries()) {
      const isOuter = i < depth || nodes.length - 1 - i < depth;
      if (depth === 0 || isOuter) assert(!compressed, `${hint}: node ${i}`);
      else if (!compressed) {
        this.calls.compressNode(address);
        assert(!this.calls.isCompressed(address), `${hint}: inner node ${i}`);
      }
    }
  }

  verifyList(key: string, hint: string): void {
    const entry = this.#entry(key);
    if (entry) assertEquals(this.calls.verifyValue(entry), 0, hint);
  }

  /** Frees what waits to be freed. */
  bury(): void {
    while (this.calls.reclaim(1000) > 0);
  }

  #entry(key: string): number {
    this.say(key);
    return this.calls.lookupKey(this.db, 0) >>> 0;
  }
}

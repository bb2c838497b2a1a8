/**
 * Proves that imports point down only, room by room as in DESIGN.md's house,
 * and that no file needs itself through others. Types may name each other in
 * a circle: such imports leave nothing behind at run time.
 */
import { walk } from "@std/fs";
import { posix } from "node:path";

interface Room {
  /** Other rooms that it may import. */
  rooms: readonly string[];
  /** Modules from elsewhere; one that ends in a colon is a whole scheme. */
  packages?: readonly string[];
}

const DATA = ["engine", "protocol", "keyspace"];
const EXECUTION = [...DATA, "commands", "dispatch"];
const CAPABILITIES = [
  "persistence",
  "replication",
  "cluster",
  "scripting",
  "acl",
  "pubsub",
  "tracking",
  "observe",
];

/** The rooms of src/, lowest first. A file right in src/ is its own room. */
const HOUSE: Record<string, Room> = {
  engine: { rooms: ["wasm"] },
  protocol: { rooms: ["engine"] },
  keyspace: { rooms: ["engine", "protocol"] },
  commands: { rooms: ["keyspace", "protocol"] },
  // The batch loop is the engine's: dispatch feeds it and takes its replies.
  dispatch: { rooms: ["commands", "keyspace", "protocol", "engine"] },
  net: { rooms: ["protocol"], packages: ["node:"] },
  persistence: {
    rooms: ["keyspace", "protocol", "engine"],
    packages: ["node:"],
  },
  acl: { rooms: ["commands", "engine", "protocol"] },
  pubsub: { rooms: ["commands", "protocol"] },
  tracking: { rooms: ["commands", "engine", "protocol"] },
  observe: { rooms: ["commands", "keyspace", "protocol"] },
  scripting: { rooms: EXECUTION, packages: ["node:", "wasmoon-lua5.1"] },
  replication: {
    rooms: [...EXECUTION, "net", "persistence"],
    packages: ["node:"],
  },
  cluster: { rooms: [...EXECUTION, "net", "replication"], packages: ["node:"] },
  server: {
    rooms: [...EXECUTION, "net", ...CAPABILITIES],
    packages: ["node:"],
  },
  main: { rooms: ["server"], packages: ["@std/cli"] },
};

/** What a room of src/ may see of wasm/: plain constants. */
const SHARED_WITH_WASM: readonly string[] = [
  "wasm/codes.ts",
  "wasm/hot_codes.ts",
  "wasm/rdb_codes.ts",
  "wasm/rdb_faults.ts",
];

export interface Import {
  line: number;
  specifier: string;
  typeOnly: boolean;
}

const STATIC = /^(import|export)\s+(type\s)?(?:[\w*{][^;"'()=]*?\s)?from\s*"/;
const SIDE_EFFECT = /^import\s*"/;
const DYNAMIC = /\bimport\(\s*"/;
const ANY_IMPORT = new RegExp(
  [STATIC, SIDE_EFFECT, DYNAMIC].map((pattern) => `${pattern.source}([^"]+)"`)
    .join("|"),
  "gm",
);

/** Every import and re-export of a file, in order. */
export function importsOf(text: string): Import[] {
  return [...text.matchAll(ANY_IMPORT)].map((match) => ({
    line: text.slice(0, match.index).split("\n").length,
    specifier: match[3] ?? match[4] ?? match[5],
    typeOnly: match[2] !== undefined,
  }));
}

/** The offences of a tree of files, each as one line to print. */
export function findOffences(files: ReadonlyMap<string, string>): string[] {
  const offences: string[] = [];
  const edges = new Map<string, string[]>();
  for (const [path, text] of files) {
    const targets: string[] = [];
    for (const { line, specifier, typeOnly } of importsOf(text)) {
      const target = resolve(path, specifier);
      const fault = faultOf(path, specifier, target);
      if (fault) offences.push(`${path}:${line}: ${fault}`);
      if (target !== undefined && !typeOnly) targets.push(target);
    }
    edges.set(path, targets);
  }
  for (const cycle of findCycles(edges)) {
    offences.push(`${cycle[0]}: imports itself: ${cycle.join(" -> ")}`);
  }
  return offences;
}

function resolve(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const path = posix.join(posix.dirname(from), specifier);
  // AssemblyScript leaves the extension out.
  return from.startsWith("wasm/") ? `${path}.ts` : path;
}

function faultOf(
  path: string,
  specifier: string,
  target: string | undefined,
): string | undefined {
  const room = roomOf(path);
  if (room === "wasm") {
    if (target && roomOf(target) === "wasm") return undefined;
    return `wasm may not import ${specifier}`;
  }
  const rules = HOUSE[room];
  if (!rules) return `${room} is no room of the house`;
  if (target === undefined) {
    const known = rules.packages?.some((name) =>
      name.endsWith(":") ? specifier.startsWith(name) : specifier === name
    );
    return known ? undefined : `${room} may not import ${specifier}`;
  }
  const goal = roomOf(target);
  if (goal === room) return undefined;
  if (rules.rooms.includes(goal)) {
    if (goal !== "wasm" || SHARED_WITH_WASM.includes(target)) return undefined;
  }
  return `${room} may not import ${target}`;
}

function roomOf(path: string): string {
  const [top, room] = path.split("/");
  if (top === "src") return room.replace(/\.ts$/, "");
  return top;
}

/** One cycle for each import that closes one, found depth first. */
function findCycles(edges: ReadonlyMap<string, string[]>): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (path: string) => {
    const start = trail.indexOf(path);
    if (start >= 0) cycles.push([...trail.slice(start), path]);
    if (start >= 0 || done.has(path)) return;
    trail.push(path);
    for (const target of edges.get(path) ?? []) visit(target);
    trail.pop();
    done.add(path);
  };
  for (const path of edges.keys()) visit(path);
  return cycles;
}

async function readTree(root: URL): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const top of ["src", "wasm"]) {
    const options = { includeDirs: false, exts: ["ts"] };
    for await (const { path } of walk(`${root.pathname}${top}`, options)) {
      files.set(
        posix.relative(root.pathname, path),
        await Deno.readTextFile(path),
      );
    }
  }
  return new Map([...files].sort(([a], [b]) => a < b ? -1 : 1));
}

if (import.meta.main) {
  const files = await readTree(new URL("../", import.meta.url));
  const offences = findOffences(files);
  for (const offence of offences) console.error(offence);
  console.log(`${files.size} files, ${offences.length} wrong imports`);
  if (offences.length > 0) Deno.exit(1);
}

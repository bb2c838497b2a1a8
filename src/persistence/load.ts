import { FAULT_CHECKSUM } from "../engine/rdb_codes.ts";
import { type RdbError, RdbLoader } from "./rdb_loader.ts";
import type { PersistenceHost } from "./host.ts";

/**
 * Files cannot be loaded. The message is complete: which file, where in it,
 * what was expected there, what to do.
 */
export class LoadFailure extends Error {}

/** The server ends while it loads. */
export class LoadAborted extends Error {}

export interface RdbLoadOptions {
  /** Bytes of the whole file. */
  readonly byteCount: number;
  /** The base of a log has keys that its increments say more of. */
  readonly isLogBase: boolean;
  /** Keys that are there are replaced; else they are an error. */
  readonly replaces: boolean;
  /** So many bytes were read. */
  progress(byteCount: number): void;
  /** What the writer's data took in memory. */
  usedMemory(byteCount: number): void;
  /** Whether to go on. */
  isWanted(): boolean;
}

export interface RdbLoaded {
  /** Where the RDB ends in the file. */
  readonly end: number;
  readonly loaded: number;
  readonly expired: number;
}

/** Clients get their answer of -LOADING after so long at the latest. */
const SLICE_MS = 10;
const CHUNK_BYTES = 2 ** 19;
/** No sleep of key-load-delay lasts longer before the setting is read anew. */
const NAP_MAX_MS = 20;
/** Of dumps that are odd in many places only so much is told. */
const COMPLAINTS_MAX = 10;

/**
 * Loads an RDB file from where it stands, in slices, so that the server hears
 * its clients. Throws RdbError where the file is not what it should be.
 */
export async function loadRdb(
  file: Deno.FsFile,
  host: PersistenceHost,
  options: RdbLoadOptions,
): Promise<RdbLoaded> {
  const { settings, log } = host;
  host.setClock(Date.now());
  const loader = new RdbLoader(host.engine, host.keyspace, {
    byteCount: options.byteCount,
    checksum: settings.get("rdbchecksum"),
    keepsExpired: options.isLogBase,
    replaces: options.replaces,
    events: loadEvents(host, options),
  });
  try {
    await new Feeding(file, loader, host, options).run();
    const { keys: loaded, expiredKeys: expired, emptyKeys } = loader;
    if (loader.checksum === "zero") {
      log(
        "notice",
        "RDB file was saved with checksum disabled: no check performed.",
      );
    }
    const skipped = emptyKeys > 0 ? `, empty keys skipped: ${emptyKeys}` : "";
    log(
      "notice",
      `Done loading RDB, keys loaded: ${loaded}, ` +
        `keys expired: ${expired}${skipped}.`,
    );
    return { end: loader.offset, loaded, expired };
  } finally {
    loader.close();
  }
}

/** Reads ahead: while one chunk is loaded the next comes from the disk. */
class Feeding {
  readonly #chunk = new Uint8Array(CHUNK_BYTES);
  #sliceEndMs = 0;

  constructor(
    readonly file: Deno.FsFile,
    readonly loader: RdbLoader,
    readonly host: PersistenceHost,
    readonly options: RdbLoadOptions,
  ) {}

  async run(): Promise<void> {
    const { file, loader } = this;
    this.#sliceEndMs = performance.now() + SLICE_MS;
    let reading = file.read(this.#room);
    for (;;) {
      const byteCount = await reading;
      if (byteCount === null) loader.end();
      else {
        // This copies, so that there is room for the next.
        loader.feed(this.#chunk.subarray(0, byteCount));
        reading = file.read(this.#room);
      }
      try {
        if (await this.#load()) break;
      } catch (error) {
        // No read may be under way when the file is closed.
        if (byteCount !== null) await reading.catch(() => null);
        throw error;
      }
    }
    await reading.catch(() => null);
  }

  /** Loads what has been fed; true when it is the end. */
  async #load(): Promise<boolean> {
    const { loader, options } = this;
    for (;;) {
      const delayUs = this.host.settings.get("key-load-delay");
      const keysBefore = loader.keys + loader.expiredKeys;
      const outcome = loader.step(
        delayUs > 0 ? Math.max(1, Math.floor(1000 / delayUs)) : undefined,
      );
      options.progress(loader.offset);
      if (outcome === "done") return true;
      const keys = loader.keys + loader.expiredKeys - keysBefore;
      if (delayUs > 0) await this.#nap(keys);
      else if (performance.now() > this.#sliceEndMs) await this.#giveWay();
      if (!options.isWanted()) throw new LoadAborted();
      if (outcome === "more") return false;
    }
  }

  /** By a timer, see `Snapshot`. */
  async #giveWay(): Promise<void> {
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    this.host.setClock(Date.now());
    this.#sliceEndMs = performance.now() + SLICE_MS;
  }

  /** key-load-delay, which may end while it is slept. */
  async #nap(keyCount: number): Promise<void> {
    let sleptMs = 0;
    const left = () => {
      const delayUs = this.host.settings.get("key-load-delay");
      return keyCount * delayUs / 1000 - sleptMs;
    };
    while (left() > 0 && this.options.isWanted()) {
      const ms = Math.min(NAP_MAX_MS, left());
      await new Promise((resolve) => setTimeout(resolve, ms));
      sleptMs += ms;
    }
    this.host.setClock(Date.now());
  }

  get #room(): Uint8Array<ArrayBuffer> {
    const { settings } = this.host;
    const bytes = settings.get("loading-process-events-interval-bytes");
    return this.#chunk.subarray(0, bytes);
  }
}

function loadEvents({ log }: PersistenceHost, options: RdbLoadOptions) {
  let complaintCount = 0;
  const complain = (text: string) => {
    if (++complaintCount <= COMPLAINTS_MAX) log("warning", text);
  };
  return {
    aux(name: string, value: string): void {
      if (name === "used-mem") options.usedMemory(parseInt(value) || 0);
      const text = auxText(name, value);
      if (text !== null) log(text.level, text.text);
    },
    emptyKey: (key: string) => complain(`Loading: skipping empty key: ${key}`),
    function: () =>
      complain("A library of functions is left out: there are no functions"),
    moduleData: (module: string) =>
      complain(`The data of module ${module} is left out`),
  };
}

/** What the log says of a field about the file, in Redis's words. */
function auxText(
  name: string,
  value: string,
): { level: "notice" | "debug"; text: string } | null {
  const notice = (text: string) => ({ level: "notice", text } as const);
  if (name.startsWith("%")) return notice(`RDB '${name}': ${value}`);
  switch (name) {
    case "redis-ver":
      return notice(`Loading RDB produced by version ${value}`);
    case "ctime": {
      const ageSeconds = Math.floor(Date.now() / 1000) - parseInt(value);
      return notice(`RDB age ${Math.max(0, ageSeconds) || 0} seconds`);
    }
    case "used-mem": {
      const megabytes = (parseInt(value) || 0) / 2 ** 20;
      return notice(`RDB memory usage when created ${megabytes.toFixed(2)} Mb`);
    }
    case "aof-preamble":
      return value === "0" ? null : notice("RDB has an AOF tail");
    case "aof-base":
      return value === "0" ? null : notice("RDB is base AOF");
    case "repl-stream-db":
    case "repl-id":
    case "repl-offset":
    case "lua":
    case "redis-bits":
      return null;
    default:
      return { level: "debug", text: `Unrecognized RDB AUX field: '${name}'` };
  }
}

/** What somebody has to know who finds a dump that cannot be loaded. */
export function failureText(
  path: string,
  { message, fault }: RdbError,
): string {
  const remedy = fault === 0
    ? "Nothing in the file is to blame for that."
    : `\`main.ts check-rdb ${path}\` tells more. Put a good copy of the file ` +
      "there, or move it away to start without its data.";
  const what = fault === FAULT_CHECKSUM
    ? "CRC error"
    : "integrity check failed";
  return `The dump ${path} cannot be loaded: ${what} at ${message}. ${remedy}`;
}

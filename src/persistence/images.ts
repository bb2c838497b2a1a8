import type { PersistenceHost } from "./host.ts";
import type { Image } from "./saves.ts";
import { Snapshot } from "./snapshot.ts";

/** The snapshots that are under way, with what dumps say of themselves. */
export class Images {
  readonly #host: PersistenceHost;
  readonly #open = new Set<Image>();

  constructor(host: PersistenceHost) {
    this.#host = host;
  }

  /** The one that INFO tells of: the first that is under way. */
  get current(): Image | null {
    const [first = null] = this.#open;
    return first;
  }

  /** All data as it is now; throws when there is no memory for it. */
  begin(format: "rdb" | "commands", isLogBase: boolean): Image {
    const { engine, keyspace, settings, took } = this.#host;
    const snapshot = new Snapshot(engine, keyspace, {
      format,
      aux: this.#aux(isLogBase),
      isSummed: settings.get("rdbchecksum"),
      keyDelayUs: Math.max(0, settings.get("rdb-key-save-delay")),
      sliceTook: (ms) => took("snapshot-slice", ms),
    });
    const image: Image = {
      get keysDone() {
        return snapshot.keysDone;
      },
      keysTotal: snapshot.keysTotal,
      runSync: (write) => snapshot.runSync(write),
      run: (write) => snapshot.run(write),
      abort: () => {
        this.#open.delete(image);
        snapshot.abort();
      },
    };
    this.#open.add(image);
    return image;
  }

  #aux(isLogBase: boolean): [name: string, value: string][] {
    const { redisVersion, usedMemory } = this.#host;
    return [
      ["redis-ver", redisVersion],
      // Ours are addresses of the engine's memory.
      ["redis-bits", "32"],
      ["ctime", String(Math.floor(Date.now() / 1000))],
      ["used-mem", String(usedMemory())],
      ["aof-base", isLogBase ? "1" : "0"],
    ];
  }
}

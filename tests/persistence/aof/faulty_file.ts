import type { RoomFile } from "../../../src/persistence/aof/spare_room.ts";
import type { LogLevel } from "../../../src/persistence/aof/faces.ts";
import {
  type AppendFile,
  Increment,
} from "../../../src/persistence/aof/increment.ts";
import { Writer } from "../../../src/persistence/aof/writer.ts";
import { bytesOf } from "../../dispatch/harness.ts";
import { latin1 } from "../../support/reply.ts";

/** A disk with one file, which does what a test wants it to. */
export class FaultyDisk {
  content = "";
  /** What of it survives when the power goes. */
  durable = "";
  syncCount = 0;
  openHandles = 0;
  /** Bytes that still fit. */
  room = Infinity;
  syncError: Error | null = null;
  canTruncate = true;
  /** Whether it remembers what it was given. */
  keeps = true;
  /** Syncs and writes on other threads wait for this. */
  gate: Promise<void> = Promise.resolve();

  /** How an increment opens it. */
  readonly opener = {
    toAppend: () => this.#toAppend(),
    toWrite: () => this.#toWrite(),
  };

  #toAppend(): AppendFile {
    this.openHandles++;
    return {
      writeSync: (bytes) => this.#write(bytes),
      write: async (bytes) => {
        await this.gate;
        return this.#write(bytes);
      },
      syncData: async () => {
        const { content } = this;
        await this.gate;
        this.#sync(content);
      },
      syncDataSync: () => this.#sync(this.content),
      truncateSync: (byteCount) => this.#truncate(byteCount),
      close: () => void this.openHandles--,
    };
  }

  #toWrite(): RoomFile {
    let position = 0;
    this.openHandles++;
    return {
      seekSync: (offset) => position = offset,
      writeSync: (bytes) => {
        const count = this.#write(bytes, position);
        position += count;
        return count;
      },
      truncateSync: (byteCount) => this.#truncate(byteCount),
      close: () => void this.openHandles--,
    };
  }

  /** What is there already needs no room. */
  #write(bytes: Uint8Array, offset = this.content.length): number {
    const over = Math.min(bytes.length, this.content.length - offset);
    const count = over + Math.min(bytes.length - over, this.room);
    if (count === 0) {
      throw new Error("No space left on device (os error 28), write");
    }
    this.room -= count - over;
    if (!this.keeps) return count;
    const text = latin1(bytes.subarray(0, count));
    this.content = this.content.slice(0, offset) + text +
      this.content.slice(offset + count);
    return count;
  }

  #truncate(byteCount: number): void {
    if (!this.canTruncate) throw new Error("Permission denied");
    this.room += Math.max(0, this.content.length - byteCount);
    this.content = this.content.slice(0, byteCount);
  }

  #sync(content: string): void {
    this.syncCount++;
    if (this.syncError !== null) throw this.syncError;
    this.durable = content;
  }
}

/** A log that holds what a test says. */
export class FakeLog {
  sequence = 0;
  isOn = false;
  selects = 0;
  #pieces: Uint8Array<ArrayBuffer>[] = [];

  add(text: string): void {
    this.addBytes(new Uint8Array(bytesOf(text)));
  }

  addBytes(bytes: Uint8Array<ArrayBuffer>): void {
    this.#pieces.push(bytes);
    this.sequence += bytes.length;
  }

  enable(): void {
    this.isOn = true;
  }

  disable(): void {
    this.isOn = false;
    this.#pieces = [];
  }

  forceSelect(): void {
    this.selects++;
  }

  take(): Uint8Array<ArrayBuffer> | null {
    return this.#pieces.shift() ?? null;
  }
}

/** A writer on such a disk, with a clock of its own. */
export function writerOn(disk = new FaultyDisk()) {
  const state = {
    disk,
    log: new FakeLog(),
    lines: [] as string[],
    nowMs: 1_700_000_000_000,
    policy: "everysec" as "everysec" | "always" | "no",
    stampsTime: false,
    rests: false,
    safe: 0,
    doubts: 0,
    changes: 0,
    writes: 0,
  };
  const writer = new Writer({
    effects: state.log,
    settings: {
      get syncPolicy() {
        return state.policy;
      },
      get stampsTime() {
        return state.stampsTime;
      },
    },
    log: (_level: LogLevel, text: string) => void state.lines.push(text),
    now: () => state.nowMs,
    restsSync: () => state.rests,
    safe: (sequence) => void (state.safe = Math.max(state.safe, sequence)),
    wrote: () => void state.writes++,
    synced: () => {},
    errorChanged: () => void state.changes++,
    doubtful: () => void state.doubts++,
  });
  const increment = (on = disk) => new Increment("x", 0, on.opener);
  writer.switchTo(increment());
  return { writer, state, increment };
}

/** Whatever is under way on other threads has happened. */
export const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

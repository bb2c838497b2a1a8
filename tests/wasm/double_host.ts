/** Doubles as the engine reads and writes them, for tests. */
import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import {
  type AllocatorExports,
  Instance,
  loadModules,
} from "../support/wasm.ts";

interface DoubleExports extends AllocatorExports {
  parseDouble(at: number, byteCount: number): number;
  parsedDouble: WebAssembly.Global;
  formatDouble(to: number, value: number): number;
}

/** What `formatDouble` may write. */
const MAX_BYTES = 32;
const ROOM_BYTES = 1 << 17;

export async function loadDoubles(debug: boolean): Promise<DoubleHost> {
  const names = ["allocator", "double"];
  return new DoubleHost(await loadModules<DoubleExports>(names, { debug }));
}

export class DoubleHost extends Instance<DoubleExports> {
  readonly #room = this.alloc(ROOM_BYTES);

  /** Null when the text is no double. */
  parse(text: string): number | null {
    const address = this.#room + ROOM_BYTES - text.length;
    this.bytes(address, text.length).set(Buffer.from(text, "latin1"));
    const { calls } = this;
    return calls.parseDouble(address, text.length)
      ? calls.parsedDouble.value
      : null;
  }

  /** Writes between two marks, which must survive. */
  format(value: number): string {
    const bytes = this.bytes(this.#room, MAX_BYTES + 2).fill(0x23);
    const byteCount = this.calls.formatDouble(this.#room + 1, value);
    assertEquals([bytes[0], bytes[byteCount + 1]], [0x23, 0x23]);
    return Buffer.from(bytes.subarray(1, byteCount + 1)).toString("latin1");
  }
}

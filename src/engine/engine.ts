import wasm from "./engine.wasm" with { type: "bytes" };
import { checked } from "./condition.ts";
import type * as EngineExports from "./engine.wasm";

const module = new WebAssembly.Module(wasm);
const utf8 = new TextEncoder();

/**
 * One instance of the Wasm engine with its own memory: all data of one server.
 *
 * `calls` are the engine's functions as they are. Addresses that they return
 * are made unsigned here (`>>> 0`); nobody outside of this room and the faces
 * built on it (arguments, replies, databases) sees one.
 */
export class Engine {
  readonly calls: typeof EngineExports;
  readonly #memory: WebAssembly.Memory;
  #view: Uint8Array<ArrayBuffer>;

  /** Tests bring a module of their own, built with all proofs. */
  constructor(
    seed: Uint32Array = crypto.getRandomValues(new Uint32Array(4)),
    compiled: WebAssembly.Module = module,
  ) {
    const instance = new WebAssembly.Instance(compiled);
    this.calls = instance.exports as unknown as typeof EngineExports;
    this.#memory = instance.exports.memory as WebAssembly.Memory;
    if (!this.calls.init(seed[0], seed[1], seed[2], seed[3])) {
      throw new Error("the engine finds no memory to begin with");
    }
    this.#view = new Uint8Array(this.#memory.buffer as ArrayBuffer);
  }

  /**
   * The engine's memory. Growing detaches it, so it must not be kept across a
   * call that may allocate.
   */
  get memory(): Uint8Array<ArrayBuffer> {
    if (this.#view.length === 0) {
      this.#view = new Uint8Array(this.#memory.buffer as ArrayBuffer);
    }
    return this.#view;
  }

  /** A copy of bytes in the engine's memory. */
  copy(address: number, byteCount: number): Uint8Array<ArrayBuffer> {
    return this.memory.slice(address, address + byteCount);
  }

  /** Copies bytes in and makes them one more argument; returns its index. */
  pushArgument(value: Uint8Array | string): number {
    const bytes = typeof value === "string" ? utf8.encode(value) : value;
    const index = checked(this.calls.pushBlock(bytes.length));
    this.memory.set(bytes, this.calls.argumentPtr(index) >>> 0);
    return index;
  }
}

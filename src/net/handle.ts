import type { Socket } from "node:net";
import process from "node:process";

/** What sockets have inside: a write without the stream around it. */
export interface Handle {
  /** The request is called back only if the write `isPending`. */
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
}

export interface WriteRequest {
  /** Called when the system has taken everything, or never will. */
  oncomplete(status: number): void;
}

/** The same for reading, which goes on from `readStart` to `readStop`. */
export interface ReadHandle {
  /** Looked at when reading starts. */
  onread(this: ReadHandle, bytes: ArrayBuffer | undefined): unknown;
  /** Bytes are read into this, and nothing is handed to `onread`. */
  useUserBuffer(buffer: Uint8Array): void;
  readStart(): number;
  readStop(): number;
}

/** Where the runtime notes how the last read or write of a handle went. */
interface StreamBinding {
  readonly streamBaseState: Int32Array;
  readonly kLastWriteWasAsync: number;
  readonly kReadBytesOrError: number;
}

const binding = findBinding();

function findBinding(): StreamBinding | null {
  const { binding } = process as unknown as {
    binding?(name: string): StreamBinding;
  };
  try {
    const found = binding?.("stream_wrap");
    const isKnown = found !== undefined &&
      [found.kLastWriteWasAsync, found.kReadBytesOrError].every((index) =>
        typeof found.streamBaseState[index] === "number"
      );
    return isKnown ? found : null;
  } catch {
    return null;
  }
}

/** A socket's handle, where the runtime is one that can be written to so. */
export function handleOf(socket: Socket): Handle | null {
  const { _handle } = socket as unknown as { _handle?: Partial<Handle> };
  const isKnown = binding !== null &&
    typeof _handle?.writeBuffer === "function";
  return isKnown ? _handle as Handle : null;
}

/** The same for reading; of TLS it has what is decrypted. */
export function readHandleOf(socket: Socket): ReadHandle | null {
  const { _handle } = socket as unknown as { _handle?: Partial<ReadHandle> };
  const isKnown = binding !== null &&
    typeof _handle?.onread === "function" &&
    typeof _handle.useUserBuffer === "function" &&
    typeof _handle.readStart === "function" &&
    typeof _handle.readStop === "function";
  return isKnown ? _handle as ReadHandle : null;
}

/** In `onread`: how much was read, or below 0 why nothing was. */
export function readByteCount(): number {
  return binding!.streamBaseState[binding!.kReadBytesOrError];
}

/**
 * Whether the handle's write of this moment waits for the system. Otherwise the
 * system has taken all of it at once, or the connection has broken: nothing
 * more will be heard of the write.
 */
export function isPending(): boolean {
  return binding!.streamBaseState[binding!.kLastWriteWasAsync] !== 0;
}

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

/** Where the runtime notes how the last write of a handle went. */
interface StreamBinding {
  readonly streamBaseState: Int32Array;
  readonly kLastWriteWasAsync: number;
}

const binding = findBinding();

function findBinding(): StreamBinding | null {
  const { binding } = process as unknown as {
    binding?(name: string): StreamBinding;
  };
  try {
    const found = binding?.("stream_wrap");
    const isKnown = found !== undefined &&
      typeof found.streamBaseState[found.kLastWriteWasAsync] === "number";
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

/**
 * Whether the handle's write of this moment waits for the system. Otherwise the
 * system has taken all of it at once, or the connection has broken: nothing
 * more will be heard of the write.
 */
export function isPending(): boolean {
  return binding!.streamBaseState[binding!.kLastWriteWasAsync] !== 0;
}

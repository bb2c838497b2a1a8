import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { readByteCount, type ReadHandle, readHandleOf } from "./handle.ts";

/** The way into a connection: bytes from the system. */
export interface Intake {
  /** Nothing more is read until `resume`. */
  pause(): void;
  resume(): void;
}

/** Every socket reads into this: what it gets is used before the next one. */
const room = new Uint8Array(64 * 1024);

/**
 * Hands over what a socket gets. `received` must not keep the bytes, which are
 * others' when it is over. They come straight from the socket's handle: for a
 * small command the stream around it costs more than the engine does, and every
 * read a buffer. The stream is still told of the end; it does it all for TLS, and
 * where the runtime's handle is not known.
 *
 * `ended` is called once, when nothing more will come. The handle knows of it
 * before whatever others send after that; the stream would tell later.
 */
export function openIntake(
  socket: Socket,
  received: (bytes: Uint8Array) => void,
  ended: () => void,
): Intake {
  const handle = readHandleOf(socket);
  const { encrypted } = socket as Partial<TLSSocket>;
  if (handle !== null && !encrypted) {
    return new HandleIntake(socket, handle, received, ended);
  }
  socket.on("data", received);
  onEnd(socket, handle, ended);
  return socket;
}

/** Calls back once, as soon as the handle knows of the end, if there is one. */
function onEnd(
  socket: Socket,
  handle: ReadHandle | null,
  ended: () => void,
): void {
  let hasEnded = false;
  const end = () => {
    if (!hasEnded) ended();
    hasEnded = true;
  };
  socket.on("end", end);
  if (handle === null) return;
  handle.readStop();
  const readByStream = handle.onread;
  handle.onread = function (bytes) {
    const byteCount = readByteCount();
    readByStream.call(this, bytes);
    // What the stream keeps back comes first.
    if (byteCount < 0 && socket.readableLength === 0) end();
  };
  handle.readStart();
}

class HandleIntake implements Intake {
  readonly #handle: ReadHandle;

  constructor(
    socket: Socket,
    handle: ReadHandle,
    received: (bytes: Uint8Array) => void,
    ended: () => void,
  ) {
    this.#handle = handle;
    handle.readStop();
    const readByStream = handle.onread;
    handle.useUserBuffer(room);
    handle.onread = function (bytes) {
      const byteCount = readByteCount();
      if (byteCount > 0) return received(room.subarray(0, byteCount));
      readByStream.call(this, bytes);
      if (byteCount < 0) ended();
    };
    handle.readStart();
    // Only its end will come through the stream, and shall not wait there.
    socket.resume();
  }

  pause(): void {
    this.#handle.readStop();
  }

  resume(): void {
    this.#handle.readStart();
  }
}

import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { readByteCount, type ReadHandle, readHandleOf } from "./handle.ts";

/** What a read says when the other end sends no more. */
const END = -4095;

/** The way into a connection: bytes from the system. */
export interface Intake {
  /** Nothing more is read until `resume`. */
  pause(): void;
  resume(): void;
}

/** Every socket reads into this: what it gets is used before the next one. */
const room = new Uint8Array(64 * 1024);
/** Its beginnings by their lengths, for small requests: to make one takes time. */
const beginnings: (Uint8Array | undefined)[] = Array.from({ length: 512 });

function beginning(byteCount: number): Uint8Array {
  if (byteCount >= beginnings.length) return room.subarray(0, byteCount);
  return beginnings[byteCount] ??= room.subarray(0, byteCount);
}

/** What comes in. */
export interface IntakeEvents {
  /** The bytes are others' when it is over. */
  readonly received: (bytes: Uint8Array) => void;
  /** Nothing comes any more: the other end has said so. */
  readonly ended: () => void;
  /** Nothing comes or goes any more. */
  readonly broken: () => void;
}

/**
 * Hands over what a socket gets that has not been read from yet. It comes
 * straight from the socket's handle: for a small command the stream around it
 * costs more than the engine does, and every read a buffer; and when thousands
 * hang up at once, the stream's part in it takes longer than others should
 * wait. The stream does it for TLS, and where the runtime's handle is not known.
 *
 * `ended` is called once. The handle knows of the end before whatever others
 * send after that; the stream would tell later.
 */
export function openIntake(socket: Socket, events: IntakeEvents): Intake {
  const handle = readHandleOf(socket);
  const { encrypted } = socket as Partial<TLSSocket>;
  if (handle !== null && !encrypted) return new HandleIntake(handle, events);
  socket.on("data", (bytes: Uint8Array) => events.received(bytes));
  onEnd(socket, handle, events.ended);
  socket.resume();
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

  constructor(handle: ReadHandle, { received, ended, broken }: IntakeEvents) {
    this.#handle = handle;
    handle.useUserBuffer(room);
    handle.onread = () => {
      const byteCount = readByteCount();
      if (byteCount > 0) received(beginning(byteCount));
      else if (byteCount === END) ended();
      else if (byteCount < 0) broken();
    };
    handle.readStart();
  }

  pause(): void {
    this.#handle.readStop();
  }

  resume(): void {
    this.#handle.readStart();
  }
}

import {
  TRACKED_ALL,
  TRACKED_BROADCAST,
  TRACKED_SELF,
} from "../engine/codes.ts";
import type { Engine } from "../engine/engine.ts";

/** What has become of a key, as the engine notes it (wasm/tracked.ts). */
export interface Note {
  /** Null when it is about all keys that there are. */
  readonly key: Uint8Array | null;
  /** Who has read it. */
  readonly trackers: readonly number[];
  /** No client has changed it: it was due, or its room was needed. */
  readonly isNobodys: boolean;
  /** It begins with a prefix of which everything is told. */
  readonly isBroadcast: boolean;
}

const ALL: Note = {
  key: null,
  trackers: [],
  isNobodys: false,
  isBroadcast: false,
};

const HEADER_BYTES = 12;

/** Takes the engine's notes, in the order in which all has happened. */
export function takeNotes(engine: Engine): Note[] {
  const { calls } = engine;
  const byteCount = calls.trackedNoteBytes() >>> 0;
  const bytes = engine.copy(calls.trackedNotes() >>> 0, byteCount);
  // Without memory the engine gives up what it knows of its keys.
  const notes: Note[] = calls.takeTrackedNotes() !== 0 ? [ALL] : [];
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < byteCount;) {
    const what = view.getUint32(at, true);
    const keyBytes = view.getUint32(at + 4, true);
    const count = view.getUint32(at + 8, true);
    const keyAt = at + HEADER_BYTES + count * 4;
    const end = keyAt + (keyBytes + 3 & ~3);
    if (what & TRACKED_ALL) notes.push(ALL);
    else {
      notes.push({
        key: bytes.subarray(keyAt, keyAt + keyBytes),
        trackers: trackersAt(view, at + HEADER_BYTES, count),
        isNobodys: (what & TRACKED_SELF) !== 0,
        isBroadcast: (what & TRACKED_BROADCAST) !== 0,
      });
    }
    at = end;
  }
  return notes;
}

function trackersAt(view: DataView, at: number, count: number): number[] {
  const trackers: number[] = [];
  for (let i = 0; i < count; i++) {
    trackers.push(view.getUint32(at + i * 4, true));
  }
  return trackers;
}

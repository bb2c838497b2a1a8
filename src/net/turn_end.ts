import { setImmediate } from "node:timers";

/**
 * The end of the loop's turn: all sockets that had something have been read.
 * Then what their clients have sent is executed, then the replies go out, and
 * then what was published.
 *
 * Messages to many go out in slices, with a turn between two of them: nobody
 * waits for a reply while ten thousand others get a message, and what is
 * published meanwhile goes out together with what waits. The slices grow as
 * long as nothing more is published.
 */

/** Who has something to send. */
export interface Sender {
  endTurn(): void;
}

const SLICE_MIN = 16, SLICE_MAX = 256;

let works: (() => void)[] = [];
let senders: Sender[] = [];
/** Who has messages, and how many of them have had their slice. */
let pushers: Sender[] = [];
let pushedCount = 0;
let slice = SLICE_MIN;
let isSet = false;

/** Calls back at the end of this turn, before replies go out. */
export function executeAtTurnEnd(work: () => void): void {
  works.push(work);
  expectEnd();
}

/** Sends at the end of this turn. */
export function sendAtTurnEnd(sender: Sender): void {
  senders.push(sender);
  expectEnd();
}

/** Sends when all that waits before it has been sent, at a turn's end. */
export function pushAtTurnEnd(sender: Sender): void {
  pushers.push(sender);
  slice = SLICE_MIN;
  expectEnd();
}

function expectEnd(): void {
  if (isSet) return;
  isSet = true;
  setImmediate(endTurn);
}

function endTurn(): void {
  const ending = works;
  works = [];
  try {
    for (const work of ending) work();
  } finally {
    isSet = false;
    const sending = senders;
    senders = [];
    for (const sender of sending) sender.endTurn();
    if (pushers.length > 0) push();
  }
}

function push(): void {
  const end = Math.min(pushedCount + slice, pushers.length);
  slice = Math.min(slice * 2, SLICE_MAX);
  while (pushedCount < end) pushers[pushedCount++].endTurn();
  if (pushedCount < pushers.length) return expectEnd();
  pushers = [];
  pushedCount = 0;
}

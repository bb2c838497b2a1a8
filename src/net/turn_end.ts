import { setImmediate } from "node:timers";

/**
 * The end of the loop's turn: all sockets that had something have been read.
 * Then what their clients have sent is executed, then the replies go out, and
 * then what was published.
 *
 * Messages to many go out in slices, with a turn between two of them: nobody
 * waits for a reply while ten thousand others get a message, and what is
 * published meanwhile goes out together with what waits. A slice takes about as
 * long as all else in the turn did, so that neither waits for the other.
 */

/** Who has something to send. */
export interface Sender {
  endTurn(): void;
}

const SLICE_MIN_MS = 0.05, SLICE_MAX_MS = 1;
/** The clock is looked at after so many. */
const PUSHES = 8;

let works: (() => void)[] = [];
let senders: Sender[] = [];
/** Who has got messages since the round began, ... */
let pushers: Sender[] = [];
/** ... who is of the round, and how many of them have had their slice. */
let round: Sender[] = [];
let pushedCount = 0;
let sliceEndedMs = 0;
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
    if (round.length + pushers.length > 0) push();
  }
}

function push(): void {
  if (round.length === 0) [round, pushers] = [pushers, round];
  const startedMs = performance.now();
  const turnMs = Math.max(startedMs - sliceEndedMs, SLICE_MIN_MS);
  const endMs = startedMs + Math.min(turnMs, SLICE_MAX_MS);
  do {
    const end = Math.min(pushedCount + PUSHES, round.length);
    while (pushedCount < end) round[pushedCount++].endTurn();
    sliceEndedMs = performance.now();
  } while (pushedCount < round.length && sliceEndedMs < endMs);
  if (pushedCount === round.length) {
    round = [];
    pushedCount = 0;
  }
  if (round.length + pushers.length > 0) expectEnd();
}

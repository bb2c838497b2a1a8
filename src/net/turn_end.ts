import { setImmediate } from "node:timers";

/**
 * The end of the loop's turn: all sockets that had something have been read.
 * Then what their clients have sent is executed, then the replies go out, and
 * then what was published.
 *
 * A message to many goes out in slices: nobody waits for a reply while ten
 * thousand others get it. Those who have just got one get the next a moment
 * later, with all that is published meanwhile: to write to each socket for each
 * message would take longer than all else. Between two slices there must be a
 * timer, for while one immediate follows the other the runtime hardly looks at
 * its sockets.
 */

/** Who has something to send. */
export interface Sender {
  endTurn(): void;
}

/** A slice of messages takes so long, ... */
const SLICE_MS = 2;
/** ... which is looked at after so many. */
const PUSHES = 8;
/** Messages that follow so soon wait for a timer, about a millisecond. */
const REST_MS = 1;

let works: (() => void)[] = [];
let senders: Sender[] = [];
/** What was published is handed over to those who get it. */
let handovers: (() => void)[] = [];
/** Who has got messages since the round began, ... */
let pushers: Sender[] = [];
/** ... who is of the round, and how many of them have had their slice. */
let round: Sender[] = [];
let pushedCount = 0;
let pushedMs = 0;
/** Whether a slice will come, and whether it comes at the end of this turn. */
let isSliceSet = false;
let isSliceDue = false;
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

/** Sends when all that waits before it has been sent. */
export function pushAtTurnEnd(sender: Sender): void {
  pushers.push(sender);
  expectSlice();
}

/** Calls back when the next round of messages begins, to push some. */
export function handOverAtTurnEnd(handOver: () => void): void {
  handovers.push(handOver);
  expectSlice();
}

function expectSlice(): void {
  if (isSliceSet) return;
  isSliceSet = true;
  if (performance.now() - pushedMs < REST_MS) setTimeout(push, 0);
  else {
    isSliceDue = true;
    expectEnd();
  }
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
    if (isSliceDue) push();
  }
}

function push(): void {
  isSliceDue = false;
  if (round.length === 0) {
    for (const handOver of handovers) handOver();
    handovers = [];
    [round, pushers] = [pushers, round];
  }
  const endMs = performance.now() + SLICE_MS;
  do {
    const end = Math.min(pushedCount + PUSHES, round.length);
    while (pushedCount < end) round[pushedCount++].endTurn();
    pushedMs = performance.now();
  } while (pushedCount < round.length && pushedMs < endMs);
  if (pushedCount === round.length) {
    round = [];
    pushedCount = 0;
  }
  isSliceSet = round.length + pushers.length + handovers.length > 0;
  if (isSliceSet) setTimeout(push, 0);
}

import { setImmediate } from "node:timers";

/**
 * The end of the loop's turn: all sockets that had something have been read.
 * Then what their clients have sent is executed, and then the replies go out.
 */

/** Who has something to send. */
export interface Sender {
  endTurn(): void;
}

let works: (() => void)[] = [];
let senders: Sender[] = [];
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
  }
}

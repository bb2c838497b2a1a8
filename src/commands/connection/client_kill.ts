import {
  failure,
  noSuchClient,
  quoted,
  syntaxError,
} from "../../protocol/errors.ts";
import type { Call, Session } from "../call.ts";
import { clientKind } from "./client_kind.ts";

type Filter = (session: Session) => boolean;

const ageNoInteger = failure("ERR maxage is not an integer or out of range");
const badAge = failure("ERR maxage should be greater than 0");
const badId = failure("ERR client-id should be greater than 0");

/**
 * CLIENT KILL. The old form names an address and fails when nobody has it; the
 * new one takes filters and replies with how many connections matched.
 */
export function killClients(call: Call): void {
  if (call.argc === 3) {
    const address = call.text(2);
    const count = kill(call, [(session) => session.address === address]);
    if (count === 0) throw noSuchClient;
    call.reply.ok();
    return;
  }
  call.reply.integer(kill(call, readFilters(call)));
}

/** Of several filters of a kind, the last one counts. */
function readFilters(call: Call): Filter[] {
  const filters = new Map<string, Filter>();
  let sparesMe = true;
  for (let i = 2; i < call.argc; i += 2) {
    if (i + 1 >= call.argc) throw syntaxError;
    if (call.is(i, "SKIPME")) sparesMe = yesOrNo(call, i + 1);
    else filters.set(call.word(i), readFilter(call, i));
  }
  const all = [...filters.values()];
  return sparesMe ? [...all, ({ id }) => id !== call.client.id] : all;
}

function readFilter(call: Call, at: number): Filter {
  const value = call.text(at + 1);
  switch (call.word(at)) {
    case "id": {
      const id = call.integerIn(at + 1, 1, Infinity, badId);
      return (session) => session.id === id;
    }
    case "type": {
      const kind = clientKind(call, at + 1);
      return (session) => session.kind === kind;
    }
    case "maxage": {
      const seconds = call.integerIn(at + 1, -Infinity, Infinity, ageNoInteger);
      if (seconds <= 0) throw badAge;
      const bornMs = call.now - seconds * 1000;
      return (session) => session.connectedAtMs <= bornMs;
    }
    case "addr":
      return (session) => session.address === value;
    case "laddr":
      return (session) => session.localAddress === value;
    case "user":
      if (call.server.access.find(call.latin1(at + 1)) === undefined) {
        throw failure(`ERR No such user '${quoted(call.latin1(at + 1))}'`);
      }
      return (session) => session.user === value;
    default:
      throw syntaxError;
  }
}

function yesOrNo(call: Call, index: number): boolean {
  if (call.is(index, "YES")) return true;
  if (call.is(index, "NO")) return false;
  throw syntaxError;
}

/** Closes all that pass; the caller himself still gets his reply. */
function kill(call: Call, filters: readonly Filter[]): number {
  const victims = [...call.server.sessions()]
    .filter((session) => filters.every((passes) => passes(session)));
  for (const victim of victims) {
    if (victim.id === call.client.id) victim.closeAfterReply();
    else victim.kill();
  }
  return victims.length;
}

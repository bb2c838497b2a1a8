import { failure, quoted } from "../../protocol/errors.ts";
import type { Call, Session } from "../call.ts";

/** A client type by its name; "slave" is the old word for a replica. */
export function clientKind(call: Call, index: number): Session["kind"] {
  const word = call.word(index);
  const kind = word === "slave" ? "replica" : word;
  if (
    kind === "normal" || kind === "master" || kind === "replica" ||
    kind === "pubsub"
  ) return kind;
  throw failure(`ERR Unknown client type '${quoted(call.latin1(index))}'`);
}

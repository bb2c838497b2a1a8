/** What a client of client-side caching gets, in one line for people. */
import { latin1, type Reply, ReplyReader } from "./reply.ts";

/**
 * Replies and messages in order: `=` for a reply, keys for a message that names
 * them, `*` for one that means all of them.
 */
export function shownReplies(replies: readonly Reply[]): string {
  return replies.map(shownReply).join(" ");
}

function shownReply(reply: Reply): string {
  if (reply.kind !== "push") return "=";
  const [kind, what] = reply.items;
  const name = kind.kind === "bulk" ? latin1(kind.bytes) : "?";
  if (name !== "invalidate") return name;
  if (what.kind !== "array") return "*";
  return what.items.map((key) => key.kind === "bulk" ? latin1(key.bytes) : "?")
    .join(",");
}

/** The replies and messages in a stream of bytes with a char each. */
export function repliesIn(stream: string): Reply[] {
  const reader = new ReplyReader();
  reader.push(Uint8Array.from(stream, (char) => char.charCodeAt(0)));
  const replies: Reply[] = [];
  for (let next = reader.next(); next; next = reader.next()) replies.push(next);
  return replies;
}

import type { SelectorDescription } from "../access.ts";
import type { Call } from "../call.ts";

/** ACL GETUSER. */
export function showUser(call: Call): void {
  const { reply } = call;
  const user = call.server.access.describe(call.latin1(2));
  if (user === undefined) return reply.null();
  const [own, ...others] = user.selectors;
  reply.map(6);
  reply.bulk("flags");
  reply.set(user.flags.length);
  for (const flag of user.flags) reply.bulk(flag);
  reply.bulk("passwords");
  reply.array(user.passwords.length);
  for (const hash of user.passwords) reply.bulk(hash);
  showSelector(call, own);
  reply.bulk("selectors");
  reply.array(others.length);
  for (const selector of others) {
    reply.map(3);
    showSelector(call, selector);
  }
}

function showSelector({ reply }: Call, selector: SelectorDescription): void {
  for (const part of ["commands", "keys", "channels"] as const) {
    reply.bulk(part);
    reply.latin1(selector[part]);
  }
}

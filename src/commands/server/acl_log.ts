import { subcommandSyntax } from "../../protocol/errors.ts";
import type { Refusal } from "../access.ts";
import type { Call } from "../call.ts";

const SHOWN_BY_DEFAULT = 10;

/** ACL LOG. */
export function showRefusals(call: Call): void {
  const { reply, argc } = call;
  const { access } = call.server;
  if (argc > 3) throw subcommandSyntax("ACL", call.latin1(1));
  if (argc === 3 && call.is(2, "RESET")) {
    access.forgetRefusals();
    return reply.ok();
  }
  const count = argc === 3 ? call.integer(2) : SHOWN_BY_DEFAULT;
  const refusals = access.refusals(Math.max(0, count));
  reply.array(refusals.length);
  for (const refusal of refusals) show(call, refusal);
}

function show({ reply, now }: Call, refusal: Refusal): void {
  reply.map(10);
  reply.bulk("count");
  reply.integer(refusal.count);
  for (const part of ["reason", "context"] as const) {
    reply.bulk(part);
    reply.bulk(refusal[part]);
  }
  reply.bulk("object");
  reply.latin1(refusal.object);
  reply.bulk("username");
  reply.latin1(refusal.user);
  reply.bulk("age-seconds");
  reply.double((now - refusal.updatedMs) / 1000);
  reply.bulk("client-info");
  reply.bulk(refusal.client);
  reply.bulk("entry-id");
  reply.integer(refusal.id);
  reply.bulk("timestamp-created");
  reply.integer(refusal.createdMs);
  reply.bulk("timestamp-last-updated");
  reply.integer(refusal.updatedMs);
}

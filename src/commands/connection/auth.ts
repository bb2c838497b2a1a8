import {
  noPasswordSet,
  syntaxError,
  wrongPassword,
} from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { wordsFrom } from "../define/keys.ts";

/** AUTH: proves who the client is. */
export const auth = command({
  name: "AUTH",
  group: "connection",
  since: "1.0.0",
  summary: "Authenticates the connection",
  complexity: "O(N), N = passwords of the user",
  flags: [
    "noscript",
    "loading",
    "stale",
    "fast",
    "no_auth",
    "allow_busy",
  ],
  history: [["6.0.0", "A user name may stand before the password."]],
  args: [
    arg.string("username").optional().since("6.0.0"),
    arg.string("password"),
  ],
  secrets: ({ argc }) => wordsFrom(1, argc),
  run(call) {
    if (call.argc > 3) throw syntaxError;
    const { access } = call.server;
    if (call.argc === 2 && !access.needsPassword) throw noPasswordSet;
    const user = call.argc === 2 ? "default" : call.latin1(1);
    authenticate(call, user, call.bytes(call.argc - 1));
    call.reply.ok();
  },
});

/** Makes the client that user, or throws. */
export function authenticate(
  call: Call,
  user: string,
  password: Uint8Array,
): void {
  const { client, server } = call;
  const command = call.latin1(0);
  if (!server.access.authenticate(client, user, password, command)) {
    throw wrongPassword;
  }
}

/** Where the server listens, and who may change or debug it. */
import {
  boolean,
  choice,
  directive,
  integer,
  octal,
  optionalText,
} from "../directive.ts";
import { bindKind } from "../specialKinds.ts";
import { INT_MAX, UINT_MAX } from "../numbers.ts";

const ALLOWED_FOR = ["no", "yes", "local"] as const;

export const networkDirectives = {
  bind: directive(bindKind, Object.freeze(["*", "-::*"])),
  "bind-source-addr": optionalText({
    noEffect: "Deno's outgoing connections cannot choose their source address",
  }),
  "protected-mode": boolean(true),
  "enable-protected-configs": choice(ALLOWED_FOR, "no", { immutable: true }),
  "enable-debug-command": choice(ALLOWED_FOR, "no", { immutable: true }),
  "enable-module-command": choice(ALLOWED_FOR, "no", {
    immutable: true,
    noEffect: "native Redis modules cannot be loaded into Deno",
  }),
  port: integer(6379, 0, 65535),
  "tcp-backlog": integer(511, 0, INT_MAX, { immutable: true }),
  unixsocket: optionalText({ immutable: true }),
  unixsocketperm: octal(0, 0, 0o777, { immutable: true }),
  timeout: integer(0, 0, INT_MAX),
  "tcp-keepalive": integer(300, 0, INT_MAX),
  "socket-mark-id": integer(0, 0, UINT_MAX, {
    immutable: true,
    noEffect: "Deno's sockets cannot be marked",
  }),
};

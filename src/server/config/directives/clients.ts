/** What clients may do, and how much of everything they may take. */
import {
  choice,
  directive,
  integer,
  memory,
  optionalText,
  text,
} from "../directive.ts";
import { outputBufferLimitsKind } from "../specialKinds.ts";
import { LONG_MAX, MEBIBYTE, UINT_MAX } from "../numbers.ts";
import { memoryOrPercentKind, type MemoryShare } from "../simpleKinds.ts";

const NO_SHARE: MemoryShare = Object.freeze({ unit: "bytes", amount: 0 });

const DEFAULT_OUTPUT_LIMITS = Object.freeze({
  normal: Object.freeze({ hardBytes: 0, softBytes: 0, softSeconds: 0 }),
  replica: Object.freeze({
    hardBytes: 256 * MEBIBYTE,
    softBytes: 64 * MEBIBYTE,
    softSeconds: 60,
  }),
  pubsub: Object.freeze({
    hardBytes: 32 * MEBIBYTE,
    softBytes: 8 * MEBIBYTE,
    softSeconds: 60,
  }),
});

export const clientDirectives = {
  maxclients: integer(10000, 1, UINT_MAX),
  "acllog-max-len": integer(128, 0, LONG_MAX),
  aclfile: text("", { immutable: true }),
  requirepass: optionalText(),
  "acl-pubsub-default": choice(
    ["allchannels", "resetchannels"],
    "resetchannels",
  ),
  "client-output-buffer-limit": directive(
    outputBufferLimitsKind,
    DEFAULT_OUTPUT_LIMITS,
  ),
  "client-query-buffer-limit": memory(1024 * MEBIBYTE, MEBIBYTE, LONG_MAX),
  "maxmemory-clients": directive(memoryOrPercentKind(), NO_SHARE),
  "proto-max-bulk-len": memory(512 * MEBIBYTE, MEBIBYTE, LONG_MAX),
  "tracking-table-max-keys": integer(1000000, 0, LONG_MAX),
};

/** Encrypted connections. */
import { boolean, choice, integer, optionalText } from "../directive.ts";
import { INT_MAX } from "../numbers.ts";

const FIXED_BY_RUNTIME = "Deno's TLS has modern ciphers only, in its own order";
const FIXED_SESSIONS = "Deno's TLS keeps its own session cache";

/** Setting the same path again reads the file again: it may be renewed. */
const RENEWABLE = { appliesUnchanged: true } as const;

export const tlsDirectives = {
  "tls-port": integer(0, 0, 65535),
  "tls-cert-file": optionalText(RENEWABLE),
  "tls-key-file": optionalText(RENEWABLE),
  "tls-key-file-pass": optionalText(),
  "tls-client-cert-file": optionalText(RENEWABLE),
  "tls-client-key-file": optionalText(RENEWABLE),
  "tls-client-key-file-pass": optionalText(),
  "tls-dh-params-file": optionalText({
    ...RENEWABLE,
    noEffect: FIXED_BY_RUNTIME,
  }),
  "tls-ca-cert-file": optionalText(RENEWABLE),
  "tls-ca-cert-dir": optionalText(RENEWABLE),
  "tls-auth-clients": choice(["no", "yes", "optional"], "yes"),
  "tls-replication": boolean(false),
  "tls-cluster": boolean(false),
  "tls-protocols": optionalText(),
  "tls-ciphers": optionalText({ noEffect: FIXED_BY_RUNTIME }),
  "tls-ciphersuites": optionalText({ noEffect: FIXED_BY_RUNTIME }),
  "tls-prefer-server-ciphers": boolean(false, { noEffect: FIXED_BY_RUNTIME }),
  "tls-session-caching": boolean(true, { noEffect: FIXED_SESSIONS }),
  "tls-session-cache-size": integer(20 * 1024, 0, INT_MAX, {
    noEffect: FIXED_SESSIONS,
  }),
  "tls-session-cache-timeout": integer(300, 0, INT_MAX, {
    noEffect: FIXED_SESSIONS,
  }),
};

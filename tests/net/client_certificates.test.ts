/** Who may come in by what he has shown, or by a session from before. */
import { assertEquals } from "@std/assert";
import {
  ClientCertificates,
  type Demand,
} from "../../src/net/client_certificates.ts";

const shown = (
  fingerprint256: string | null,
  { authorized = false, isResumed = false } = {},
) => ({
  authorized,
  isSessionReused: () => isResumed,
  getPeerX509Certificate: () =>
    fingerprint256 === null ? undefined : { fingerprint256 },
});

Deno.test("a session that is resumed is as good as what was checked here", () => {
  const answers = (demand: Demand) => {
    const clients = new ClientCertificates(demand);
    return [
      clients.mayEnter(shown(null)),
      clients.mayEnter(shown(null, { isResumed: true, authorized: true })),
      clients.mayEnter(shown("bad")),
      // The runtime takes what it does not check for good.
      clients.mayEnter(shown("bad", { isResumed: true, authorized: true })),
      clients.mayEnter(shown("good", { isResumed: true, authorized: true })),
      clients.mayEnter(shown("good", { authorized: true })),
      clients.mayEnter(shown("good", { isResumed: true, authorized: true })),
    ];
  };
  const [yes, no] = [true, false];
  assertEquals(answers("no"), [yes, yes, yes, yes, yes, yes, yes]);
  assertEquals(answers("optional"), [yes, yes, no, no, no, yes, yes]);
  assertEquals(answers("yes"), [no, no, no, no, no, yes, yes]);
});

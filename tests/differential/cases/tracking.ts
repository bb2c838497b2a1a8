/**
 * Client-side caching. What a client is told by itself shows before the reply
 * to its next PING.
 */

import { group, script, type Teller } from "../script.ts";

/** In RESP3 messages come beside replies. */
const pushed = (name: string, body: (t: Teller) => void) =>
  script(name, body, [3]);

/** What comes next on a connection: messages first, then PONGs. */
function hear(client: Teller, count: number): void {
  for (let i = 0; i < count; i++) client.run("PING");
}

const INFO = "CLIENT TRACKINGINFO";

export default group("tracking", [
  script("wrong calls", (t) => {
    t.all("CLIENT TRACKING", "CLIENT TRACKING WAT", "CLIENT TRACKING ON WAT");
    t.all("CLIENT TRACKING ON REDIRECT", "CLIENT TRACKING ON REDIRECT x");
    t.all("CLIENT TRACKING ON REDIRECT 999999999", "CLIENT TRACKING ON PREFIX");
    t.all("CLIENT TRACKING ON REDIRECT 0", "CLIENT TRACKING ON PREFIX a");
    t.all("CLIENT TRACKING ON BCAST OPTIN", "CLIENT TRACKING ON OPTOUT BCAST");
    t.all("CLIENT TRACKING ON OPTIN OPTOUT", "CLIENT TRACKING OFF BCAST WAT");
    t.all("CLIENT TRACKING OFF OPTIN OPTOUT", INFO, "CLIENT GETREDIR");
    t.all("CLIENT CACHING YES", "CLIENT CACHING", "CLIENT CACHING YES NO");
    t.all("CLIENT GETREDIR x", "CLIENT TRACKINGINFO x", "CLIENT CACHING WAT");
    t.all("CLIENT TRACKING ON", "CLIENT CACHING WAT", "CLIENT CACHING YES");
    t.all("CLIENT CACHING NO", "CLIENT TRACKING ON OPTIN", "CLIENT CACHING NO");
    t.all("CLIENT TRACKING ON OPTOUT", "CLIENT TRACKING OFF");
    t.all("CLIENT TRACKING ON OPTOUT", "CLIENT CACHING YES");
  }),

  script("modes do not change while tracking is on", (t) => {
    t.all("CLIENT TRACKING ON", "CLIENT TRACKING ON BCAST");
    t.all("CLIENT TRACKING ON NOLOOP", INFO, "CLIENT TRACKING ON", INFO);
    t.all("CLIENT TRACKING OFF", "CLIENT TRACKING OFF", INFO);
    t.all("CLIENT TRACKING ON BCAST", INFO, "CLIENT TRACKING ON");
    t.all("CLIENT TRACKING ON BCAST NOLOOP", INFO, "CLIENT TRACKING OFF");
    t.all("CLIENT TRACKING ON OPTIN", "CLIENT TRACKING ON OPTOUT");
    t.all("CLIENT TRACKING ON", INFO, "CLIENT TRACKING ON OPTOUT", INFO);
    t.all("CLIENT TRACKING ON OPTIN", "RESET", INFO);
  }),

  script("prefixes of a client do not overlap", (t) => {
    const on = "CLIENT TRACKING ON BCAST";
    t.all(`${on} PREFIX foobar PREFIX foo`, `${on} PREFIX foo PREFIX foobar`);
    t.all(`${on} PREFIX a PREFIX a`, `${on} PREFIX ''  PREFIX x`, INFO);
    t.all(`${on} PREFIX foo PREFIX bar`, INFO, `${on} PREFIX fo`);
    t.all(`${on} PREFIX barb`, `${on} PREFIX bar`, `${on} PREFIX baz`, INFO);
    t.all(on, INFO, on, "CLIENT TRACKING OFF", INFO, on, INFO);
  }),

  script("what CLIENT CACHING says is said of the next command", (t) => {
    t.all("CLIENT TRACKING ON OPTIN", INFO, "CLIENT CACHING YES", INFO);
    t.all("CLIENT CACHING yes", "CLIENT ID x", INFO, "PING", INFO);
    t.all("CLIENT CACHING YES", "MULTI", "PING", "EXEC", INFO);
    t.all("CLIENT CACHING YES", "WAT", INFO, "CLIENT CACHING YES", "GET", INFO);
    t.all("CLIENT TRACKING OFF", "CLIENT TRACKING ON OPTOUT");
    t.all("CLIENT CACHING NO", INFO, "PING", INFO, "CLIENT CACHING no", INFO);
  }),

  pushed("changes are told once, to all who have read the key", (t) => {
    const other = t.client("other");
    t.all("CLIENT TRACKING ON", "MSET a 1 b 2 l x", "GET a", "MGET a b none");
    other.all("CLIENT TRACKING ON", "GET a", "LRANGE l 0 -1", "SET a 2");
    hear(t, 2);
    hear(other, 2);
    other.all("SET a 3", "SET none 1", "LPUSH b x", "DEL b l a");
    hear(t, 3);
    hear(other, 2);
    t.all("GET a", "CLIENT TRACKING OFF", "CLIENT TRACKING ON");
    hear(t, 2);
  }),

  pushed("own changes are told after the reply, and not with NOLOOP", (t) => {
    t.all("CLIENT TRACKING ON", "MSET a 1 b 2", "MGET a b", "MSET a 2 b 3");
    hear(t, 3);
    t.all("GET a", "MULTI", "INCR a", "GET a", "INCR a", "EXEC");
    hear(t, 3);
    t.all("CLIENT TRACKING ON NOLOOP", "GET a", "INCR a", "GET a", "FLUSHALL");
    hear(t, 2);
  }),

  pushed("only chosen keys are told of", (t) => {
    t.all("CLIENT TRACKING ON OPTIN", "GET a", "CLIENT CACHING YES", "GET b");
    t.all("GET c", "CLIENT CACHING YES", "MULTI", "GET d", "GET e", "EXEC");
    t.all("GET f", "MSET a 1 b 1 c 1 d 1 e 1 f 1");
    hear(t, 4);
    t.all("CLIENT TRACKING OFF", "CLIENT TRACKING ON OPTOUT", "GET a");
    t.all("CLIENT CACHING NO", "GET b", "GET c", "MSET a 1 b 1 c 1");
    hear(t, 3);
  }),

  pushed("prefixes are told of without having been read", (t) => {
    const other = t.client("other");
    t.run("CLIENT TRACKING ON BCAST PREFIX a: PREFIX b:");
    other.run("CLIENT TRACKING ON BCAST NOLOOP");
    other.run("MSET a:2 1 c:1 1 b:1 1 a:1 1");
    hear(t, 3);
    hear(other, 1);
    t.all("MSET a:1 1 c:1 1", "DEL none a:2");
    hear(t, 1);
    hear(other, 3);
    t.all("MULTI", "INCR a:1", "INCR b:1", "INCR a:1", "EXEC");
    hear(t, 3);
    hear(other, 2);
  }),

  pushed("keys that go by themselves are told of", (t) => {
    const other = t.client("other");
    t.all("CLIENT TRACKING ON NOLOOP", "SET a 1 PXAT 1", "SET b 1", "MGET a b");
    other.all("EXPIRE b 0", "SET c 1", "FLUSHDB");
    hear(t, 3);
    t.all("GET c", "GET d");
    other.all("FLUSHALL", "SET c 1", "SET d 1");
    hear(t, 2);
  }),

  script("in RESP2 a client is told nothing", (t) => {
    t.all("CLIENT TRACKING ON", "GET a", "SET a 1", "GET a", "FLUSHALL", INFO);
  }, [2]),
]);

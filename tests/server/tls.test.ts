/** TLS from outside: who gets in, on which terms, and what changes them. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { makeCertificate } from "../support/certificates.ts";
import { connect } from "../support/client.ts";
import { embed, until } from "./embedded.ts";
import { TlsFiles } from "./tls_files.ts";

const FAILED = /Unable to update TLS configuration. Check server logs./;

Deno.test("a client talks over TLS beside the plain port", async () => {
  await using files = new TlsFiles();
  await using embedded = await embed({
    ...files.settings,
    "tls-auth-clients": "no",
  });
  using client = await files.connect();
  assertEquals(await client.call("SET", "key", "value"), "OK");
  using plain = await connect(embedded.port);
  assertEquals(await plain.call("GET", "key"), "value");
  const info = String(await plain.call("INFO", "server"));
  assertMatch(info, new RegExp(`tcp_port:${embedded.port}`));
  assertMatch(info, new RegExp(`name=tls,bind=.*,port=${files.tlsPort}`));
  assertMatch(embedded.log(), /Ready to accept connections tls/);
});

Deno.test("values of all sizes and long pipelines come through whole", async () => {
  await using files = new TlsFiles();
  await using _ = await embed({ ...files.settings, "tls-auth-clients": "no" });
  using client = await files.connect();
  const sizes = [0, 1, 1000, 16_384, 70_000, 300_000, 3_000_000];
  const value = (size: number) => "v".repeat(size) + size;
  for (const size of sizes) await client.call("SET", `k${size}`, value(size));
  const gets = Array.from({ length: 200 }, (_, i) => sizes[i % 5]);
  const replies = await client.pipeline([
    ...gets.map((size) => ["GET", `k${size}`]),
    ...sizes.map((size) => ["GET", `k${size}`]),
  ]);
  const wanted = [...gets, ...sizes].map(value);
  assertEquals(
    replies.map(String).map((text) => text.slice(-10)),
    wanted.map((text) => text.slice(-10)),
  );
  assertEquals(replies.every((reply, i) => reply === wanted[i]), true);
});

Deno.test("who breaks off in the middle of replies is forgotten", async () => {
  await using files = new TlsFiles();
  await using embedded = await embed({
    ...files.settings,
    "tls-auth-clients": "no",
  });
  using asker = await files.connect();
  await asker.call("SET", "large", "v".repeat(1_000_000));
  for (let round = 0; round < 10; round++) {
    const client = await files.connect();
    for (let i = 0; i < 5; i++) await client.send("GET", "large");
    client.close();
  }
  await until("only one is left", () => embedded.server.clients.count === 1);
});

Deno.test("without a certificate nobody gets in unless that is allowed", async () => {
  await using files = new TlsFiles();
  await using embedded = await embed(files.settings);
  const { client, stranger } = files;
  using plain = await connect(embedded.port);
  const demand = (value: string) =>
    plain.call("CONFIG", "SET", "tls-auth-clients", value);
  const answers = async () => [
    await files.ping(),
    await files.ping(client),
    await files.ping(stranger),
  ];
  // yes is the default.
  assertEquals(await answers(), ["refused", "PONG", "refused"]);
  await demand("no");
  assertEquals(await answers(), ["PONG", "PONG", "PONG"]);
  await demand("optional");
  assertEquals(await answers(), ["PONG", "PONG", "refused"]);
  await demand("yes");
  assertEquals(await answers(), ["refused", "PONG", "refused"]);
  await until(
    "it is told",
    () => /Error accepting a client/.test(embedded.log()),
  );
});

Deno.test("an expired certificate and one of another authority are refused", async () => {
  await using files = new TlsFiles();
  await using _ = await embed(files.settings);
  const issuer = files.authority;
  const expired = makeCertificate("expired", {
    issuer,
    notAfter: "20210101000000Z",
  });
  // The same name, but another key.
  const impostor = makeCertificate("authority", { isAuthority: true });
  const forged = makeCertificate("client", { issuer: impostor });
  assertEquals(await files.ping(expired), "refused");
  assertEquals(await files.ping(forged), "refused");
  assertEquals(await files.ping(files.client), "PONG");
});

Deno.test("an authority of version 1 is refused, for anybody could show it", async () => {
  await using files = new TlsFiles();
  await using embedded = await embed(files.settings);
  const old = makeCertificate("old", { isVersion1: true });
  files.write("old.crt", old.certificate);
  using plain = await connect(embedded.port);
  const set = plain.call(
    "CONFIG",
    "SET",
    "tls-ca-cert-file",
    files.path("old.crt"),
  );
  await assertRejects(() => set, Error, "Unable to update TLS configuration");
  assertMatch(
    embedded.log(),
    /The CA certificate of CN=old is not of version 3/,
  );
  assertEquals(await files.ping(files.client), "PONG");
});

Deno.test("an encrypted key needs its passphrase", async () => {
  await using files = new TlsFiles();
  const encrypted = makeCertificate("server", {
    issuer: files.authority,
    passphrase: "1234",
  });
  await using embedded = await embed(files.settings);
  using plain = await connect(embedded.port);
  files.write("new.crt", encrypted.certificate);
  files.write("new.key", encrypted.key);
  const set = (...pass: string[]) =>
    plain.call(
      "CONFIG",
      "SET",
      "tls-cert-file",
      files.path("new.crt"),
      "tls-key-file",
      files.path("new.key"),
      ...pass,
    );
  await assertRejects(() => set(), Error, "Unable to update TLS");
  await assertRejects(
    () => set("tls-key-file-pass", "4321"),
    Error,
    "Unable to",
  );
  assertEquals(await set("tls-key-file-pass", "1234"), "OK");
  assertEquals(await files.ping(files.client), "PONG");
});

Deno.test("a key that does not fit and a file that is not there are refused", async () => {
  await using files = new TlsFiles();
  await using embedded = await embed(files.settings);
  using plain = await connect(embedded.port);
  for (const name of ["client.key", "nowhere.key", "server.crt"]) {
    const set = plain.call("CONFIG", "SET", "tls-key-file", files.path(name));
    assertMatch(String(await set.catch(String)), FAILED);
  }
  const log = embedded.log();
  assertMatch(log, /client.key: it does not belong to the certificate/);
  assertMatch(log, /nowhere.key: No such file or directory/);
  const now = await plain.call("CONFIG", "GET", "tls-key-file");
  assertEquals(now, ["tls-key-file", files.path("server.key")]);
  assertEquals(await files.ping(files.client), "PONG");
});

Deno.test("new files are used without a restart, and the connected stay", async () => {
  await using files = new TlsFiles();
  await using embedded = await embed({
    ...files.settings,
    "tls-auth-clients": "no",
  });
  using before = await files.connect();
  await before.call("PING");
  const authority = makeCertificate("new authority", { isAuthority: true });
  const server = makeCertificate("server", { issuer: authority });
  // One after the other, and for a moment they do not fit together.
  files.write("server.crt", server.certificate);
  await until(
    "it has looked",
    () => /what was there before/.test(embedded.log()),
  );
  assertEquals(await files.ping(), "PONG");
  files.write("server.key", server.key);
  await until("it has looked", () => /use the new ones/.test(embedded.log()));
  using after = await files.connect(null, { authority });
  assertEquals(await after.call("PING"), "PONG");
  await assertRejects(() => files.ping(), Error, "UnknownIssuer");
  assertEquals(await before.call("PING"), "PONG");
});

Deno.test("ports are switched between TCP and TLS at run time", async () => {
  await using files = new TlsFiles();
  await using embedded = await embed({
    ...files.settings,
    "tls-port": 0,
    "tls-auth-clients": "no",
  });
  const { port } = embedded;
  {
    using plain = await connect(port);
    await plain.call("CONFIG", "SET", "tls-port", files.tlsPort);
    assertEquals(await files.ping(), "PONG");
    // Both at once, each to the other's place.
    await plain.call("CONFIG", "SET", "port", files.tlsPort, "tls-port", port);
  }
  using secure = await files.connect(null, { port });
  assertEquals(await secure.call("PING"), "PONG");
  using plain = await connect(files.tlsPort);
  assertEquals(await plain.call("CONFIG", "SET", "tls-port", 0), "OK");
  // Who is connected stays, and nobody comes.
  assertEquals(await secure.call("PING"), "PONG");
  using late = await files.connect(null, { port }).catch(() => null);
  assertEquals(late, null);
});

Deno.test("the protocols are those that are wanted", async () => {
  await using files = new TlsFiles();
  await using embedded = await embed({
    ...files.settings,
    "tls-auth-clients": "no",
  });
  using plain = await connect(embedded.port);
  const set = (value: string) =>
    plain.call("CONFIG", "SET", "tls-protocols", value);
  assertEquals(await negotiated(files), "TLSv1.3");
  await set("TLSv1.2");
  assertEquals(await negotiated(files), "TLSv1.2");
  await set("tlsv1.3 TLSv1.1");
  assertEquals(await negotiated(files), "TLSv1.3");
  assertMatch(String(await set("TLSv1.1").catch(String)), FAILED);
  assertMatch(String(await set("TLSv1.2,TLSv1.3").catch(String)), FAILED);
  assertEquals(await negotiated(files), "TLSv1.3");
});

Deno.test("a server that cannot have TLS as it is told does not start", async () => {
  await using files = new TlsFiles();
  const start = async (values: Record<string, string>) => {
    const settings = { ...files.settings, ...values };
    await using _ = await embed(settings);
  };
  const words = "Failed to configure TLS. Check logs for more info.";
  for (const name of ["cert-file", "key-file", "ca-cert-file"]) {
    await assertRejects(() => start({ [`tls-${name}`]: "" }), Error, words);
  }
  await start({ "tls-ca-cert-file": "", "tls-auth-clients": "no" });
});

Deno.test("MIGRATE goes over TLS where the cluster does", async () => {
  await using files = new TlsFiles();
  await using target = await embed(files.settings);
  await using source = await embed({
    ...files.settings,
    "tls-port": 0,
    "tls-cluster": true,
    "tls-client-cert-file": files.path("client.crt"),
    "tls-client-key-file": files.path("client.key"),
  });
  using from = await connect(source.port);
  using to = await connect(target.port);
  const value = "v".repeat(300_000);
  const migrate = (key: string) =>
    from.call("MIGRATE", "localhost", files.tlsPort, key, 0, 5000);
  for (const key of ["one", "two"]) {
    await from.call("SET", key, value + key);
    assertEquals(await migrate(key), "OK");
    assert(await to.call("GET", key) === value + key);
  }
  await from.call("SET", "three", 3);
  // A server that nobody vouches for gets nothing.
  files.write("other.crt", files.stranger.certificate);
  const other = files.path("other.crt");
  await from.call("CONFIG", "SET", "tls-ca-cert-file", other);
  source.server.targets.expel(Infinity);
  assertMatch(String(await migrate("three").catch(String)), /IOERR/);
  assertEquals(await from.call("EXISTS", "three"), 1);
});

async function negotiated(files: TlsFiles): Promise<string> {
  const { connect } = await import("node:tls");
  const socket = connect({
    host: "localhost",
    port: files.tlsPort,
    ca: [files.authority.certificate],
  });
  const done = Promise.withResolvers<void>();
  socket.on("secureConnect", done.resolve);
  socket.on("error", done.reject);
  await done.promise;
  const protocol = socket.getProtocol() ?? "";
  const closed = new Promise((settle) => socket.on("close", settle));
  socket.destroy();
  await closed;
  return protocol;
}

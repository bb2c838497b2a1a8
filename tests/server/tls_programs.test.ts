/** TLS with programs that others have written. */
import { assertEquals, assertMatch } from "@std/assert";
import { connect } from "../support/client.ts";
import { realRedis } from "../support/real.ts";
import { embed } from "./embedded.ts";
import { TlsFiles } from "./tls_files.ts";

/** What a program prints. Its input ends when it has printed `last`. */
async function run(
  program: string,
  args: string[],
  input = "",
  last = "",
): Promise<string> {
  const child = new Deno.Command(program, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  writer.write(new TextEncoder().encode(input)).catch(() => {});
  const end = () => void writer.close().catch(() => {});
  if (last === "") end();
  let text = "";
  const errors = new Response(child.stderr).text();
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (last !== "" && text.includes(last)) {
      last = "";
      end();
    }
  }
  await child.status;
  return text + await errors;
}

function hasOpenssl(): boolean {
  try {
    new Deno.Command("openssl", { args: ["version"] }).outputSync();
    return true;
  } catch {
    console.log("openssl is not installed: its tests are skipped");
    return false;
  }
}

Deno.test({
  name: "redis-cli talks over TLS, with and without a certificate",
  ignore: !realRedis("redis-cli"),
  async fn() {
    await using files = new TlsFiles();
    await using embedded = await embed(files.settings);
    const cli = (...args: string[]) =>
      run("redis-cli", ["--tls", "-p", String(files.tlsPort), ...args]);
    const pair = ["--cert", files.path("client.crt")];
    pair.push("--key", files.path("client.key"));
    const trust = ["--cacert", files.path("ca.crt")];
    assertEquals(await cli(...trust, ...pair, "SET", "a", "1"), "OK\n");
    assertMatch(await cli(...trust, "GET", "a"), /closed the connection/);
    using plain = await connect(embedded.port);
    await plain.call("CONFIG", "SET", "tls-auth-clients", "no");
    const name = ["--sni", "localhost"];
    assertEquals(await cli(...trust, ...name, "-3", "GET", "a"), "1\n");
    assertEquals(await cli("--insecure", "GET", "a"), "1\n");
  },
});

Deno.test({
  name: "no session opens a door that its certificate would not open",
  ignore: !hasOpenssl(),
  async fn() {
    await using files = new TlsFiles();
    await using embedded = await embed({
      ...files.settings,
      "tls-auth-clients": "no",
    });
    using plain = await connect(embedded.port);
    const demand = (value: string) =>
      plain.call("CONFIG", "SET", "tls-auth-clients", value);
    const session = files.path("session");
    const place = ["-connect", `127.0.0.1:${files.tlsPort}`];
    const talk = async (version: string, words: string[]) => {
      const args = ["s_client", ...place, `-${version}`, ...words];
      const said = await run("openssl", args, "PING\r\n", "+PONG");
      return [/^Reused/m.test(said), said.includes("+PONG")];
    };
    const pair = ["-cert", files.path("client.crt")];
    pair.push("-key", files.path("client.key"));
    const [keep, use] = [["-sess_out", session], ["-sess_in", session]];
    for (const version of ["tls1_2", "tls1_3"]) {
      await demand("no");
      assertEquals(await talk(version, keep), [false, true]);
      assertEquals(await talk(version, use), [true, true]);
      await demand("yes");
      assertEquals(await talk(version, use), [true, false]);
      assertEquals(await talk(version, [...keep, ...pair]), [false, true]);
      assertEquals(await talk(version, use), [true, true]);
      // Another authority knows nothing of what this one has checked.
      files.write("other.crt", files.stranger.certificate);
      const other = files.path("other.crt");
      await plain.call("CONFIG", "SET", "tls-ca-cert-file", other);
      assertEquals(await talk(version, use), [true, false]);
      await plain.call(
        "CONFIG",
        "SET",
        "tls-ca-cert-file",
        files.path("ca.crt"),
      );
    }
  },
});

/** The server as a program: its command line, its log, its beginning and end. */
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { connect } from "../support/client.ts";
import { freePort } from "../support/launch.ts";
import { KEYSAUR_COMMAND } from "../support/server.ts";

// What a test leaves behind fails it.
Deno.test.sanitizer({ ops: true, resources: true });

const isWindows = Deno.build.os === "windows";

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** A started server whose output and exit can be watched. */
class Program {
  readonly #child: Deno.ChildProcess;
  /** Where it runs: what it leaves behind shall not meet the next one. */
  readonly #dir = Deno.makeTempDirSync({ prefix: "keysaur-" });
  readonly #outcome: Promise<Outcome>;
  #stdout = "";
  #changed = Promise.withResolvers<void>();

  constructor(args: readonly string[], stdin = "") {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [...KEYSAUR_COMMAND, ...args],
      cwd: this.#dir,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#outcome = this.#watch(stdin);
  }

  get pid(): number {
    return this.#child.pid;
  }

  get stdout(): string {
    return this.#stdout;
  }

  /** How it ends by itself. */
  outcome(): Promise<Outcome> {
    return this.#outcome;
  }

  async ready(): Promise<void> {
    let hasEnded = false;
    const end = this.#outcome.then(() => hasEnded = true);
    while (!this.#stdout.includes("Ready to accept connections")) {
      await Promise.race([this.#changed.promise, end]);
      if (hasEnded) throw new Error((await this.#outcome).stderr);
    }
  }

  async kill(signal: Deno.Signal): Promise<Outcome> {
    this.#child.kill(signal);
    return await this.#outcome;
  }

  async #watch(stdin: string): Promise<Outcome> {
    const writer = this.#child.stdin.getWriter();
    const writing = writer.write(new TextEncoder().encode(stdin))
      .then(() => writer.close()).catch(() => {});
    const errors = new Response(this.#child.stderr).text();
    const lines = this.#child.stdout.pipeThrough(new TextDecoderStream());
    for await (const text of lines) {
      this.#stdout += text;
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    }
    const { code } = await this.#child.status;
    await writing;
    await Deno.remove(this.#dir, { recursive: true });
    return { code, stdout: this.#stdout, stderr: await errors };
  }
}

/** Runs the program to its own end. */
function run(args: readonly string[], stdin = ""): Promise<Outcome> {
  return new Program(args, stdin).outcome();
}

/** Words for a server of 127.0.0.1 on a free port. */
function onFreePort(...more: string[]): { port: number; args: string[] } {
  const port = freePort();
  const args = ["--port", String(port), "--bind", "127.0.0.1", ...more];
  return { port, args };
}

async function withDirectory(
  test: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "keysaur-" });
  try {
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

// What needs no server.

Deno.test("--version and -v print one line and end", async () => {
  for (const word of ["--version", "-v"]) {
    const { code, stdout, stderr } = await run([word]);
    assertMatch(
      stdout,
      /^Keysaur server v=\d+\.\d+\.\d+ redis_version=7\.2\.4 deno=\S+ v8=\S+\n$/,
    );
    assertEquals([code, stderr], [0, ""]);
  }
});

Deno.test("--help and -h tell how to use it", async () => {
  for (const word of ["--help", "-h"]) {
    const { code, stdout, stderr } = await run([word]);
    assertMatch(stdout, /^Usage: /);
    assertMatch(stdout, /--port 7777/);
    assertEquals([code, stderr], [0, ""]);
  }
});

Deno.test("a wrong word ends the start with the line that is wrong", async () => {
  const cases: [args: string[], stdin: string, message: RegExp][] = [
    [["--nosuch", "1"], "", /'nosuch "1"'\n.*Bad directive/],
    [["--port", "many"], "", /'port "many"'\n/],
    [["--port", "99999"], "", /'port "99999"'\n/],
    [
      ["-"],
      "port 1\nappendfsync rarely\n",
      /at line 2[^]*'appendfsync rarely'/,
    ],
    [["/nonexistent/redis.conf"], "", /\/nonexistent\/redis\.conf/],
    [["--rename-command", "NOSUCH", "X"], "", /[Nn]o such command/],
    [["--dir", "/nonexistent"], "", /No such file or directory/],
  ];
  for (const [args, stdin, message] of cases) {
    const outcome = await run(args, stdin);
    assertMatch(outcome.stderr, message);
    assertEquals(outcome.code, 1, args.join(" "));
    assert(!outcome.stderr.includes("    at "), outcome.stderr);
  }
});

Deno.test("a taken port ends the start with a message", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const outcome = await run(["--bind", "127.0.0.1", "--port", String(port)]);
  assertMatch(
    outcome.stdout,
    /# Warning: Could not create server TCP .*already in use/,
  );
  assertMatch(outcome.stderr, new RegExp(`^Failed listening on port ${port} `));
  assertEquals(outcome.code, 1);
});

Deno.test("a log file that cannot be opened ends the start with a message", async () => {
  const { args } = onFreePort("--logfile", "/nonexistent/dir/server.log");
  const outcome = await run(args);
  assertEquals(outcome, {
    code: 1,
    stdout: "",
    stderr: "Can't open the log file /nonexistent/dir/server.log: " +
      "No such file or directory\n",
  });
});

// Its beginning and end.

Deno.test("the log tells of the start in the format of Redis", async () => {
  const { args, port } = onFreePort();
  const program = new Program(args);
  await program.ready();
  const { code, stdout, stderr } = await program.kill("SIGTERM");
  assertEquals([code, stderr], [0, ""]);
  const lines = stdout.trimEnd().split("\n");
  const stamp = new RegExp(
    `^${program.pid}:M \\d\\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)` +
      " \\d{4} \\d\\d:\\d\\d:\\d\\d\\.\\d{3} [.\\-*#] \\S",
  );
  for (const line of lines) assertMatch(line, stamp);
  const order = [
    "Keysaur is starting",
    `pid=${program.pid}, just started`,
    "# No config file given",
    `Running mode=standalone, port=${port}.`,
    "* Server initialized",
    "* Ready to accept connections tcp",
    "# Received SIGTERM scheduling shutdown...",
    "# Redis is now ready to exit, bye bye...",
  ];
  const places = order.map((words) =>
    lines.findIndex((line) => line.includes(words))
  );
  assertEquals(places, [...places].sort((a, b) => a - b));
  assert(places.every((place) => place >= 0), stdout);
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test({
    name: `${signal} ends the server in good order`,
    ignore: isWindows,
    fn: () =>
      withDirectory(async (dir) => {
        const pidfile = `${dir}/server.pid`;
        const unixsocket = `${dir}/server.sock`;
        const { args, port } = onFreePort(
          ...["--pidfile", pidfile, "--unixsocket", unixsocket],
        );
        const program = new Program(args);
        await program.ready();
        assertEquals(await Deno.readTextFile(pidfile), `${program.pid}\n`);
        using client = await connect(port);
        await client.call("SET", "a", "1", "EX", "100");
        const { code, stdout } = await program.kill(signal);
        assertEquals(code, 0);
        assertMatch(stdout, new RegExp(`# Received ${signal} scheduling`));
        assertMatch(stdout, /\* Removing the pid file\.\n/);
        assertMatch(stdout, /\* Removing the unix socket file\.\n/);
        await client.ended();
        assertEquals([...Deno.readDirSync(dir)], []);
      }),
  });
}

Deno.test("SHUTDOWN ends it with code 0 and without a reply", async () => {
  for (const words of [["NOSAVE"], [], ["NOSAVE", "NOW", "FORCE"]]) {
    const { args, port } = onFreePort();
    const program = new Program(args);
    await program.ready();
    using client = await connect(port);
    await client.send("SHUTDOWN", ...words);
    await client.ended();
    const { code, stdout, stderr } = await program.outcome();
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /[*] User requested shutdown\.\.\.\n/);
  }
});

Deno.test("it takes its settings from a file, standard input and its words", async () => {
  await withDirectory(async (dir) => {
    const { port } = onFreePort();
    const file = `${dir}/keysaur.conf`;
    await Deno.writeTextFile(
      file,
      `# comment\nport 1\nbind 127.0.0.1\nmaxclients 77\ntimeout 5\n` +
        `rename-command FLUSHALL ""\nrename-command CONFIG secretconfig\n` +
        `io-threads 4\n`,
    );
    const program = new Program(
      [file, "--port", String(port), "--timeout", "6", "-"],
      "timeout 7\ndatabases 3\n",
    );
    await program.ready();
    assertMatch(program.stdout, /\* Configuration loaded\n/);
    assertMatch(program.stdout, /# io-threads is accepted but has no effect: /);
    {
      using client = await connect(port);
      const get = (name: string) => client.call("secretconfig", "GET", name);
      assertEquals(await get("maxclients"), ["maxclients", "77"]);
      // The words of the command line come last, wherever they stand.
      assertEquals(await get("timeout"), ["timeout", "6"]);
      assertEquals(await get("databases"), ["databases", "3"]);
      const replies = await client.pipeline([
        ["FLUSHALL"],
        ["CONFIG", "GET", "port"],
        ["FLUSHDB"],
      ]);
      assertMatch(String(replies[0]), /unknown command 'FLUSHALL'/);
      assertMatch(String(replies[1]), /unknown command 'CONFIG'/);
      assertEquals(replies[2], "OK");
    }
    assertEquals((await program.kill("SIGTERM")).code, 0);
  });
});

Deno.test("with a log file it prints nothing, and follows a rotated file", async () => {
  await withDirectory(async (dir) => {
    const { args, port } = onFreePort("--dir", dir, "--logfile", "server.log");
    const program = new Program(args);
    const path = `${dir}/server.log`;
    const text = async () => await Deno.readTextFile(path).catch(() => "");
    while (!(await text()).includes("Ready to accept")) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await Deno.rename(path, `${path}.1`);
    using client = await connect(port);
    await client.send("SHUTDOWN", "NOSAVE");
    assertEquals(await program.outcome(), { code: 0, stdout: "", stderr: "" });
    assertMatch(await text(), /^\d+:M .* [*] User requested shutdown/);
  });
});

Deno.test("the level of the log can be chosen, and changed while it runs", async () => {
  const { args, port } = onFreePort("--loglevel", "verbose");
  const program = new Program(args);
  await program.ready();
  {
    using client = await connect(port);
    await client.call("CONFIG", "SET", "loglevel", "warning");
    using _silent = await connect(port);
    await client.call("PING");
  }
  const { stdout } = await program.kill("SIGTERM");
  assertEquals(stdout.match(/ - Accepted 127\.0\.0\.1:\d+\n/g)?.length, 1);
});

Deno.test("it is ready soon after its start", async () => {
  const { args } = onFreePort();
  const startedMs = performance.now();
  const program = new Program(args);
  await program.ready();
  const readyMs = performance.now() - startedMs;
  await program.kill("SIGTERM");
  // Some hundred ms on an idle machine; tests share theirs.
  assertLess(readyMs, 20_000);
});

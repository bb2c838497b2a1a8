/** Servers as processes of their own, each with a port and a directory. */

const READY = "Ready to accept connections";
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;
const ATTEMPTS = 5;

export interface LaunchOptions {
  /** Where the server keeps its files; without it, a directory of its own. */
  dir?: string;
}

export interface RunningServer extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
  readonly dir: string;
  /** From the start of the process to its word that it is ready. */
  readonly startMs: number;
  /** What it has printed so far. */
  log(): string;
  /** Ends it, and removes the directory unless the caller named it. */
  stop(signal?: Deno.Signal): Promise<void>;
}

/** Starts a program on a free port and waits until it takes connections. */
export async function launch(
  program: string,
  argsFor: (port: number, dir: string) => string[],
  options: LaunchOptions = {},
): Promise<RunningServer> {
  for (let attempt = 1;; attempt++) {
    try {
      return await launchOnce(program, argsFor, options);
    } catch (error) {
      // Somebody else may take a free port before the server does.
      const taken = /address already in use|AddrInUse/i.test(String(error));
      if (!taken || attempt === ATTEMPTS) throw error;
    }
  }
}

export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

async function launchOnce(
  program: string,
  argsFor: (port: number, dir: string) => string[],
  options: LaunchOptions,
): Promise<RunningServer> {
  const port = freePort();
  const dir = options.dir ?? await Deno.makeTempDir({ prefix: "keysaur-" });
  const startedAt = performance.now();
  const child = new Deno.Command(program, {
    args: argsFor(port, dir),
    cwd: dir,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = new Output([child.stdout, child.stderr]);
  const cleanUp = async () => {
    await output.ended;
    if (!options.dir) await Deno.remove(dir, { recursive: true });
  };
  const ready = await output.waitFor(READY, START_TIMEOUT_MS);
  const startMs = performance.now() - startedAt;
  if (!ready) {
    await end(child, "SIGKILL");
    await cleanUp();
    throw new Error(`${program} did not start:\n${output.text}`);
  }
  let stopped: Promise<void> | undefined;
  const stop = (signal: Deno.Signal = "SIGTERM") =>
    stopped ??= end(child, signal).then(cleanUp);
  return {
    port,
    pid: child.pid,
    dir,
    startMs,
    log: () => output.text,
    stop,
    [Symbol.asyncDispose]: () => stop(),
  };
}

/** Gathers what a process prints, so that it never waits for a reader. */
class Output {
  text = "";
  readonly ended: Promise<unknown>;
  #changed = Promise.withResolvers<void>();
  #open = true;

  constructor(streams: ReadableStream<Uint8Array<ArrayBuffer>>[]) {
    this.ended = Promise.all(streams.map((stream) => this.#gather(stream)))
      .finally(() => {
        this.#open = false;
        this.#changed.resolve();
      });
  }

  /** Whether the words come before the process ends or time runs out. */
  async waitFor(words: string, timeoutMs: number): Promise<boolean> {
    const late = Promise.withResolvers<void>();
    let inTime = true;
    const timer = setTimeout(() => {
      inTime = false;
      late.resolve();
    }, timeoutMs);
    while (!this.text.includes(words) && this.#open && inTime) {
      await Promise.race([this.#changed.promise, late.promise]);
    }
    clearTimeout(timer);
    return this.text.includes(words);
  }

  async #gather(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.text += text;
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    }
  }
}

/** Sends the signal, and after a while the one that cannot be refused. */
async function end(
  child: Deno.ChildProcess,
  signal: Deno.Signal,
): Promise<void> {
  const kill = (name: Deno.Signal) => {
    try {
      child.kill(name);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      // It has ended by itself.
    }
  };
  kill(signal);
  const timer = setTimeout(() => kill("SIGKILL"), STOP_TIMEOUT_MS);
  await child.status;
  clearTimeout(timer);
}

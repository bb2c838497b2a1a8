import { allCommands } from "../commands/index.ts";
import type {
  ConfigFace,
  ServerFace,
  Session,
  ShutdownOptions,
} from "../commands/call.ts";
import { CommandTable } from "../commands/define/table.ts";
import { Dispatcher } from "../dispatch/dispatcher.ts";
import type { ClientSession } from "../dispatch/session.ts";
import { Engine } from "../engine/engine.ts";
import { Keyspace } from "../keyspace/keyspace.ts";
import { Clients } from "./clients.ts";
import { Config } from "./config/config.ts";
import { bytesFromText } from "./config/text.ts";
import {
  configFileError,
  describeFileError,
  StartError,
} from "./config/errors.ts";
import { Housekeeping } from "./housekeeping.ts";
import { infoText } from "./info.ts";
import { Listeners } from "./listeners.ts";
import { Log } from "./log.ts";
import { Metrics } from "./metrics.ts";
import { configFace, followSettings } from "./settings.ts";
import { logo, REDIS_VERSION, VERSION } from "./version.ts";

export interface ServerOptions {
  /** Where log lines go instead of `logfile`. */
  readonly log?: Log;
  /** The engine that is to hold the data, in place of a new one. */
  readonly engine?: Engine;
}

/**
 * One server: its data, its clients, its settings. Several live in a process
 * without sharing anything but code.
 */
export class Server implements ServerFace {
  readonly config: ConfigFace;
  readonly settings: Config;
  readonly engine: Engine;
  readonly keyspace: Keyspace;
  readonly table: CommandTable;
  readonly clients: Clients;
  readonly dispatcher: Dispatcher;
  readonly metrics: Metrics;
  readonly journal: Log;
  readonly startedAtMs = Date.now();
  readonly runId = hexId();
  replicationId = hexId();
  /** Resolves when the server has stopped. */
  readonly stopped: Promise<void>;
  activeExpire = true;
  readonly #housekeeping: Housekeeping;
  readonly #listeners: Listeners;
  #settleStopped!: () => void;
  #second: ReturnType<typeof setInterval> | undefined;
  #isStopping = false;
  #isCronPaused = false;

  constructor(settings: Config = new Config(), options: ServerOptions = {}) {
    this.settings = settings;
    this.journal = options.log ?? openLog(settings);
    this.journal.level = settings.get("loglevel");
    this.engine = options.engine ?? new Engine();
    this.keyspace = new Keyspace(this.engine, settings.get("databases"));
    this.table = new CommandTable(allCommands);
    this.#renameCommands();
    this.metrics = new Metrics(this);
    this.config = configFace(settings);
    this.dispatcher = new Dispatcher(
      this.engine,
      this.keyspace,
      this.table,
      this,
    );
    this.clients = new Clients(this.#clientsHost());
    this.#listeners = new Listeners({
      config: settings,
      log: this.journal,
      accepted: (connection) => this.clients.accept(connection),
    });
    followSettings(this);
    this.#housekeeping = new Housekeeping(this.#housekeepingHost());
    this.stopped = new Promise((settle) => this.#settleStopped = settle);
  }

  /** Opens the listeners; throws StartError when that is impossible. */
  async start(): Promise<void> {
    this.#announce();
    await this.#listeners.open();
    if (this.#isStopping) return;
    this.#writePidFile();
    this.metrics.startupBytes = this.engine.calls.usedBytes();
    this.#second = setInterval(() => this.#everySecond(), 1000);
    this.log("notice", "Server initialized");
    for (const kind of this.#listeners.kinds) {
      this.log("notice", `Ready to accept connections ${kind}`);
    }
  }

  /** Closes everything at once; resolves when all of it is closed. */
  stop(): Promise<void> {
    if (!this.#isStopping) {
      this.#isStopping = true;
      clearInterval(this.#second);
      this.#housekeeping.stop();
      this.#removePidFile();
      const closed = [this.#listeners.close(), this.clients.closeAll()];
      Promise.all(closed).then(() => {
        this.log("warning", "Redis is now ready to exit, bye bye...");
        this.#settleStopped();
      });
    }
    return this.stopped;
  }

  /** CONFIG SET port or bind: whether that can be, and moves there. */
  moveListeners(): boolean {
    // Whoever is told that the port has changed shall find it open.
    return this.#listeners.move((opened) =>
      this.dispatcher.holdReplies(opened)
    );
  }

  /** A signal asks for the end. */
  signalled(name: string): void {
    this.log("warning", `Received ${name} scheduling shutdown...`);
    this.stop();
  }

  // What commands may ask for.

  sessions(): Iterable<Session> {
    return this.clients.sessions();
  }

  readonly redisVersion = REDIS_VERSION;

  get needsPassword(): boolean {
    return (this.settings.get("requirepass") ?? "") !== "";
  }

  authenticate(user: string, password: Uint8Array): boolean {
    if (user !== "default") return false;
    const wanted = bytesFromText(this.settings.get("requirepass") ?? "");
    return wanted.length === 0 || sameBytes(password, wanted);
  }

  info(sections: readonly string[]): string {
    return infoText(this, sections);
  }

  resetStatistics(): void {
    this.dispatcher.statistics.reset();
    this.metrics.reset();
    this.#housekeeping.expireMs = 0;
    this.clients.resetStatistics();
  }

  shutdown(options: ShutdownOptions): void {
    this.log("warning", "User requested shutdown...");
    void options;
    this.stop();
  }

  log(level: "debug" | "verbose" | "notice" | "warning", text: string): void {
    this.journal.write(level, text);
  }

  get memory(): Metrics {
    return this.metrics;
  }

  setActiveExpire(on: boolean): void {
    this.activeExpire = on;
    this.#housekeeping.refresh();
  }

  pauseCron(on: boolean): void {
    this.#isCronPaused = on;
    this.#housekeeping.refresh();
  }

  /** Time spent on removing due keys. */
  get expireMs(): number {
    return this.#housekeeping.expireMs;
  }

  changeReplicationId(): void {
    this.replicationId = hexId();
  }

  #clientsHost() {
    const { settings } = this;
    return {
      config: this.settings,
      log: this.journal,
      get opensAuthenticated(): boolean {
        return (settings.get("requirepass") ?? "") === "";
      },
      inputUse: (session: ClientSession) => this.dispatcher.inputUse(session),
      receive: (session: ClientSession, bytes: Uint8Array) => {
        this.dispatcher.receive(session, bytes);
        this.#afterTurn();
      },
      gather: (session: ClientSession, bytes: Uint8Array) =>
        this.dispatcher.gather(session, bytes),
      executeGathered: () => {
        this.dispatcher.executeGathered();
        this.#afterTurn();
      },
      resume: (session: ClientSession) => {
        this.dispatcher.resume(session);
        this.#afterTurn();
      },
      forget: (session: ClientSession) => this.dispatcher.forget(session),
    };
  }

  #afterTurn(): void {
    this.metrics.notePeak();
    this.#housekeeping.afterBatch();
  }

  #housekeepingHost() {
    return {
      keyspace: this.keyspace,
      engine: this.engine,
      mayExpire: () =>
        this.activeExpire && !this.#isCronPaused && !this.dispatcher.isLoading,
      setClock: (now: number) => this.dispatcher.setClock(now),
      expired: () => this.dispatcher.commitExpired(),
      spent: (ms: number) => this.dispatcher.statistics.countTimer(ms),
    };
  }

  #renameCommands(): void {
    for (const { args, place } of this.settings.statements.renameCommand) {
      const problem = this.table.rename(args[0], args[1]);
      if (problem !== null) throw configFileError(problem, place);
    }
  }

  #announce(): void {
    this.log("notice", "oO0OoO0OoO0Oo Keysaur is starting oO0OoO0OoO0Oo");
    this.log(
      "notice",
      `Keysaur version=${VERSION}, compatible with Redis 7.2.4, bits=32, ` +
        `pid=${Deno.pid}, just started`,
    );
    const file = this.settings.configFile;
    this.log(
      file ? "notice" : "warning",
      file
        ? "Configuration loaded"
        : "No config file given, using the default config. In order to " +
          "specify one use: main.ts /path/to/redis.conf",
    );
    const port = this.settings.get("port");
    const wantsLogo = this.settings.get("always-show-logo") ||
      (this.settings.get("logfile") === "" && Deno.stdout.isTerminal());
    this.log(
      "notice",
      wantsLogo ? logo(port) : `Running mode=standalone, port=${port}.`,
    );
  }

  #everySecond(): void {
    if (this.#isCronPaused) return;
    const startedMs = performance.now();
    this.metrics.sample();
    this.clients.expel(Date.now());
    this.dispatcher.statistics.countTimer(performance.now() - startedMs);
  }

  #writePidFile(): void {
    const path = this.settings.get("pidfile") ?? "";
    if (path === "") return;
    try {
      Deno.writeTextFileSync(path, `${Deno.pid}\n`);
    } catch (error) {
      this.log("warning", `Cannot write the pidfile: ${error}`);
    }
  }

  #removePidFile(): void {
    const path = this.settings.get("pidfile") ?? "";
    if (path === "") return;
    this.log("notice", "Removing the pid file.");
    try {
      Deno.removeSync(path);
    } catch {
      // Somebody else has removed it.
    }
  }
}

function openLog(settings: Config): Log {
  const path = settings.get("logfile");
  try {
    return Log.to(path === "" ? "" : settings.pathInDir(path));
  } catch (error) {
    throw new StartError(
      `Can't open the log file ${path}: ${describeFileError(error)}`,
    );
  }
}

/** Forty random hexadecimal digits. */
function hexId(): string {
  return crypto.getRandomValues(new Uint8Array(20)).toHex();
}

/** Compares without telling by its duration where the bytes differ. */
function sameBytes(given: Uint8Array, wanted: Uint8Array): boolean {
  let difference = given.length ^ wanted.length;
  for (let i = 0; i < given.length; i++) {
    difference |= given[i] ^ wanted[i % wanted.length];
  }
  return difference === 0;
}

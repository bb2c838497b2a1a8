import { allCommands } from "../commands/index.ts";
import type {
  ConfigFace,
  ServerFace,
  Session,
  ShutdownOptions,
} from "../commands/call.ts";
import { CommandTable } from "../commands/define/table.ts";
import type { DurationsFace } from "../commands/observation.ts";
import { Dispatcher } from "../dispatch/dispatcher.ts";
import type { Pause } from "../dispatch/pause.ts";
import { Engine } from "../engine/engine.ts";
import { Gate } from "../net/gate.ts";
import { openLooks } from "../net/look.ts";
import { handOverAtTurnEnd } from "../net/turn_end.ts";
import { Keyspace } from "../keyspace/keyspace.ts";
import { LoadAborted, LoadFailure } from "../persistence/load.ts";
import { Persistence } from "../persistence/persistence.ts";
import { ReplyError } from "../protocol/errors.ts";
import { Access } from "./access.ts";
import { announce } from "./announce.ts";
import { PubSub } from "../pubsub/pubsub.ts";
import { Tracking } from "../tracking/tracking.ts";
import { Clients } from "./clients.ts";
import { Config } from "./config/config.ts";
import {
  configFileError,
  describeFileError,
  StartError,
} from "./config/errors.ts";
import { Cron } from "./cron.ts";
import { Ending } from "./ending.ts";
import { EventFeed } from "./event_feed.ts";
import {
  accessHost,
  clientsHost,
  cronHost,
  housekeepingHost,
  persistenceHost,
} from "./hosts.ts";
import { Housekeeping } from "./housekeeping.ts";
import { infoText } from "./info.ts";
import { Listeners } from "./listeners.ts";
import { Log, type LogLevel } from "./log.ts";
import { Latency } from "../observe/latency.ts";
import { Monitors } from "../observe/monitors.ts";
import { SlowLog } from "../observe/slow_log.ts";
import { Watch } from "../observe/command_watch.ts";
import { Metrics } from "./metrics.ts";
import { MigrationTargets } from "./migration_targets.ts";
import { PidFile } from "./pid_file.ts";
import { showLoading } from "./progress_bar.ts";
import { hexId } from "./secrets.ts";
import { configFace, followSettings, latencySettings } from "./settings.ts";
import { Tls } from "./tls.ts";
import { REDIS_VERSION } from "./version.ts";

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
  readonly access: Access;
  readonly clients: Clients;
  readonly dispatcher: Dispatcher;
  readonly metrics: Metrics;
  readonly targets: MigrationTargets;
  readonly persistence: Persistence;
  readonly pubsub = new PubSub(handOverAtTurnEnd);
  readonly tracking: Tracking;
  readonly eventFeed: EventFeed;
  readonly slowLog = new SlowLog();
  readonly latency = new Latency(() => latencySettings(this.settings));
  readonly monitors = new Monitors();
  readonly watch = new Watch(this.slowLog, this.latency, this.monitors);
  readonly journal: Log;
  /** Where replies wait until what they tell of is safe on disk. */
  readonly gate = new Gate();
  readonly startedAtMs = Date.now();
  readonly runId = hexId();
  replicationId = hexId();
  /** Resolves when the server has stopped. */
  readonly stopped: Promise<void>;
  activeExpire = true;
  readonly housekeeping: Housekeeping;
  readonly cron: Cron;
  readonly tls: Tls;
  readonly #listeners: Listeners;
  readonly #ending: Ending;
  readonly #pidFile: PidFile;
  #settleStopped!: () => void;
  /** Settles when no file is being read any more. */
  #loaded: Promise<void> = Promise.resolve();
  #isStopping = false;
  #closeLooks = () => Promise.resolve();
  #hasFailed = false;
  /** What the process shall end with. */
  exitCode = 0;

  constructor(settings: Config = new Config(), options: ServerOptions = {}) {
    this.settings = settings;
    this.journal = options.log ?? openLog(settings);
    this.journal.level = settings.get("loglevel");
    this.engine = options.engine ?? new Engine();
    this.keyspace = new Keyspace(this.engine, settings.get("databases"));
    this.table = new CommandTable(allCommands);
    this.#renameCommands();
    this.access = new Access(accessHost(this));
    this.metrics = new Metrics(this);
    this.tracking = new Tracking(
      this.engine,
      (id) => this.clients.reachable(id),
    );
    this.config = configFace(this);
    this.dispatcher = new Dispatcher(
      this.engine,
      this.keyspace,
      this.table,
      this,
    );
    this.eventFeed = new EventFeed(this.pubsub, this.dispatcher.commit);
    this.persistence = new Persistence(persistenceHost(this));
    this.clients = new Clients(clientsHost(this));
    this.tls = new Tls(this);
    this.targets = new MigrationTargets(() => this.tls.clusterIdentity());
    this.#listeners = new Listeners({
      config: settings,
      log: this.journal,
      gate: this.gate,
      handshakes: this.tls.handshakes,
      accepted: (connection) => this.clients.accept(connection),
    });
    this.access.start();
    this.housekeeping = new Housekeeping(housekeepingHost(this));
    this.cron = new Cron(
      cronHost(this, this.#listeners, () => this.#ending.tick()),
    );
    this.dispatcher.pauseChanged = () => this.housekeeping.refresh();
    const { memory } = this.dispatcher;
    memory.outsideBytes = () => this.metrics.clientHeapBytes;
    memory.unfinished = () => this.housekeeping.evict();
    memory.observe = (event, ms) => this.latency.note(event, ms);
    followSettings(this);
    this.#pidFile = new PidFile(settings, this.journal);
    this.#ending = new Ending(this.#endingHost());
    this.stopped = new Promise((settle) => this.#settleStopped = settle);
  }

  /**
   * Opens the listeners and reads what is on disk. Resolves when the data is
   * there; before that clients get -LOADING. Throws StartError when that is
   * impossible.
   */
  async start(): Promise<void> {
    announce(this.settings, this.journal);
    this.dispatcher.admission.isLoading = true;
    await this.tls.begin();
    await this.#listeners.open();
    if (this.#isStopping) return;
    this.#closeLooks = openLooks();
    this.#pidFile.write();
    this.metrics.startup = this.engine.calls.usedBytes();
    this.cron.start();
    this.log("notice", "Server initialized");
    await this.#load();
    if (this.#isStopping) return;
    for (const kind of this.#listeners.kinds) {
      this.log("notice", `Ready to accept connections ${kind}`);
    }
    this.#listeners.prepare();
  }

  /**
   * Ends as SHUTDOWN does: where save points are set, the data is saved first.
   * Resolves when everything is closed. Rejects, and goes on, when the data
   * cannot be saved, unless `force` is set.
   */
  async stop(options: Partial<ShutdownOptions> = {}): Promise<void> {
    if (!this.#isStopping) await this.#end(options);
    return this.stopped;
  }

  async #end(options: Partial<ShutdownOptions>): Promise<void> {
    const all = { save: "default", now: false, force: false } as const;
    try {
      await this.#ending.run({ ...all, ...options });
    } catch (error) {
      if (!(error instanceof ReplyError)) throw error;
      throw new Error("The data cannot be saved; the log says why.");
    }
  }

  /** Closes everything at once; `stopped` resolves when all of it is closed. */
  #close(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.cron.stop();
    this.housekeeping.stop();
    this.pause.stop();
    this.#pidFile.remove(!this.#hasFailed);
    this.targets.close();
    this.tls.close();
    const closed = [
      this.#listeners.close({ silently: this.#hasFailed }),
      this.clients.closeAll(),
      this.#closeLooks(),
      this.#loaded,
    ];
    Promise.all(closed).then(() => {
      // After a start that failed, the reason shall stay the last word.
      if (!this.#hasFailed) {
        this.log("warning", "Redis is now ready to exit, bye bye...");
      }
      this.#settleStopped();
    });
  }

  async #load(): Promise<void> {
    const loaded = this.persistence.start();
    this.#loaded = loaded.catch(() => {});
    const hideBar = showLoading(this.settings, this.persistence);
    try {
      await loaded;
    } catch (error) {
      return await this.#notLoaded(error);
    } finally {
      hideBar();
    }
    this.#refreshGate();
    this.dispatcher.admission.isLoading = false;
    this.housekeeping.refresh();
  }

  async #notLoaded(error: unknown): Promise<void> {
    if (error instanceof LoadAborted) return this.stopped;
    this.#hasFailed = true;
    this.#close();
    await this.stopped;
    throw error instanceof LoadFailure ? new StartError(error.message) : error;
  }

  /** CONFIG SET port, tls-port or bind: whether that can be, and moves there. */
  moveListeners(): boolean {
    // Whoever is told that the port has changed shall find it open.
    return this.#listeners.move((opened) =>
      this.dispatcher.turn.holdReplies(opened)
    );
  }

  /** A signal asks for the end. */
  signalled(name: string): void {
    this.#ending.signalled(name);
  }

  // What commands may ask for.

  sessions(): Iterable<Session> {
    return this.clients.sessions();
  }

  readonly redisVersion = REDIS_VERSION;

  info(sections: readonly string[]): string {
    return infoText(this, sections);
  }

  resetStatistics(): void {
    this.dispatcher.statistics.reset();
    this.metrics.reset();
    this.dispatcher.memory.resetStatistics();
    this.housekeeping.resetStatistics();
    this.persistence.aof.resetStatistics();
    this.access.refusalLog.resetCounts();
    this.clients.resetStatistics();
  }

  shutdown(options: ShutdownOptions): Promise<void> {
    return this.#ending.run(options);
  }

  abortShutdown(): boolean {
    return this.#ending.abort();
  }

  log(level: LogLevel, text: string): void {
    this.journal.write(level, text);
  }

  /** CONFIG SET appendonly; false when that cannot be. */
  followAppendOnly(): boolean {
    const isDone = this.persistence.followAppendOnly();
    this.#refreshGate();
    this.refreshWriteRefusal();
    return isDone;
  }

  /** Replies pass the append-only file on their way out while it is on. */
  #refreshGate(): void {
    const { aof } = this.persistence;
    if (aof.state === "off") this.gate.open();
    else if (!this.gate.isClosed) this.gate.close(aof);
  }

  /** Whether writes are refused may have changed. */
  refreshWriteRefusal(): void {
    this.dispatcher.admission.writeRefusal = this.persistence.writeRefusal;
  }

  get durations(): DurationsFace {
    return this.dispatcher.statistics;
  }

  get memory(): Metrics {
    return this.metrics;
  }

  get pause(): Pause {
    return this.dispatcher.admission.pause;
  }

  setActiveExpire(on: boolean): void {
    this.activeExpire = on;
    this.housekeeping.refresh();
  }

  pauseCron(on: boolean): void {
    this.cron.isPaused = on;
    this.housekeeping.refresh();
  }

  changeReplicationId(): void {
    this.replicationId = hexId();
  }

  #endingHost() {
    const { dispatcher, clients, persistence } = this;
    return {
      settings: this.settings,
      log: this.log.bind(this),
      pause: () => void (dispatcher.admission.isPaused = true),
      resume: () => {
        dispatcher.admission.isPaused = false;
        clients.resumeAll();
      },
      preserve: (options: ShutdownOptions) => persistence.finish(options),
      close: () => this.#close(),
      quit: () => {
        this.exitCode = 1;
        persistence.saves.kill().then(() => this.#close());
      },
    };
  }

  #renameCommands(): void {
    for (const { args, place } of this.settings.statements.renameCommand) {
      const problem = this.table.rename(args[0], args[1]);
      if (problem !== null) throw configFileError(problem, place);
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

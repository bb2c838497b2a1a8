/** What a client wants with CLIENT TRACKING ON. Prefixes have a char a byte. */
export interface TrackingOptions {
  /** The client who is told in its place, 0 for itself. */
  readonly redirect: number;
  readonly isBroadcast: boolean;
  readonly prefixes: readonly string[];
  readonly optIn: boolean;
  readonly optOut: boolean;
  readonly noLoop: boolean;
}

/** A client's tracking, while it is on. */
export class TrackingState {
  /** Keys with these are told of; only in broadcast. */
  readonly prefixes = new Set<string>();
  /** CLIENT CACHING has spoken about the next command. */
  isChosen = false;
  /** The client who should be told in its place has gone. */
  isBroken = false;

  constructor(
    /** The engine's name of the client. */
    readonly number: number,
    public options: TrackingOptions,
  ) {}

  /** Whether the keys that the client reads now are remembered. */
  get remembers(): boolean {
    const { isBroadcast, optIn, optOut } = this.options;
    if (isBroadcast) return false;
    return this.isChosen ? !optOut : !optIn;
  }

  /** The tracker for whom the engine remembers what it reads by itself. */
  get reader(): number {
    return this.options.isBroadcast ? 0 : this.number;
  }

  /**
   * Whether the engine may execute the client's commands by itself: it knows
   * nothing of choices, nor who has changed a key in broadcast.
   */
  get mayRunHot(): boolean {
    const { isBroadcast, optIn, optOut, noLoop } = this.options;
    return !optIn && !optOut && !(isBroadcast && noLoop);
  }
}

/** A client who tracks, or who is told in another one's place. */
export interface Tracker {
  readonly resp: number;
  /** Null unless it has subscribed to anything. */
  readonly subscriptions: unknown;
  /** Null while it does not track; set by `Tracking` and nobody else. */
  tracking: TrackingState | null;
  /** Gets a whole message. */
  deliver(message: Uint8Array): void;
}

import type {
  Session,
  TrackingOptions,
  TrackingState,
} from "../commands/call.ts";

/** A client who tracks, or who is told in another one's place. */
export type Tracker = Pick<
  Session,
  "resp" | "subscriptions" | "tracking" | "deliver"
>;

/** What a client tracks follows from what it has said. */
export class ClientTracking implements TrackingState {
  readonly prefixes = new Set<string>();
  isChosen = false;
  isBroken = false;

  constructor(readonly number: number, public options: TrackingOptions) {}

  get remembers(): boolean {
    const { isBroadcast, optIn, optOut } = this.options;
    if (isBroadcast) return false;
    return this.isChosen ? !optOut : !optIn;
  }

  get reader(): number {
    return this.options.isBroadcast ? 0 : this.number;
  }

  /**
   * The engine knows nothing of choices, nor who has changed a key in
   * broadcast.
   */
  get mayRunHot(): boolean {
    const { isBroadcast, optIn, optOut, noLoop } = this.options;
    return !optIn && !optOut && !(isBroadcast && noLoop);
  }
}

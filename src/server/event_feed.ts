import type { CommitPoint } from "../dispatch/commit.ts";
import { KeyspaceEvents } from "../pubsub/keyspace_events.ts";
import type { PubSub } from "../pubsub/pubsub.ts";

/**
 * Lets subscribers know of what the commit point knows. It observes only while
 * events are switched on and anybody subscribes to anything: the engine
 * executes hot commands by itself only when nobody observes.
 */
export class EventFeed {
  readonly #events: KeyspaceEvents;
  readonly #commit: CommitPoint;
  #stop: (() => void) | null = null;

  constructor(pubsub: PubSub, commit: CommitPoint) {
    this.#events = new KeyspaceEvents(pubsub);
    this.#commit = commit;
    pubsub.listenersChanged = () => this.#refresh();
  }

  /** The setting has changed. */
  follow(classes: string): void {
    this.#events.classes = classes;
    this.#refresh();
  }

  #refresh(): void {
    const events = this.#events;
    if (events.isOn) {
      this.#stop ??= this.#commit.observe(({ effects }) => {
        for (const effect of effects) events.tell(effect);
      });
    } else {
      this.#stop?.();
      this.#stop = null;
    }
    const ofNew = events.tells("n");
    const ofMissed = events.tells("m");
    this.#commit.hearer = ofNew || ofMissed
      ? { ofNew, ofMissed, hear: (notice) => events.tell(notice) }
      : null;
  }
}

import { EVENT_CLASSES, type EventName } from "../protocol/events.ts";
import { latin1Of } from "../protocol/text.ts";
import type { PubSub } from "./pubsub.ts";

/** Something happened to a key. */
export interface KeyEvent {
  readonly database: number;
  readonly key: Uint8Array;
  /** Empty for what nobody is told of. */
  readonly event: EventName | "";
}

/**
 * Tells subscribers what happens to keys, as `notify-keyspace-events` wants it:
 * K to a channel of the key's, E to one of the event's, for the classes named.
 */
export class KeyspaceEvents {
  readonly #pubsub: PubSub;
  #classes = "";

  constructor(pubsub: PubSub) {
    this.#pubsub = pubsub;
  }

  /** The setting's letters, `A` spelt out. */
  set classes(letters: string) {
    this.#classes = letters;
  }

  /** Whether events would reach anybody. */
  get isOn(): boolean {
    return this.#pubsub.hasListeners && /[KE]/.test(this.#classes) &&
      /[^KE]/.test(this.#classes);
  }

  /** Whether events of a class are told. */
  tells(eventClass: string): boolean {
    return this.isOn && this.#classes.includes(eventClass);
  }

  tell({ database, key, event }: KeyEvent): void {
    if (event === "" || !this.#classes.includes(EVENT_CLASSES[event])) return;
    if (this.#classes.includes("K")) {
      const channel = `__keyspace@${database}__:${latin1Of(key)}`;
      this.#pubsub.publish(channel, utf8.encode(event));
    }
    if (this.#classes.includes("E")) {
      this.#pubsub.publish(`__keyevent@${database}__:${event}`, key);
    }
  }
}

const utf8 = new TextEncoder();

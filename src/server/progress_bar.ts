import type { LoadProgress } from "../persistence/load_progress.ts";
import type { Config } from "./config/config.ts";

/** What is done sooner needs no bar. */
const PATIENCE_MS = 500;
/** It moves so often. */
const STEP_MS = 100;
const WIDTH = 40;
const CLEAR_LINE = "\r\x1b[K";

/** Somebody who looks on: standard error, where it is a terminal. */
export interface Screen {
  write(text: string): void;
}

/** The terminal, or null when nobody looks on. */
function terminal(): Screen | null {
  if (!Deno.stderr.isTerminal()) return null;
  const encoder = new TextEncoder();
  return {
    write: (text) => void Deno.stderr.writeSync(encoder.encode(text)),
  };
}

/** Shows how far the loading has come, on one line that is gone at the end. */
export class ProgressBar {
  readonly #screen: Screen;
  #isShown = false;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** To be called a few times a second. */
  show(progress: LoadProgress, nowMs: number): void {
    if (nowMs - progress.startedMs < PATIENCE_MS) return;
    this.#isShown = true;
    this.#screen.write(CLEAR_LINE + barText(progress, nowMs));
  }

  clear(): void {
    if (this.#isShown) this.#screen.write(CLEAR_LINE);
    this.#isShown = false;
  }
}

/** `Loading [#####.....]  50% 1.5 of 3.0 MB, 4 s to go`. */
export function barText(progress: LoadProgress, nowMs: number): string {
  const { percent, loadedBytes, totalBytes } = progress;
  const filled = Math.floor(percent / 100 * WIDTH);
  const bar = "#".repeat(filled).padEnd(WIDTH, ".");
  return `Loading [${bar}] ${Math.floor(percent)}% ` +
    `${megabytes(loadedBytes)} of ${megabytes(totalBytes)} MB, ` +
    `${progress.etaSeconds(nowMs)} s to go`;
}

function megabytes(byteCount: number): string {
  return (byteCount / 2 ** 20).toFixed(1);
}

/** Draws a bar until the function that it returns is called. */
export function showLoading(
  settings: Config,
  source: { readonly loading: LoadProgress | null },
): () => void {
  const screen = settings.get("logfile") === "" ? terminal() : null;
  if (screen === null) return () => {};
  const bar = new ProgressBar(screen);
  const drawing = setInterval(() => {
    if (source.loading !== null) bar.show(source.loading, Date.now());
  }, STEP_MS);
  return () => {
    clearInterval(drawing);
    bar.clear();
  };
}

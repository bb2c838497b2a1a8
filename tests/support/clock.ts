/** Does something while the wall clock stands still at a time in ms. */
export function at<T>(nowMs: number, work: () => T): T {
  const realNow = Date.now;
  Date.now = () => nowMs;
  try {
    return work();
  } finally {
    Date.now = realNow;
  }
}

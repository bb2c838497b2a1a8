/** How the two servers are started for comparisons. */

/** DEBUG DIGEST tells whether two servers hold the same data. */
export const realServerArgs = ["--enable-debug-command", "yes"];

export const keysaurArgs = ["--enable-debug-command", "yes"];

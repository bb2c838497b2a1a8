// True in the debug build (asc -O1), where blocks move on every resize, freed
// ones are poisoned and the costly proofs run; the release build (-O3) drops
// whatever hangs on it.

export const DEBUG: bool = ASC_OPTIMIZE_LEVEL < 3;

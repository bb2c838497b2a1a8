/**
 * Files cannot be loaded. The message is complete: which file, where in it,
 * what was expected there, what to do.
 */
export class LoadFailure extends Error {}

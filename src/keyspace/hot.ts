/**
 * Operations that the engine executes within its batch loop. A command whose
 * definition names one is executed there whenever nothing about its client or
 * the server stands against it.
 */
export * from "../engine/hot_codes.ts";

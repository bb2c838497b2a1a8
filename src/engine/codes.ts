/** The engine's codes: conditions, results of the batch loop, operations. */
export * from "../../wasm/codes.ts";

/** The operations that the batch loop executes by itself. */
export * from "../../wasm/hot_codes.ts";

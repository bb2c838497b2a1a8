/** The RDB format's numbers, and what loading a file comes to. */
export * from "../../wasm/rdb_codes.ts";
export * from "../../wasm/rdb_faults.ts";

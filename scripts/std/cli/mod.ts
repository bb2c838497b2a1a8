/**
 * `@std/cli` for networks that cannot reach JSR: the same code, from npm.
 * The npm package ships no types, so `mod.d.ts` states them.
 */
// @ts-types="./mod.d.ts"
export { parseArgs } from "npm:deno-std@1.4.0/cli/parse_args.js";

// `parseArgs` of `@std/cli`. Upstream infers a type for each option from the
// options object; this face does so for `boolean`, `string` and `collect`.

type Names<T> = readonly T[] | T;

export interface ParseOptions<B extends string, S extends string> {
  /** Puts what follows `--` under this name instead of into `_`. */
  "--"?: boolean;
  alias?: Record<string, string | readonly string[]>;
  boolean?: boolean | Names<B>;
  collect?: Names<string>;
  default?: Record<string, unknown>;
  negatable?: Names<string>;
  stopEarly?: boolean;
  string?: Names<S>;
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

type Collected<C extends string, K extends string, V> = K extends C ? V[]
  : V | undefined;

export type Args<
  B extends string = never,
  S extends string = never,
  C extends string = never,
> =
  & { [K in B]: boolean }
  & { [K in S]: Collected<C, K, string> }
  & { [name: string]: unknown; _: (string | number)[]; "--"?: string[] };

export function parseArgs<
  const B extends string = never,
  const S extends string = never,
  const C extends string = never,
>(
  args: readonly string[],
  options?: Omit<ParseOptions<B, S>, "collect"> & { collect?: Names<C> },
): Args<B, S, C>;

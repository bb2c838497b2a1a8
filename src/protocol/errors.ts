import * as codes from "../engine/codes.ts";

/**
 * Every error text that a client can get. The bytes are API: clients match
 * them, so they are Redis's own, kept in one place and tested as they are.
 */

/**
 * Thrown by whoever finds that a command cannot be done; nothing changed. A
 * char of the text is a byte, see `quoted`.
 */
export class ReplyError {
  constructor(readonly text: string) {}
}

/**
 * A client's word (a char a byte) as errors quote it: Redis prints it as a C
 * string, so it ends at a zero byte.
 */
export function quoted(word: string): string {
  const end = word.indexOf("\0");
  return end < 0 ? word : word.slice(0, end);
}

const error = (text: string) => new ReplyError(text);

export const isLoading = error(
  "LOADING Redis is loading the dataset in memory",
);
export const syntaxError = error("ERR syntax error");
export const wrongType = error(
  "WRONGTYPE Operation against a key holding the wrong kind of value",
);
export const busyKey = error("BUSYKEY Target key name already exists.");
export const ttlNegative = error("ERR Invalid TTL value, must be >= 0");
export const idleTimeNegative = error(
  "ERR Invalid IDLETIME value, must be >= 0",
);
export const frequencyOutOfRange = error(
  "ERR Invalid FREQ value, must be >= 0 and <= 255",
);
export const badDumpFooter = error(
  "ERR DUMP payload version or checksum are wrong",
);
export const badDumpData = error("ERR Bad data format");
export const noSuchKey = error("ERR no such key");
export const notAnInteger = error(
  "ERR value is not an integer or out of range",
);
export const notAFloat = error("ERR value is not a valid float");
export const outOfRange = error("ERR value is out of range");
export const outOf32Bits = error(
  "ERR value is out of range, value must between -2147483648 and 2147483647",
);
/** Where Redis reads a C long that must have an opposite. */
export const outOf64Bits = error(
  "ERR value is out of range, value must between -9223372036854775807 and " +
    "9223372036854775807",
);
export const mustBePositive = error(
  "ERR value is out of range, must be positive",
);
export const overflow = error("ERR increment or decrement would overflow");
export const decrementOverflow = error("ERR decrement would overflow");
export const notFinite = error(
  "ERR increment would produce NaN or Infinity",
);
export const fieldNotAnInteger = error("ERR hash value is not an integer");
export const fieldNotAFloat = error("ERR hash value is not a float");
export const incrementNotFinite = error("ERR value is NaN or Infinity");
export const fieldsMissing = error(
  "ERR Mandatory argument FIELDS is missing or not at the right position",
);
export const fieldCountNotPositive = error(
  "ERR Number of fields must be a positive integer",
);
export const numFieldsNotPositive = error(
  "ERR Parameter `numFields` should be greater than 0",
);
export const invalidFieldCount = error("ERR invalid number of fields");
export const fieldCountMismatch = error(
  "ERR The `numfields` parameter must match the number of arguments",
);
export const expireTimeNegative = error(
  "ERR invalid expire time, must be >= 0",
);
export const expireTimeMissing = error("ERR missing expire time");
export const oneFieldCondition = error(
  "ERR Only one of FXX or FNX arguments can be specified",
);
export const oneFieldExpiry = error(
  "ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified",
);
export const stringTooLong = error(
  "ERR string exceeds maximum allowed size (proto-max-bulk-len)",
);
export const indexOutOfRange = error("ERR index out of range");
export const rankZero = error(
  "ERR RANK can't be zero: use 1 to start from the first match, 2 from the " +
    "second ... or use negative to start from the end of the list",
);
export const countNegative = error("ERR COUNT can't be negative");
export const maxLenNegative = error("ERR MAXLEN can't be negative");
export const countBeyond64Bits = error(
  "ERR value is out of range, value must between -9223372036854775807 and " +
    "9223372036854775807",
);
export const numkeysNotPositive = error(
  "ERR numkeys should be greater than 0",
);
export const countNotPositive = error("ERR count should be greater than 0");
export const timeoutNotAFloat = error(
  "ERR timeout is not a float or out of range",
);
export const timeoutNotAnInteger = error(
  "ERR timeout is not an integer or out of range",
);
export const pauseMode = error("ERR CLIENT PAUSE mode must be WRITE or ALL");
export const timeoutOutOfRange = error("ERR timeout is out of range");
export const timeoutNegative = error("ERR timeout is negative");
export const offsetOutOfRange = error("ERR offset is out of range");
export const bitOffset = error(
  "ERR bit offset is not an integer or out of range",
);
export const bitValue = error("ERR bit is not an integer or out of range");
export const bitArgument = error("ERR The bit argument must be 1 or 0.");
export const bitopNotOneSource = error(
  "ERR BITOP NOT must be called with a single source key.",
);
export function bitopOneSource(operation: string) {
  return error(
    `ERR BITOP ${operation} must be called with at least two source keys.`,
  );
}
export const digestLength = error(
  "ERR must be exactly 16 hexadecimal characters",
);
export const delexCondition = error(
  "ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE",
);
export const delexNotString = error(
  "ERR Key should be of string type if conditions are specified",
);
export const invalidKeyCount = error("ERR invalid numkeys value");
export const wrongPairCount = error("ERR wrong number of key-value pairs");
export const boundsCrossed = error(
  "ERR LBOUND can't be greater than UBOUND",
);
export const onlyIfWithoutDue = error("ERR ENX flag requires an expiration");
export const infiniteIncrement = error(
  "ERR BYFLOAT increment cannot be Infinity",
);
export const infiniteValue = error("ERR value cannot be Infinity");
export const appliedOverflow = error("ERR applied increment would overflow");
export const appliedInfinite = error(
  "ERR applied increment would be Infinity",
);
/** Where a command says which of its numbers is none. */
export function namedNotAnInteger(name: string) {
  return error(`ERR ${name} is not an integer or out of range`);
}
export function namedNotAFloat(name: string) {
  return error(`ERR ${name} is not a valid float`);
}
export const bitfieldType = error(
  "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is " +
    "not supported but i64 is.",
);
export const bitfieldOverflowType = error(
  "ERR Invalid OVERFLOW type specified",
);
export const bitfieldOnlyGet = error(
  "ERR BITFIELD_RO only supports the GET subcommand",
);
export const numkeysTooLarge = error(
  "ERR Number of keys can't be greater than number of args",
);
/** `name` is the command's. */
export const inputKeyNeeded = (name: string): ReplyError =>
  error(`ERR at least 1 input key is needed for '${name}' command`);
export const weightNotAFloat = error("ERR weight value is not a float");
export const limitNegative = error("ERR LIMIT can't be negative");
export const lcsNotStrings = error(
  "ERR The specified keys must contain string values",
);
export const lcsLengthAndRanges = error(
  "ERR If you want both the length and indexes, please just use IDX.",
);
export const lcsTooLarge = error(
  "ERR Insufficient memory, transient memory for LCS exceeds " +
    "proto-max-bulk-len",
);
export const lcsNoMemory = error(
  "ERR Insufficient memory, failed allocating transient memory for LCS",
);
export const sortWeight = error(
  "ERR One or more scores can't be converted into double",
);
export const notAHyperLogLog = error(
  "WRONGTYPE Key is not a valid HyperLogLog string value.",
);
export const hyperLogLogCorrupt = error(
  "INVALIDOBJ Corrupted HLL object detected",
);
export const hyperLogLogNotSparse = error("ERR HLL encoding is not sparse");
export const hyperLogLogMissing = error(
  "ERR The specified key does not exist",
);
export const geoUnit = error(
  "ERR unsupported unit provided. please use M, KM, FT, MI",
);
export const geoRadius = error("ERR need numeric radius");
export const geoRadiusNegative = error("ERR radius cannot be negative");
export const geoWidth = error("ERR need numeric width");
export const geoHeight = error("ERR need numeric height");
export const geoSizeNegative = error(
  "ERR height or width cannot be negative",
);
export const geoNoMember = error(
  "ERR could not decode requested zset member",
);
export const geoCount = error("ERR COUNT must be > 0");
export const geoAnyNeedsCount = error(
  "ERR the ANY argument requires COUNT argument",
);
/** Where Redis reads a C int: its limits are in the text. */
export const outOfIntRange = error(
  "ERR value is out of range, value must between -2147483648 and 2147483647",
);
export const newAndOtherConditions = error(
  "ERR NX and XX, GT or LT options at the same time are not compatible",
);
export const laterAndEarlier = error(
  "ERR GT and LT options at the same time are not compatible",
);
const afterPolicySwitch =
  "Please note that when switching between policies at runtime LRU and LFU " +
  "data will take some time to adjust.";
export const idleNotTracked = error(
  "ERR An LFU maxmemory policy is selected, idle time not tracked. " +
    afterPolicySwitch,
);
export const frequencyNotTracked = error(
  "ERR An LFU maxmemory policy is not selected, access frequency not " +
    "tracked. " + afterPolicySwitch,
);
export const addConditionsConflict = error(
  "ERR XX and NX options at the same time are not compatible",
);
export const addComparisonsConflict = error(
  "ERR GT, LT, and/or NX options at the same time are not compatible",
);
export const incrementsOnePair = error(
  "ERR INCR option supports a single increment-element pair",
);
export const scoreIsNaN = error(
  "ERR resulting score is not a number (NaN)",
);
export const rangeNotAFloat = error("ERR min or max is not a float");
export const rangeNotAString = error(
  "ERR min or max not valid string range item",
);
export const limitByRank = error(
  "ERR syntax error, LIMIT is only supported in combination with either " +
    "BYSCORE or BYLEX",
);
export const scoresByName = error(
  "ERR syntax error, WITHSCORES not supported in combination with BYLEX",
);
export const invalidFirstDbIndex = error("ERR invalid first DB index");
export const invalidSecondDbIndex = error("ERR invalid second DB index");
export const dbIndex = error("ERR DB index is out of range");
export const sameObject = error(
  "ERR source and destination objects are the same",
);
export const nestedMulti = error("ERR MULTI calls can not be nested");
export const watchInMulti = error("ERR WATCH inside MULTI is not allowed");
export const execWithoutMulti = error("ERR EXEC without MULTI");
export const discardWithoutMulti = error("ERR DISCARD without MULTI");
export const execAborted = error(
  "EXECABORT Transaction discarded because of previous errors.",
);
/** EXEC itself was refused. */
export function execRefused(reason: string) {
  return error(
    "EXECABORT Transaction discarded because of: " +
      (reason.startsWith("ERR ") ? reason.slice(4) : reason),
  );
}
export const notInMulti = error(
  "ERR Command not allowed inside a transaction",
);
export const unblocked = error(
  "UNBLOCKED client unblocked via CLIENT UNBLOCK",
);
export const unblockReason = error(
  "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR",
);
export const slowCountTooSmall = error(
  "ERR count should be greater than or equal to -1",
);
export const monitorInMulti = error(
  "ERR MONITOR isn't allowed for DENY BLOCKING client",
);
export const onlyWatching = error(
  "ERR Replica can't interact with the keyspace",
);
export const noSamples = (event: string): ReplyError =>
  error(`ERR No samples available for event '${quoted(event)}'`);
export const noSuchClient = error("ERR No such client");
export const invalidCursor = error("ERR invalid cursor");
export const outOfMemory = error(
  "OOM command not allowed when used memory > 'maxmemory'.",
);
export const engineFull = error(
  "OOM the engine's memory is used up",
);
export const saveInProgress = error(
  "ERR Background save already in progress",
);
export const rewriteBlocksSave = error(
  "ERR Another child process is active (AOF?): can't BGSAVE right now. Use " +
    "BGSAVE SCHEDULE in order to schedule a BGSAVE whenever possible.",
);
export const rewriteInProgress = error(
  "ERR Background append only file rewriting already in progress",
);
export const rewriteFailed = error(
  "ERR Can't execute an AOF background rewriting. Please check the server " +
    "logs for more information.",
);
/** All that Redis says when SAVE fails; the log says more. */
export const saveFailed = error("ERR");
export const reloadFailed = error(
  "ERR Error trying to load the RDB dump, check server logs.",
);
export const reloadLogFailed = error(
  "ERR Error trying to load the AOF files, check server logs.",
);
export const shutdownFailed = error(
  "ERR Errors trying to SHUTDOWN. Check logs.",
);
export const dumpsFail = error(
  "MISCONF Redis is configured to save RDB snapshots, but it's currently " +
    "unable to persist to disk. Commands that may modify the data set are " +
    "disabled, because this instance is configured to report errors during " +
    "writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). " +
    "Please check the Redis logs for details about the RDB error.",
);
export function logFails(reason: string) {
  return error(`MISCONF Errors writing to the AOF file: ${reason}`);
}
export const redirectTwice = error(
  "ERR A client can only redirect to a single other client",
);
export const redirectToNobody = error(
  "ERR The client ID you want redirect to does not exist",
);
export const prefixNeedsBroadcast = error(
  "ERR PREFIX option requires BCAST mode to be enabled",
);
export const broadcastSwitched = error(
  "ERR You can't switch BCAST mode on/off before disabling tracking for this " +
    "client, and then re-enabling it with a different mode.",
);
export const broadcastWithChoice = error(
  "ERR OPTIN and OPTOUT are not compatible with BCAST",
);
export const optedBothWays = error(
  "ERR You can't specify both OPTIN mode and OPTOUT mode",
);
export const choiceSwitched = error(
  "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this " +
    "client, and then re-enabling it with a different mode.",
);
export function prefixOverlaps(prefix: string, whose: string, other: string) {
  return error(
    `ERR Prefix '${quoted(prefix)}' overlaps with ${whose} prefix ` +
      `'${quoted(other)}'. Prefixes for a single client must not overlap.`,
  );
}
export const cachingWithoutTracking = error(
  "ERR CLIENT CACHING can be called only when the client is in tracking mode " +
    "with OPTIN or OPTOUT mode enabled",
);
export const cachingYesWithoutOptin = error(
  "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.",
);
export const cachingNoWithoutOptout = error(
  "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.",
);
export const noAuth = error("NOAUTH Authentication required.");
/** `user` and `fullName` have one char per byte. */
export function commandNotPermitted(user: string, fullName: string) {
  return error(
    `NOPERM User ${user} has no permissions to run the '${fullName}' command`,
  );
}
export const keyNotPermitted = error("NOPERM No permissions to access a key");
export const channelNotPermitted = error(
  "NOPERM No permissions to access a channel",
);
/** In EXEC, of a command that might have been run when it was queued. */
export function noLongerPermitted(reason: "command" | "key" | "channel") {
  const words = {
    command: "no permission to execute the command or subcommand",
    key: "no permission to touch the specified keys",
    channel: "no permission to access one of the channels used as arguments",
  };
  return error(
    "NOPERM ACLs rules changed between the moment the transaction was " +
      "accumulated and the EXEC call. This command is no longer allowed for " +
      `the following reason: ${words[reason]}`,
  );
}
export function sortNotPermitted(option: "BY" | "GET") {
  return error(
    `ERR ${option} option of SORT denied due to insufficient ACL permissions.`,
  );
}
export const userNameWithBlanks = error(
  "ERR Usernames can't contain spaces or null characters",
);
export const defaultUserStays = error(
  "ERR The 'default' user cannot be removed",
);
export const noUsersFile = error(
  "ERR This Redis instance is not configured to use an ACL file. You may want " +
    "to specify users via the ACL SETUSER command and then issue a CONFIG " +
    "REWRITE (assuming you have a Redis configuration file set) in order to " +
    "store users in the Redis configuration.",
);
export const usersNotSaved = error(
  "ERR There was an error trying to save the ACLs. Please check the server " +
    "logs for more information",
);
export const passwordBits = error(
  "ERR ACL GENPASS argument must be the number of bits for the output " +
    "password, a positive number up to 4096",
);
export const wrongPassword = error(
  "WRONGPASS invalid username-password pair or user is disabled.",
);
export const noPasswordSet = error(
  "ERR AUTH <password> called without any password configured for the " +
    "default user. Are you sure your configuration is correct?",
);
export const helloNeedsAuth = error(
  "NOAUTH HELLO must be called with the client already authenticated, " +
    "otherwise the HELLO <proto> AUTH <user> <pass> option can be used to " +
    "authenticate the client and select the RESP protocol version at the " +
    "same time",
);
export const unsupportedProtocol = error(
  "NOPROTO unsupported protocol version",
);
export const protocolNotInteger = error(
  "ERR Protocol version is not an integer or out of range",
);
export const tooManyClients = "ERR max number of clients reached";
export const protectedMode =
  "DENIED Redis is running in protected mode because protected mode is " +
  "enabled and no password is set for the default user. In this mode " +
  "connections are only accepted from the loopback interface. If you want " +
  "to connect from external computers, do one of these: 1) set a password " +
  "for the default user, 2) bind to the loopback interface only and reach " +
  "it through a tunnel, 3) turn the mode off with 'CONFIG SET " +
  "protected-mode no' if the server cannot be reached from untrusted " +
  "networks.";

export function unknownCommand(name: string, args: readonly string[]) {
  let list = "";
  for (const arg of args) {
    if (list.length >= 128) break;
    list += `'${quoted(arg).slice(0, 128 - list.length)}' `;
  }
  return error(
    `ERR unknown command '${
      quoted(name).slice(0, 128)
    }', with args beginning with: ${list}`,
  );
}

export function unknownSubcommand(container: string, name: string) {
  return error(
    `ERR unknown subcommand '${
      quoted(name).slice(0, 128)
    }'. Try ${container.toUpperCase()} HELP.`,
  );
}

/** Coordinates outside of the map, as printf's %f prints them. */
export function geoPosition(longitude: number, latitude: number) {
  return error(
    `ERR invalid longitude,latitude pair ${sixDecimals(longitude)},` +
      sixDecimals(latitude),
  );
}

function sixDecimals(value: number): string {
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const size = Math.abs(value);
  if (size >= 1e21) return `${sign}${BigInt(size)}.000000`;
  const parts = size * 128;
  if (parts % 2 !== 1) return sign + size.toFixed(6);
  // Halfway between two results: C takes the even one, toFixed the upper one.
  const below = BigInt(parts) * 15625n / 2n;
  const even = String(below + below % 2n).padStart(7, "0");
  return `${sign}${even.slice(0, -6)}.${even.slice(-6)}`;
}

/** What cannot be combined with storing the result. */
export function geoStoreOnly(what: string) {
  return error(
    `ERR ${what} is not compatible with WITHDIST, WITHHASH and WITHCOORD ` +
      "options",
  );
}

export function geoNoCenter(name: string) {
  return error(
    "ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for " +
      quoted(name),
  );
}

export function geoNoShape(name: string) {
  return error(
    "ERR exactly one of BYRADIUS and BYBOX can be specified for " +
      quoted(name),
  );
}

export function wrongArity(fullName: string) {
  return error(`ERR wrong number of arguments for '${fullName}' command`);
}

export function unknownArgument(word: string) {
  return error(`ERR unknown argument: ${quoted(word)}`);
}

/** The word as C prints it: up to a NUL byte. */
export function unsupportedOption(word: string) {
  return error(`ERR Unsupported option ${word.split("\0", 1)[0]}`);
}

/** DEBUG and MODULE, as long as the configuration does not allow them. */
export function protectedCommand(name: string) {
  const option = `enable-${name.toLowerCase()}-command`;
  return error(
    `ERR ${name} command not allowed. If the ${option} option is set to ` +
      '"local", you can run it from a local connection, otherwise you need ' +
      "to set this option in the configuration file, and then restart the " +
      "server.",
  );
}

/** For commands that choose their subcommands themselves. */
export function subcommandSyntax(command: string, name: string) {
  return error(
    "ERR unknown subcommand or wrong number of arguments for " +
      `'${quoted(name).slice(0, 128)}'. Try ${command} HELP.`,
  );
}

/** A client of the older protocol that listens to channels does only that. */
export function onlySubscribing(command: string) {
  return error(
    `ERR Can't execute '${command}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE ` +
      "/ PING / QUIT / RESET are allowed in this context",
  );
}

export function invalidExpire(command: string) {
  return error(`ERR invalid expire time in '${command}' command`);
}

/** An error in a command's own words, for what only one command says. */
export function failure(text: string) {
  return error(text);
}

const conditions = new Map<number, ReplyError>([
  [codes.OUT_OF_MEMORY, engineFull],
  [codes.RESTORE_BUSY, isLoading],
  [codes.WRONG_TYPE, wrongType],
  [codes.NOT_AN_INTEGER, notAnInteger],
  [codes.OVERFLOW, overflow],
  [codes.FIELD_NOT_AN_INTEGER, fieldNotAnInteger],
  [codes.DECREMENT_OVERFLOW, decrementOverflow],
  [codes.TOO_LONG, stringTooLong],
  [codes.LCS_TOO_LARGE, lcsTooLarge],
  [codes.LCS_NO_MEMORY, lcsNoMemory],
  [codes.NO_INDEX, indexOutOfRange],
  [codes.BIT_OFFSET, bitOffset],
  [codes.BIT_VALUE, bitValue],
  [codes.FIELD_TYPE, bitfieldType],
  [codes.SORT_WEIGHT, sortWeight],
  [codes.NOT_A_HLL, notAHyperLogLog],
  [codes.HLL_CORRUPT, hyperLogLogCorrupt],
  [codes.HLL_NOT_SPARSE, hyperLogLogNotSparse],
  [codes.BAD_DIGEST, digestLength],
  [codes.SCORE_NOT_A_FLOAT, notAFloat],
  [codes.SCORE_IS_NAN, scoreIsNaN],
  [codes.RANGE_NOT_A_FLOAT, rangeNotAFloat],
  [codes.RANGE_NOT_A_STRING, rangeNotAString],
  [codes.WEIGHT_NOT_A_FLOAT, weightNotAFloat],
]);

// MIGRATE.

export const migrateKeyNotEmpty = error(
  "ERR When using MIGRATE KEYS option, the key argument must be set to the " +
    "empty string",
);
export const migrateNotConnected = error(
  "IOERR error or timeout connecting to the client",
);
export const migrateNotWritten = error(
  "IOERR error or timeout writing to target instance",
);
export const migrateNotRead = error(
  "IOERR error or timeout reading to target instance",
);

export function targetReplied(text: string): ReplyError {
  return error(`ERR Target instance replied with error: ${text}`);
}

/** The error of a condition that the engine reports. */
export function conditionError(code: number): ReplyError {
  return conditions.get(code) ?? error(`ERR engine condition ${code}`);
}

const protocolErrors = new Map<number, string>([
  [codes.TOO_BIG_INLINE_REQUEST, "too big inline request"],
  [codes.UNBALANCED_QUOTES, "unbalanced quotes in request"],
  [codes.TOO_BIG_COUNT_LINE, "too big mbulk count string"],
  [codes.INVALID_COUNT, "invalid multibulk length"],
  [codes.UNAUTHENTICATED_COUNT, "unauthenticated multibulk length"],
  [codes.TOO_BIG_BULK_LINE, "too big bulk count string"],
  [codes.INVALID_BULK_LENGTH, "invalid bulk length"],
  [codes.UNAUTHENTICATED_BULK_LENGTH, "unauthenticated bulk length"],
]);

/** The text for a request stream that cannot be understood. */
export function protocolErrorText(code: number, byte: number): string {
  if (code === codes.EXPECTED_DOLLAR || code === codes.EXPECTED_STAR) {
    const wanted = code === codes.EXPECTED_DOLLAR ? "$" : "*";
    const got = String.fromCharCode(byte);
    return `ERR Protocol error: expected '${wanted}', got '${got}'`;
  }
  if (code === codes.OUT_OF_MEMORY) return engineFull.text;
  return `ERR Protocol error: ${protocolErrors.get(code)}`;
}

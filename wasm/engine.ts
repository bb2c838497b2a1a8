// The engine's face: all that TypeScript may call.

import { init as allocatorInit } from "./allocator";
import { replyInit } from "./reply";
import { setHashSeed } from "./hash";
import { setRandomSeed } from "./random";

export { activeBytes, reservedBytes, setCeiling, usedBytes } from "./allocator";
export { verifyAllocator } from "./allocator";
export { pushBlock, releaseArguments } from "./arguments";
export {
  argumentBytes,
  argumentCount,
  argumentDouble,
  argumentInteger,
  argumentIsDouble,
  argumentIsInteger,
  argumentPtr,
} from "./face";
export { countBits, findBit, getBit, setBit } from "./bits";
export {
  addToField,
  checkField,
  openFields,
  replyField,
  setField,
} from "./bitfield";
export { bitOperation } from "./bitop";
export { holdTime, setClock, setLfu, setNoTouch } from "./access";
export { censusWord, takeCensus, touchedBytes } from "./census";
export {
  dbDueCount,
  dbFirstDue,
  dbFollowedCount,
  dbNew,
  dbSize,
  tableFootprint,
  verifyDatabase,
} from "./database";
export {
  dbFlush,
  lazyfreed,
  lazyfreePending,
  nextWake,
  reclaim,
} from "./graveyard";
export { wasEmptied } from "./lookup";
export { expireDue, setRemoveDue } from "./overdue";
export {
  digestBegin,
  digestDatabase,
  digestKeyValue,
  digestPtr,
} from "./digest";
export {
  errorByte,
  fed,
  feed,
  feedRoom,
  freeInput,
  inputArgumentBytes,
  inputBytes,
  inputCapacity,
  resumeInput,
  setParserLimits,
  setParserTrust,
  suspend,
} from "./input";
export {
  accessOf,
  addressOf,
  bucketsOf,
  chainsOfLength,
  countChains,
  dueOverhead,
  entriesOf,
  keyOverhead,
  meanLifetime,
  overflowBucketsOf,
  quicklistFact,
  savedBytesOf,
  storedIdleOf,
  storedKindOf,
  structBytes,
  tableUnder,
} from "./inspect";
export {
  beginFrame,
  countEffects,
  dbSetIndex,
  endFrame,
  forceSelect,
  keepFrame,
  logCommand,
  logFilled,
  logReserve,
  logRoom,
  mustSelect,
  setFramePlace,
  setLogging,
} from "./effects";
export {
  beginBounded,
  endBounded,
  excessBytes,
  freeRoom,
  isOverLimit,
  refusedBytes,
  setMemoryLimit,
  setOutsideBytes,
  uncountedBytes,
} from "./memory_limit";
export { commandInput, commandRoom, evict } from "./eviction";
export { addVictims, setVictims } from "./victims";
export {
  journalBase,
  journalLength,
  journalReset,
  setNotices,
  setObserved,
} from "./journal";
export {
  clearDue,
  copyKey,
  deleteKey,
  dueOf,
  existsKey,
  footprintOf,
  frequencyOf,
  idleOf,
  kindOf,
  moveKey,
  peekDueOf,
  setDue,
  touchKey,
  typeOf,
} from "./keys";
export { listKeys, randomKey, scanKeys, walkEmitted } from "./key_scan";
export {
  addElements,
  isSparseKey,
  makeDense,
  mergeHyperLogLogs,
  replyCardinality,
  replyRegisters,
  replyRuns,
  replyUnionCardinality,
} from "./hyperloglog";
export { sortBegin, sortGet, sortKey } from "./sort";
export { testHyperLogLog } from "./hll_selftest";
export {
  centerOnMember,
  geoSearch,
  openGeo,
  pushScores,
  replyDistance,
  replyFound,
  replyGeohash,
  replyPosition,
  storeFound,
} from "./geo";
export { setBox, setCenter, setCircle } from "./geo_area";
export { listIndex, listLength, listPositions, listRange } from "./list_read";
export { listInsert, listRemove, listSet, listTrim } from "./list_edit";
export { moveElement, popMany, popOne, popWithKey, pushMany } from "./list";
export { setPackedThreshold } from "./quicklist_node";
export { lcsLength, lcsRangeCount, lcsRanges, lcsText } from "./lcs";
export {
  setHashLimits,
  setHyperLogLogLimit,
  setListLimits,
  setMaxStringBytes,
  setSetLimits,
  setSortedSetLimits,
} from "./limits";
export { populate } from "./populate";
export {
  loadBegin,
  loadChecksum,
  loadedDueKeys,
  loadedKeys,
  loadEmptyKeys,
  loadEnd,
  loadExpiredKeys,
  loadInto,
  loadKeyBytes,
  loadKeyPtr,
  loadKeyType,
  loadNameBytes,
  loadNamePtr,
  loadNumberHigh,
  loadNumberLow,
  loadStep,
  loadValueBytes,
  loadValuePtr,
  loadVersion,
} from "./rdb_load";
export { loadTally } from "./rdb_load_parts";
export {
  outBase,
  outFilled,
  outInsert,
  outLength,
  outReserve,
  outReset,
  outTruncate,
  replyBulk,
  replyDouble,
  replyHeader,
  replyInteger,
  replyNull,
  replyNullArray,
  replyOk,
  setResp,
} from "./reply";
export {
  addMembers as addToSet,
  countMembers as countSet,
  isMember as isInSet,
  moveMember as moveToSet,
  removeMembers as removeFromSet,
  replyAreMembers as replyAreInSet,
  replyMembers as replySetMembers,
} from "./set";
export {
  countCombined as countCombinedSets,
  replyCombined as replyCombinedSets,
  storeCombined as storeCombinedSets,
} from "./set_algebra";
export { estimateUnion } from "./set_estimate";
export {
  replyRandomMember as replyRandomOfSet,
  replyRandomMembers as replyRandomsOfSet,
} from "./set_random";
export {
  popMembers as popFromSet,
  popOne as popOneFromSet,
  poppedBytes,
  poppedCount,
  poppedPtr,
  releasePopped,
} from "./set_pop";
export {
  openScan as openSetScan,
  scanEmitted as setScanEmitted,
  scanMembers as scanSet,
} from "./set_scan";
export {
  snapshotAddDatabase,
  snapshotAux,
  snapshotBegin,
  snapshotEnd,
  snapshotHeader,
  snapshotKeysDone,
  snapshotKeysTotal,
  snapshotSink,
  snapshotStep,
  snapshotTail,
} from "./snapshot";
export {
  sinkDrop,
  sinkFailed,
  sinkFree,
  sinkHeadBytes,
  sinkHeadIsFull,
  sinkHeadPtr,
  sinkNew,
  sinkTotal,
} from "./sink";
export { freeSpareSlabs } from "./slabs";
export { undeliveredBytes } from "./parser";
export { gatheredBytes, gatheredShares, runGathered } from "./gathered";
export { permissionFree, permissionNew } from "./permission";
export {
  enterQueue,
  freeQueue,
  leaveQueue,
  queueBytes,
  queueCommand,
} from "./queue";
export {
  awaitedCount,
  awaitedDatabase,
  awaitedType,
  awaitKey,
  awaitNoMore,
  hasReady,
  noteSwapped,
  takeReady,
} from "./awaited";
export { leaveWait, takeWait, verifyWaits, waitKey } from "./waits";
export { disturbSwapped, watchedDue, watchKey } from "./watched_keys";
export { keyChanged } from "./changes";
export {
  addPrefix,
  hasTrackedNotes,
  invalidateAll,
  limitTracked,
  removePrefix,
  setTracking,
  takeTrackedNotes,
  trackedItemCount,
  trackedKeyCount,
  trackedNoteBytes,
  trackedNotes,
  trackKey,
  verifyTracked,
} from "./tracked";
export {
  isDirty,
  verifyWatchers,
  watchedCount,
  watcherFree,
  watcherNew,
} from "./watchers";
export {
  deliveredBytes,
  protocolError,
  run,
  takeHotCalls,
  takeHotOperations,
  takeLastHot,
} from "./run";
export { registerCommand } from "./command_names";
export {
  addChanges,
  resetStatistics,
  statChanges,
  statEvicted,
  statExpired,
  statExpiredFields,
  statHits,
  statMisses,
  statPayloads,
} from "./statistics";
export {
  incrementByArgument,
  incrementOne,
  replyIncremented,
} from "./increment";
export {
  getRange,
  getString,
  peekString,
  setString,
  stringLength,
  viewBytes,
  viewPtr,
} from "./string";
export { appendString, setRange } from "./string_edit";
export { setStrings } from "./strings";
export { isPayload, restoreKey, skipPayloadSums } from "./restore";
export {
  sourceEnd,
  sourceFault,
  sourceFaultOffset,
  sourceFed,
  sourceOffset,
  sourceRoom,
} from "./source";
export {
  hashDelete,
  hashHas,
  hashIncrement,
  hashLength,
  hashPeekField,
  hashReplyField,
  hashReplyFields,
  hashSetDue,
  hashSetNew,
  hashTake,
  hashValueLength,
  hashViewField,
} from "./hashes";
export { hashViewBytes, hashViewPtr } from "./hash_form";
export { hashCountFields, hashSetPairs } from "./hash_many";
export { hashReplyAll, hashScan, hashWalkEmitted } from "./hash_walk";
export { hashReplyRandom, hashReplySample } from "./hash_random";
export { clearFieldDue, fieldDue, setFieldDue } from "./hash_due";
export { holdsDigest, holdsValue, replyDigest } from "./compare";
export {
  zsetAdd,
  zsetChanged,
  zsetLength,
  zsetRemove,
  zsetReplyRank,
  zsetReplyScore,
  zsetReplyScores,
} from "./zset";
export {
  zsetCountShared,
  zsetReplyCombined,
  zsetStoreCombined,
} from "./zset_algebra";
export { zsetCloseInputs, zsetOpenInputs, zsetWeighInput } from "./zset_inputs";
export { zsetPop, zsetPoppable } from "./zset_pop";
export { zsetReplyRandom, zsetReplyRandoms } from "./zset_random";
export {
  zsetCountBetween,
  zsetRangeByBounds,
  zsetRangeByRank,
  zsetRemoveBetween,
  zsetRemoveRanks,
} from "./zset_range";
export { zsetStoreRange } from "./zset_range_store";
export { zsetScan, zsetScanned } from "./zset_scan";

export {
  dumpKey,
  dumpReply,
  dumpSink,
  dumpSumHigh,
  dumpSumLow,
  isDumpOf,
} from "./dump";
export { setRdbCompression } from "./rdb_write";
export { setRecordUse } from "./record_rdb";

/** Call once, before anything else; 0 when there is no memory to begin with. */
export function init(a: u32, b: u32, c: u32, d: u32): i32 {
  allocatorInit();
  setHashSeed(a, b, c, d);
  setRandomSeed(b ^ c, a ^ d);
  return replyInit();
}

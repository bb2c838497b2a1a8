// PFSELFTEST: the engine proves to itself that registers are kept apart from
// each other, that both codes give the same estimate, and that it is near the
// truth. It works on blocks of its own and touches no key.

import { alloc, free } from "./allocator";
import { OUT_OF_MEMORY } from "./codes";
import {
  clearMaxima,
  countDense,
  denseRank,
  maxima,
  raiseDense,
  setDenseRank,
} from "./hll_dense";
import { clearHistogram, estimate } from "./hll_estimate";
import {
  DENSE,
  DENSE_BYTES,
  EMPTY_BYTES,
  hashedRank,
  hashedRegister,
  hashElement,
  HEADER_BYTES,
  REGISTER_COUNT,
  writeHeader,
} from "./hll_form";
import {
  countSparse,
  findRun,
  NOTHING_TO_RAISE,
  planRaise,
  raiseFound,
  SPARSE_RANK_MAX,
  writeEmpty,
} from "./hll_sparse";
import { nextRandom } from "./random";

/** What it finds: 1, or which of the three is wrong. */
const SELF_TEST_PASSED: i32 = 1;
const SELF_TEST_REGISTERS: i32 = 2;
const SELF_TEST_CODES: i32 = 3;
const SELF_TEST_ERROR: i32 = 4;

const REGISTER_ROUNDS: u32 = 1000;
const ELEMENT_COUNT: u64 = 10_000_000;
/** Up to here the sparse code goes along: it is never longer than this. */
const SPARSE_ELEMENTS: u64 = 1000;
const SPARSE_BYTES: u32 = HEADER_BYTES + REGISTER_COUNT;
/** Six times the standard error, 1.04 / sqrt(16384). */
const ERROR_MAX: f64 = 6 * 1.04 / 128;

const element = memory.data(8, 8);

export function testHyperLogLog(): i32 {
  const dense = alloc(DENSE_BYTES);
  const sparse = alloc(SPARSE_BYTES);
  let result: i32 = OUT_OF_MEMORY;
  if (dense && sparse) {
    writeHeader(dense, DENSE);
    result = testRegisters(dense)
      ? testEstimates(dense, sparse)
      : SELF_TEST_REGISTERS;
  }
  if (dense) free(dense);
  if (sparse) free(sparse);
  return result;
}

function testRegisters(dense: u32): bool {
  for (let round: u32 = 0; round < REGISTER_ROUNDS; round++) {
    for (let i: u32 = 0; i < REGISTER_COUNT; i++) {
      const rank = u32(nextRandom() >> 32) & 63;
      store<u8>(maxima + i, rank);
      setDenseRank(dense, i, rank);
    }
    for (let i: u32 = 0; i < REGISTER_COUNT; i++) {
      if (denseRank(dense, i) != load<u8>(maxima + i)) return false;
    }
  }
  clearMaxima();
  return true;
}

function testEstimates(dense: u32, sparse: u32): i32 {
  memory.fill(dense + HEADER_BYTES, 0, DENSE_BYTES - HEADER_BYTES);
  writeEmpty(sparse);
  let sparseEnd = sparse + EMPTY_BYTES - HEADER_BYTES;
  const salt = nextRandom();
  let checkpoint: u64 = 1;
  for (let i: u64 = 1; i <= ELEMENT_COUNT; i++) {
    store<u64>(element, i ^ salt);
    hashElement(u32(element), 8);
    raiseDense(dense, hashedRegister, hashedRank);
    if (i <= SPARSE_ELEMENTS) sparseEnd = raise(sparse, sparseEnd);
    if (i != checkpoint) continue;
    const counted = countedDense(dense);
    if (i <= SPARSE_ELEMENTS && sparseEnd) {
      clearHistogram();
      if (!countSparse(sparse, sparseEnd) || estimate() != counted) {
        return SELF_TEST_CODES;
      }
    }
    const errorMax = i == 10 ? 1 : ceil(ERROR_MAX * f64(i));
    if (abs(f64(counted) - f64(i)) > errorMax) return SELF_TEST_ERROR;
    checkpoint *= 10;
  }
  return SELF_TEST_PASSED;
}

function countedDense(dense: u32): i64 {
  clearHistogram();
  countDense(dense);
  return estimate();
}

/** The new end of the sparse code; 0 once a rank was too high for it. */
function raise(sparse: u32, end: u32): u32 {
  if (!end || hashedRank > SPARSE_RANK_MAX) return 0;
  if (!findRun(sparse, 0, end, hashedRegister)) return 0;
  if (planRaise(hashedRank) == NOTHING_TO_RAISE) return end;
  return raiseFound(sparse, end);
}

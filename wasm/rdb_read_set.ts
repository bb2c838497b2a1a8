// Sets from RDB: member by member (2), an intset (11) or a listpack (20). They
// get the encoding that members added one by one would have led to.

import { free } from "./allocator";
import {
  ENCODING_HASHTABLE,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  entryEncoding,
  entryValue,
  TYPE_SET,
} from "./entry";
import { intsetCount } from "./intset";
import { setMaxIntsetEntries, setMaxListpackEntries } from "./limits";
import { draft, setDraft } from "./rdb_draft";
import { FAULT_DUPLICATE_ELEMENT } from "./rdb_faults";
import {
  readString,
  reservable,
  stringBytes,
  stringPtr,
  VALUE,
} from "./rdb_read";
import { blobCount, isUnique, takeIntset, takeListpack } from "./rdb_read_blob";
import {
  formAdd,
  formEncoding,
  formToTable,
  formValue,
  isInteger,
  newForm,
} from "./set_form";
import { fail, failForMemory } from "./source";

/** How many members are announced. */
let expected: u64 = 0;

/** Takes over what a change of form has left. */
function keepForm(): void {
  setDraft(TYPE_SET, formEncoding, formValue);
}

/** Begins a set of so many members in the draft. */
export function beginSet(count: u64): bool {
  expected = count;
  const encoding = count > u64(setMaxIntsetEntries)
    ? ENCODING_HASHTABLE
    : ENCODING_INTSET;
  if (newForm(encoding, reservable(count)) != 0) return failForMemory();
  keepForm();
  return true;
}

/** Reads one member. */
export function readSetMember(): bool {
  if (!readString(VALUE)) return false;
  if (mustBeTable() && !becomeTable()) return false;
  const added = formAdd(
    entryEncoding(draft),
    entryValue(draft),
    stringPtr,
    stringBytes,
  );
  keepForm();
  if (added == 1) return true;
  return added == 0 ? fail(FAULT_DUPLICATE_ELEMENT) : failForMemory();
}

/** Whether the first member shows that the set will end as a table. */
function mustBeTable(): bool {
  return entryEncoding(draft) == ENCODING_INTSET &&
    expected > u64(setMaxListpackEntries) && !intsetCount(entryValue(draft)) &&
    !isInteger(stringPtr, stringBytes);
}

function becomeTable(): bool {
  const set = entryValue(draft);
  if (newForm(ENCODING_HASHTABLE, reservable(expected)) != 0) {
    return failForMemory();
  }
  free(set);
  keepForm();
  return true;
}

/** A set of type 11. */
export function readIntset(): bool {
  if (!readString(VALUE)) return false;
  const set = takeIntset(stringPtr, stringBytes);
  if (!set) return false;
  setDraft(TYPE_SET, ENCODING_INTSET, set);
  return intsetCount(set) <= setMaxIntsetEntries || toTable();
}

/** A set of type 20. */
export function readSetListpack(): bool {
  if (!readString(VALUE)) return false;
  const lp = takeListpack(stringPtr, stringBytes);
  if (!lp) return false;
  const count = blobCount;
  setDraft(TYPE_SET, ENCODING_LISTPACK, lp);
  if (!isUnique(lp, count, 1)) return fail(FAULT_DUPLICATE_ELEMENT);
  return count <= setMaxListpackEntries || toTable();
}

function toTable(): bool {
  const code = formToTable(entryEncoding(draft), entryValue(draft));
  keepForm();
  return code == 0 || failForMemory();
}

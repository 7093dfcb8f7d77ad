/**
 * Known field names, each with a small integer id, so that the hot path compares numbers and tables instead of strings.
 * Ids index the rule tables of `field-rules.ts`. Id 0 is any other field, id 1 a field that was dropped.
 */
export const FIELD_OTHER = 0;
/** The id a field line takes when it was removed: writers skip it, lookups do not see it. */
export const FIELD_DROPPED = 1;

const KNOWN_NAMES = [
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'expect',
  'upgrade',
  'te',
  'trailer',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
  'http2-settings',
  'via',
  'max-forwards',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-by',
  'x-real-ip',
  'x-request-id',
  'user-agent',
  'referer',
  'server',
  'date',
  'x-powered-by',
  'content-type',
  'content-encoding',
  'content-range',
  'authorization',
  'cookie',
  'set-cookie',
  'cache-control',
  'location',
  'accept',
  'accept-encoding',
  'vary',
  'etag',
  'age',
  'www-authenticate',
  'pragma',
  'range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-range',
  'retry-after',
  'warning',
  'content-location',
  'sec-websocket-key',
] as const;

/** A field name that has an id of its own. */
export type KnownFieldName = (typeof KNOWN_NAMES)[number];

/** Known names by id, lower case; index 0 and 1 are empty. */
export const FIELD_NAMES: readonly string[] = ['', '', ...KNOWN_NAMES];

/** Id of each known name. */
export const FIELD_ID = Object.fromEntries(KNOWN_NAMES.map((name, index) => [name, index + 2])) as Readonly<
  Record<KnownFieldName, number>
>;
// A map, since a plain object answers to `constructor` and `__proto__` too, which are valid field names.
const ID_BY_NAME: ReadonlyMap<string, number> = new Map(Object.entries(FIELD_ID));

/** Number of ids, the size of a table indexed by id. */
export const FIELD_ID_COUNT: number = FIELD_NAMES.length;

/** One step of the name hash; the byte must be lower case already. */
export function hashStep(hash: number, lowerByte: number): number {
  return (Math.imul(hash, 31) + lowerByte) & 0x3fffffff;
}

const SLOT_BITS = 11;
const SLOT_MASK = (1 << SLOT_BITS) - 1;

/** Slot of a name hash in the id table: the hash folded, so that long names use all their bytes. */
function slotOf(hash: number): number {
  return (hash ^ (hash >>> SLOT_BITS)) & SLOT_MASK;
}

function hashOf(name: string): number {
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = hashStep(hash, name.charCodeAt(i));
  return hash;
}

function buildSlots(): Uint8Array {
  const slots = new Uint8Array(SLOT_MASK + 1);
  for (let id = 2; id < FIELD_ID_COUNT; id++) {
    const slot = slotOf(hashOf(FIELD_NAMES[id] as string));
    if (slots[slot] !== 0)
      throw new Error(`field name table: ${FIELD_NAMES[id]} collides with ${FIELD_NAMES[slots[slot] as number]}`);
    slots[slot] = id;
  }
  return slots;
}

const ID_BY_SLOT = buildSlots();
const NAME_BYTES: readonly Uint8Array[] = FIELD_NAMES.map((name) => Uint8Array.from(Buffer.from(name, 'latin1')));

/**
 * Id of the name in `bytes[start, end)` whose hash by {@link hashStep} is `hash`, or {@link FIELD_OTHER}. The hash only
 * proposes a candidate, the bytes decide: a client that knows the hash cannot make another name pass for a known one.
 */
export function fieldIdOf(bytes: Uint8Array, start: number, end: number, hash: number): number {
  const id = ID_BY_SLOT[slotOf(hash)] as number;
  if (id === 0) return FIELD_OTHER;
  const name = NAME_BYTES[id] as Uint8Array;
  if (name.length !== end - start) return FIELD_OTHER;
  for (let i = 0; i < name.length; i++) {
    const byte = bytes[start + i] as number;
    const lower = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
    if (lower !== name[i]) return FIELD_OTHER;
  }
  return id;
}

/** Id of a field name given as text in any case, or {@link FIELD_OTHER}. */
export function fieldIdOfName(name: string): number {
  return ID_BY_NAME.get(name.toLowerCase()) ?? FIELD_OTHER;
}

const FINAL_CLOSE = 0x88;
const MASKED = 0x80;
const CODE_BYTES = 2;

/** The program goes away: a server that stops, or a tunnel that was silent for too long (RFC 6455 7.4.1). */
export const GOING_AWAY = 1001;

/**
 * A Close frame without a reason text (RFC 6455 5.5.1).
 *
 * @param mask masking key for a frame to a server, 4 bytes that an attacker cannot guess (RFC 6455 10.3); null for one to a client
 */
export function closeFrame(code: number, mask: Uint8Array | null): Buffer {
  const payload = [code >> 8, code & 0xff];
  if (mask === null) return Buffer.from([FINAL_CLOSE, CODE_BYTES, ...payload]);
  return Buffer.from([
    FINAL_CLOSE,
    MASKED | CODE_BYTES,
    ...mask.subarray(0, 4),
    ...payload.map((byte, i) => byte ^ (mask[i] as number)),
  ]);
}

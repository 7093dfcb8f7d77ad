import type { TLSSocket } from 'node:tls';
import { getSystemErrorName } from 'node:util';

/** What is used of the native handle of a TLS socket, and of that of the connection under it. */
interface TlsHandle {
  readonly reading?: boolean;
  readonly _parent?: { readStart?(): number; readStop?(): number };
}

/**
 * Watches how the other side ends a TLS connection, from before its first byte is read. Who ends it properly says so by an alert,
 * which nobody else can send; an end of TCP alone may come from anybody on the way (RFC 8446 6.1).
 *
 * @returns whether the input ended without the alert; false until its end has come, and on a runtime that does not tell
 */
export function watchClosingAlert(secured: TLSSocket): () => boolean {
  let isMissing = false;
  const push = secured.push.bind(secured);
  // The stream's end is pushed while the read that it came with is being handled: only then the two ends can be told apart.
  secured.push = (chunk: unknown, encoding?: BufferEncoding) => {
    if (chunk === null) isMissing = transportEnded(secured);
    return push(chunk, encoding);
  };
  return () => isMissing;
}

/**
 * Whether the connection under a TLS socket that ends right now is at its own end. Node tells of both ends in the same way, but at
 * its end a handle stops to read, and after an alert it reads on (libuv: `readStart` is EALREADY then).
 */
function transportEnded(secured: TLSSocket): boolean {
  const { reading, _parent: transport } = (Reflect.get(secured, '_handle') ?? {}) as TlsHandle;
  // A handle that was paused by the data before cannot have met the end of its connection.
  if (reading !== true || transport?.readStart === undefined) return false;
  const status = transport.readStart();
  if (status < 0) return getSystemErrorName(status) !== 'EALREADY';
  transport.readStop?.();
  return true;
}

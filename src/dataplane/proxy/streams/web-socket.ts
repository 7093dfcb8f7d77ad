import { loadCrypto } from '../../../base/crypto-module.ts';
import { FIELD_ID } from '../../../base/http/field-names.ts';
import type { RequestHead } from '../../../base/http1/request-head.ts';
import type { UpstreamHead } from '../../exchange/upstream.ts';

const KEY = FIELD_ID['sec-websocket-key'];
const UPGRADE = FIELD_ID.upgrade;
/** RFC 6455 1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** 16 bytes in base64. */
const KEY_FORM = /^[A-Za-z0-9+/]{22}==$/;

/**
 * Whether a switch of protocols began a WebSocket (RFC 6455 4.2.2): only then do the bytes that follow have to be frames, and
 * may a frame be put between them. The switch itself is passed whatever it began.
 */
export function beginsWebSocket(request: RequestHead, answer: UpstreamHead): boolean {
  if (answer.fields.joined(UPGRADE)?.toLowerCase() !== 'websocket') return false;
  const key = request.fields.joined(KEY);
  if (key === null || !KEY_FORM.test(key) || request.fields.joinedOther('sec-websocket-version') !== '13') return false;
  const accept = loadCrypto().createHash('sha1').update(`${key}${GUID}`).digest('base64');
  return answer.fields.joinedOther('sec-websocket-accept') === accept;
}

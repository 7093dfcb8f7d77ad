import type { Reply } from '../../exchange/reply.ts';

const FIELDS = 'Content-Type: application/json\r\nCache-Control: no-store\r\n';

/** An endpoint's answer: one line of JSON that no cache may keep, since it is about this very moment. */
export function jsonReply(status: number, body: unknown): Reply {
  return { status, fields: FIELDS, body: `${JSON.stringify(body)}\n` };
}

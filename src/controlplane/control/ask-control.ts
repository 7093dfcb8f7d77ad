import { connect } from 'node:net';
import { CONTROL_VERSION, type ControlAnswer, LINE_LIMIT_BYTES, parseReply } from './control-message.ts';

/** A question that got no answer. */
export interface NoControlAnswer {
  /** The system's code, or `ETIMEDOUT`, `ECLOSED` (the instance closed without an answer), `EPROTO` (not an instance). */
  readonly code: string;
}

/** How an instance is asked. */
export interface ControlAsking {
  readonly path: string;
  readonly verb: string;
  /** For the whole of it; the instance goes on when it takes longer. */
  readonly timeoutMs: number;
  /** Gets how far the work is. */
  readonly onProgress?: (progress: string) => void;
}

/** Asks the instance behind a control socket; never throws. */
export function askControl({
  path,
  verb,
  timeoutMs,
  onProgress,
}: ControlAsking): Promise<ControlAnswer | NoControlAnswer> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    let text = '';
    const settle = (answer: ControlAnswer | NoControlAnswer): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => settle({ code: 'ETIMEDOUT' }), timeoutMs);
    const take = (line: string): void => {
      const reply = parseReply(line);
      if (reply === null) settle({ code: 'EPROTO' });
      else if ('progress' in reply) onProgress?.(reply.progress);
      else settle(reply);
    };
    socket.on('error', ({ code }: NodeJS.ErrnoException) => settle({ code: code ?? 'EUNKNOWN' }));
    socket.on('end', () => settle({ code: 'ECLOSED' }));
    socket.setEncoding('utf8').on('data', (part: string) => {
      const lines = `${text}${part}`.split('\n');
      text = lines.pop() ?? '';
      if (text.length > LINE_LIMIT_BYTES) settle({ code: 'EPROTO' });
      for (const line of lines) take(line);
    });
    socket.write(`${JSON.stringify({ version: CONTROL_VERSION, verb })}\n`);
  });
}

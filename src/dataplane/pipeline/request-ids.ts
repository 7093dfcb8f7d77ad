import { randomBytes } from 'node:crypto';

const DIGITS: readonly string[] = Array.from({ length: 4096 }, (_, i) => i.toString(16).padStart(3, '0'));
const ACCEPTED = /^[A-Za-z0-9._-]{1,128}$/;

/** Request ids of one worker: a random prefix and a counter, 32 hexadecimal digits, unique over workers and restarts. */
export class RequestIds {
  private readonly random: string = randomBytes(10).toString('hex');
  private prefix = '';
  private high = -1;
  private low = 0;

  /** The next id. */
  next(): string {
    if (this.low === 0) this.advance();
    const low = this.low;
    this.low = (low + 1) & 0xffffff;
    return this.prefix + (DIGITS[low >>> 12] as string) + (DIGITS[low & 0xfff] as string);
  }

  private advance(): void {
    this.high++;
    this.prefix = this.random + this.high.toString(16).padStart(6, '0');
  }
}

/** Whether a client's own id may be carried on: short and without anything that could break a log line or a field. */
export function isAcceptableRequestId(id: string): boolean {
  return ACCEPTED.test(id);
}

const EVENT_STREAM = 'text/event-stream';
const CR = 0x0d;
const LF = 0x0a;

/** Whether a Content-Type says server-sent events (HTML, 9.2). */
export function isEventStream(contentType: string | null): boolean {
  if (contentType === null || contentType.length < EVENT_STREAM.length) return false;
  const end = contentType.charAt(EVENT_STREAM.length);
  return (
    (end === '' || end === ';' || end === ' ' || end === '\t') &&
    contentType.slice(0, EVENT_STREAM.length).toLowerCase() === EVENT_STREAM
  );
}

/**
 * Tells whether a stream of events is between two events, by the last bytes of every piece: an event ends with an empty line, and
 * lines end with CR LF, LF or CR (HTML, 9.2.5). A client throws an event away that a stream ends in the middle of.
 */
export class EventBorder {
  /** The last bytes seen, oldest first; nothing has come before the first event either. */
  private before2 = LF;
  private before1 = LF;
  private last = LF;

  /** Takes note of `bytes[start, end)`. */
  advance(bytes: Uint8Array, start: number, end: number): void {
    for (let at = Math.max(start, end - 3); at < end; at++) {
      this.before2 = this.before1;
      this.before1 = this.last;
      this.last = bytes[at] as number;
    }
  }

  /** Whether the last line is empty, or nothing has come yet. */
  get atBorder(): boolean {
    const { before2, before1, last } = this;
    if (last === CR) return before1 === CR || before1 === LF;
    if (last !== LF) return false;
    // The LF of a CR LF ends no line of its own.
    return before1 === LF || (before1 === CR && (before2 === LF || before2 === CR));
  }
}

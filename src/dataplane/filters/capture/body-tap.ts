import type { FieldList } from '../../../base/http/field-list.ts';
import type { BodySink, BodySource, BodyTransform } from '../../exchange/body.ts';

/** Lets a body pass unchanged and keeps its beginning. */
export class BodyTap implements BodyTransform {
  /** Bytes that passed. */
  passed = 0;
  private readonly limit: number;
  private readonly kept: Buffer[] = [];
  private keptBytes = 0;
  private out: BodySink | null = null;
  private source: BodySource | null = null;

  /** @param limitBytes bytes to keep */
  constructor(limitBytes: number) {
    this.limit = limitBytes;
  }

  /** The kept beginning, with a character that the limit cut in two left out. */
  get text(): string {
    return new TextDecoder('utf-8').decode(Buffer.concat(this.kept), { stream: this.passed > this.keptBytes });
  }

  connect(out: BodySink, source: BodySource): void {
    this.out = out;
    this.source = source;
  }

  bodyData(bytes: Buffer, start: number, end: number): void {
    const room = Math.min(end - start, this.limit - this.keptBytes);
    if (room > 0) {
      this.kept.push(Buffer.copyBytesFrom(bytes, start, room));
      this.keptBytes += room;
    }
    this.passed += end - start;
    this.out?.bodyData(bytes, start, end);
  }

  bodyEnd(trailers: FieldList | null): void {
    this.out?.bodyEnd(trailers);
  }

  pauseBody(): void {
    this.source?.pauseBody();
  }

  resumeBody(): void {
    this.source?.resumeBody();
  }

  destroy(): void {
    this.out = null;
    this.source = null;
  }
}

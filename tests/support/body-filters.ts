import { createGzip, type Gzip } from 'node:zlib';

import type { FieldList } from '../../src/base/http/field-list.ts';
import type { BodySink, BodySource, BodyTransform } from '../../src/dataplane/exchange/body.ts';
import type { Filter } from '../../src/dataplane/exchange/filter.ts';
import { fenced } from '../../src/dataplane/wire/fence.ts';

/** Numbers of the transforms that a filter made. */
export class TransformCounts {
  made = 0;
  ended = 0;
  /** Calls of `destroy`. */
  destroyed = 0;
}

/** Compresses what comes through, with the back-pressure of a stream that works in other threads. */
class GzipTransform implements BodyTransform {
  private readonly gzip: Gzip = createGzip({ level: 1 });
  private readonly counts: TransformCounts;
  private source: BodySource | null = null;
  private trailers: FieldList | null = null;

  constructor(counts: TransformCounts) {
    this.counts = counts;
    counts.made++;
  }

  connect(out: BodySink, source: BodySource): void {
    this.source = source;
    this.gzip.on('data', (piece: Buffer) => fenced(() => out.bodyData(piece, 0, piece.length)));
    this.gzip.on('drain', () => fenced(() => source.resumeBody()));
    this.gzip.on('end', () => {
      this.counts.ended++;
      fenced(() => out.bodyEnd(this.trailers));
    });
  }

  bodyData(bytes: Buffer, start: number, end: number): void {
    if (!this.gzip.write(Buffer.copyBytesFrom(bytes, start, end - start))) this.source?.pauseBody();
  }

  bodyEnd(trailers: FieldList | null): void {
    this.trailers = trailers;
    this.gzip.end();
  }

  pauseBody(): void {
    this.gzip.pause();
  }

  resumeBody(): void {
    this.gzip.resume();
  }

  destroy(): void {
    this.counts.destroyed++;
    this.gzip.destroy();
  }
}

/** Compresses answers, and request bodies if told to. */
export function gzipFilter(counts: TransformCounts, side: 'request' | 'response' = 'response'): Filter {
  if (side === 'request') return { name: 'gzip', requestBody: () => new GzipTransform(counts) };
  return {
    name: 'gzip',
    response(_exchange, head) {
      head.fields.add('Content-Encoding', 'gzip');
    },
    responseBody: () => new GzipTransform(counts),
  };
}

/** Keeps a copy of what comes through and passes it untouched. */
export class TeeTransform implements BodyTransform {
  readonly pieces: Buffer[] = [];
  ended = false;
  destroyed = 0;
  private out: BodySink | null = null;
  private source: BodySource | null = null;

  /** The copy. */
  get copy(): Buffer {
    return Buffer.concat(this.pieces);
  }

  connect(out: BodySink, source: BodySource): void {
    this.out = out;
    this.source = source;
  }

  bodyData(bytes: Buffer, start: number, end: number): void {
    this.pieces.push(Buffer.copyBytesFrom(bytes, start, end - start));
    this.out?.bodyData(bytes, start, end);
  }

  bodyEnd(trailers: FieldList | null): void {
    this.ended = true;
    this.out?.bodyEnd(trailers);
  }

  pauseBody(): void {
    this.source?.pauseBody();
  }

  resumeBody(): void {
    this.source?.resumeBody();
  }

  destroy(): void {
    this.destroyed++;
  }
}

/** Copies both bodies of every exchange into `requests` and `responses`. */
export function teeFilter(requests: TeeTransform[], responses: TeeTransform[]): Filter {
  const into = (list: TeeTransform[]): TeeTransform => {
    const tee = new TeeTransform();
    list.push(tee);
    return tee;
  };
  return { name: 'tee', requestBody: () => into(requests), responseBody: () => into(responses) };
}

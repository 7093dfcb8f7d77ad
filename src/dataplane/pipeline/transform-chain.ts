import type { FieldList } from '../../base/http/field-list.ts';
import type { BodySink, BodySource, BodyTransform } from '../exchange/body.ts';

/** Two transforms as one, so that every filter of a route may have its own: what the first gives goes into the second. */
class TransformChain implements BodyTransform {
  private readonly first: BodyTransform;
  private readonly second: BodyTransform;

  constructor(first: BodyTransform, second: BodyTransform) {
    this.first = first;
    this.second = second;
  }

  connect(out: BodySink, source: BodySource): void {
    this.second.connect(out, this.first);
    this.first.connect(this.second, source);
  }

  bodyData(bytes: Buffer, start: number, end: number): void {
    this.first.bodyData(bytes, start, end);
  }

  bodyEnd(trailers: FieldList | null): void {
    this.first.bodyEnd(trailers);
  }

  pauseBody(): void {
    this.second.pauseBody();
  }

  resumeBody(): void {
    this.second.resumeBody();
  }

  destroy(): void {
    this.first.destroy();
    this.second.destroy();
  }
}

/** `next` behind `before`; either may be absent. */
export function joinTransforms(before: BodyTransform | null, next: BodyTransform | null): BodyTransform | null {
  return before === null || next === null ? (before ?? next) : new TransformChain(before, next);
}

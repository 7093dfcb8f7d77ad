import { RequestHead } from '../../../base/http1/request-head.ts';

/** Kept for reuse per thread. */
const MAX_SPARE = 256;
const spare: RequestHead[] = [];

/** A head object for one request. Idle connections hold none: ten thousand of them would. */
export function takeRequestHead(): RequestHead {
  return spare.pop() ?? new RequestHead();
}

/** Gives a head back after its exchange is finished. */
export function returnRequestHead(head: RequestHead): void {
  if (spare.length < MAX_SPARE) spare.push(head);
}

import type { ConformanceCase } from '../case.ts';
import { CHUNKED } from './chunked.ts';
import { CONNECTION_OPTIONS } from './connection-options.ts';
import { CONTENT_LENGTH } from './content-length.ts';
import { EARLY_ANSWER } from './early-answer.ts';
import { EXPECT_AND_INTERIM } from './expect-and-interim.ts';
import { FIELDS } from './fields.ts';
import { FORWARDED } from './forwarded.ts';
import { HALF_CLOSE } from './half-close.ts';
import { HOP_BY_HOP } from './hop-by-hop.ts';
import { HOST } from './host.ts';
import { LIMITS } from './limits.ts';
import { METHODS } from './methods.ts';
import { PIPELINING } from './pipelining.ts';
import { REQUEST_LINE } from './request-line.ts';
import { REQUEST_TRAILERS } from './request-trailers.ts';
import { RESPONSE_BODY } from './response-body.ts';
import { RESPONSE_FRAMING } from './response-framing.ts';
import { RESPONSE_HEAD } from './response-head.ts';
import { RESPONSE_TRAILERS } from './response-trailers.ts';
import { TARGET } from './target.ts';
import { TRANSFER_ENCODING } from './transfer-encoding.ts';
import { UPGRADE } from './upgrade.ts';

/** One group of cases, as a section of the report. */
export interface CaseGroup {
  readonly title: string;
  readonly cases: readonly ConformanceCase[];
}

/** The whole table, in the order of the report. */
export const GROUPS: readonly CaseGroup[] = [
  { title: 'Request line', cases: REQUEST_LINE },
  { title: 'Methods, Max-Forwards and loops', cases: METHODS },
  { title: 'Request target', cases: TARGET },
  { title: 'Host', cases: HOST },
  { title: 'Field lines', cases: FIELDS },
  { title: 'Content-Length', cases: CONTENT_LENGTH },
  { title: 'Transfer-Encoding', cases: TRANSFER_ENCODING },
  { title: 'Chunked requests', cases: CHUNKED },
  { title: 'Request trailers', cases: REQUEST_TRAILERS },
  { title: 'Connection options', cases: CONNECTION_OPTIONS },
  { title: 'Hop-by-hop fields', cases: HOP_BY_HOP },
  { title: 'Forwarded fields', cases: FORWARDED },
  { title: 'Expect and interim answers', cases: EXPECT_AND_INTERIM },
  { title: 'Upgrade', cases: UPGRADE },
  { title: 'Pipelining', cases: PIPELINING },
  { title: 'Limits and times', cases: LIMITS },
  { title: 'Clients that close or vanish', cases: HALF_CLOSE },
  { title: 'Response head', cases: RESPONSE_HEAD },
  { title: 'Response framing', cases: RESPONSE_FRAMING },
  { title: 'Response body', cases: RESPONSE_BODY },
  { title: 'Response trailers', cases: RESPONSE_TRAILERS },
  { title: 'Early answers', cases: EARLY_ANSWER },
];

/** Every case of the table. */
export const CASES: readonly ConformanceCase[] = GROUPS.flatMap(({ cases }) => cases);

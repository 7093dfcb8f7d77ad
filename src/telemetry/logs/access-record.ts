import type { AccessField } from '../../config/access-fields.ts';

/** Where the time of a request went, in ms; negative = it did not come to that (docs/failure-reasons.md). */
export interface PhaseTimes {
  before: number;
  retries: number;
  queue: number;
  connect: number;
  upload: number;
  firstByte: number;
  body: number;
  /** The phase that the request ended in. */
  current: string;
}

/** Fields that show a phase. */
type PhaseField = Extract<AccessField, `${string}_ms`>;

const PHASES: Readonly<Record<PhaseField, (phases: PhaseTimes) => number>> = {
  before_ms: ({ before }) => before,
  retries_ms: ({ retries }) => retries,
  queue_ms: ({ queue }) => queue,
  connect_ms: ({ connect }) => connect,
  upload_ms: ({ upload }) => upload,
  first_byte_ms: ({ firstByte }) => firstByte,
  body_ms: ({ body }) => body,
};

/** What writes each field of a phase: to the microsecond, `absent` for one that the request did not come to. */
export function phaseWriters(absent: string): Readonly<Record<PhaseField, (record: AccessRecord) => string>> {
  const writers = Object.entries(PHASES).map(([name, phaseOf]) => [
    name,
    ({ phases }: AccessRecord) => milliseconds(phaseOf(phases), absent),
  ]);
  return Object.fromEntries(writers) as Record<PhaseField, (record: AccessRecord) => string>;
}

function milliseconds(ms: number, absent: string): string {
  return ms < 0 ? absent : String(roundedMs(ms));
}

/** A time to the microsecond: more digits are noise, fewer would hide how fast a connection opens. */
export function roundedMs(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}

/** What one access-log line says (SPEC E.1). One object is filled anew for every request of a worker. */
export interface AccessRecord {
  clientAddress: string;
  method: string;
  target: string;
  protocolName: string;
  status: number;
  bodyBytes: number;
  /** Bytes of the request's body, or those that a tunnel took from the client. */
  bytesReceived: number;
  referer: string | null;
  userAgent: string | null;
  host: string;
  backend: string | null;
  route: string | null;
  requestId: string;
  durationMs: number;
  /** Code of the failure, and the side at fault; null = it went well. */
  code: string | null;
  fault: string | null;
  /** Attempts begun at backends. */
  attempts: number;
  phases: PhaseTimes;
}

/** A record to be filled. */
export function emptyRecord(phases: PhaseTimes): AccessRecord {
  return {
    clientAddress: '',
    method: '',
    target: '',
    protocolName: '',
    status: 0,
    bodyBytes: 0,
    bytesReceived: 0,
    referer: null,
    userAgent: null,
    host: '',
    backend: null,
    route: null,
    requestId: '',
    durationMs: 0,
    code: null,
    fault: null,
    attempts: 0,
    phases,
  };
}

/** Raised when the meaning of a line changes; an instance and a command of different versions then say so instead of guessing. */
export const CONTROL_VERSION = 1;

/** Longest line on a control socket; a longer one ends the connection. */
export const LINE_LIMIT_BYTES = 65_536;

/** What a command asks a running instance, as its one line of JSON. */
export interface ControlQuestion {
  readonly version: number;
  /** What is to be done, such as `state`. */
  readonly verb: string;
}

/** How it came out: the last line of JSON that the instance sends. */
export interface ControlAnswer {
  /** false: refused or failed, and `message` says why. */
  readonly ok: boolean;
  /** One sentence for people. */
  readonly message: string;
  /** What programs want to know, by snake_case name. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** A line before the answer: how far the work is. */
export interface ControlProgress {
  readonly progress: string;
}

/** Reads a question; a text says what is wrong with the line. */
export function parseQuestion(line: string): ControlQuestion | string {
  const value = parseObject(line);
  if (value === null || typeof value['version'] !== 'number' || typeof value['verb'] !== 'string')
    return 'the question is not a line of JSON with version and verb';
  if (value['version'] !== CONTROL_VERSION)
    return `the question has version ${value['version']}, this instance knows ${CONTROL_VERSION}: use the command of its version`;
  return { version: CONTROL_VERSION, verb: value['verb'] };
}

/** Reads a line of an instance; null when it is neither progress nor an answer. */
export function parseReply(line: string): ControlAnswer | ControlProgress | null {
  const value = parseObject(line);
  if (value === null) return null;
  const { progress, ok, message, details } = value;
  if (typeof progress === 'string') return { progress };
  if (typeof ok !== 'boolean' || typeof message !== 'string') return null;
  return isObject(details) ? { ok, message, details } : { ok, message };
}

function parseObject(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value = JSON.parse(line) as unknown;
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

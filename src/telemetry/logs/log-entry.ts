import type { ApplicationLogSettings, LogLevel } from '../../config/resolved-config.ts';

/** Values beside a message. */
export type LogValues = Readonly<Record<string, unknown>>;

/** One event of the application log. Plain values, so that it can cross threads. */
export interface LogEntry {
  /** Clock of `Date.now` when it happened. */
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly values: LogValues;
  /** Place in the program, when `log.caller` is on. */
  readonly caller: string | null;
}

const RANKS: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };
/** Google Cloud's words (LogSeverity). */
const SEVERITIES: Readonly<Record<LogLevel, string>> = {
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARNING',
  error: 'ERROR',
};

/** Whether entries of `level` are written at a lowest level. */
export function isWritten(level: LogLevel, lowest: LogLevel): boolean {
  return RANKS[level] >= RANKS[lowest];
}

/**
 * Makes an entry of the moment. With `error_stack_trace` an error carries the stack of its cause, or of the place that tells of it.
 *
 * @param frames calls between the log's user and this function; the place is where the log was used
 */
export function createEntry(
  settings: ApplicationLogSettings,
  level: LogLevel,
  [message, values]: readonly [string, LogValues],
  frames: number,
): LogEntry {
  const wantsStack = settings.stackTrace && level === 'error' && values.stack === undefined;
  const stack = wantsStack || settings.caller ? stackAbove(frames) : '';
  return {
    timeMs: Date.now(),
    level,
    message,
    values: wantsStack ? { ...values, stack: `${message}\n${stack}` } : values,
    caller: settings.caller ? placeOf(stack) : null,
  };
}

/** An entry as a line (SPEC E.2): `time`, `level` in capitals and `msg` first, then the values. */
export function formatEntry(entry: LogEntry, settings: ApplicationLogSettings): string {
  const line: Record<string, unknown> = {};
  if (settings.timestamp) line.time = new Date(entry.timeMs).toISOString();
  line.level = entry.level.toUpperCase();
  if (settings.severity) line.severity = SEVERITIES[entry.level];
  line.msg = entry.message;
  if (entry.caller !== null) line.caller = entry.caller;
  for (const [key, value] of Object.entries(withoutStack(entry.values, settings))) line[key] ??= value;
  return settings.format === 'json' ? `${JSON.stringify(line)}\n` : textLine(line);
}

/** Without stack traces an error still says where it came from: in one line. A list of frames is a finding, not a trace. */
function withoutStack(values: LogValues, settings: ApplicationLogSettings): LogValues {
  if (settings.stackTrace || typeof values.stack !== 'string') return values;
  const { stack, ...rest } = values;
  const at = placeOf(stack);
  return at === '' ? rest : { ...rest, at };
}

function stackAbove(frames: number): string {
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, createEntry);
  return (holder.stack ?? '')
    .split('\n')
    .slice(1 + frames)
    .join('\n');
}

/** First frame of a stack as `folder/file.ts:12`, or empty. */
function placeOf(stack: string): string {
  return /((?:[^\s()/\\]+[/\\])?[^\s()/\\]+:\d+):\d+\)?(?:\n|$)/.exec(stack)?.[1] ?? '';
}

function textLine(line: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(line).map(([key, value]) => `${key}=${textValue(value)}`);
  return `${pairs.join(' ')}\n`;
}

/** Values with spaces, quotes or control characters are written as JSON strings. */
function textValue(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return /^[^\s"=\p{Cc}]+$/u.test(text) ? text : JSON.stringify(text);
}

import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { pino } from 'pino';
import type { ApplicationLogSettings, LogLevel } from '../../config/resolved-config.ts';

/** Values beside a message. */
export type LogValues = Readonly<Record<string, unknown>>;

/** The application log (SPEC E.2): one line per event on its sink. */
export interface ApplicationLog {
  debug(message: string, values?: LogValues): void;
  info(message: string, values?: LogValues): void;
  warn(message: string, values?: LogValues): void;
  error(message: string, values?: LogValues): void;
  /** Writes at a level that is known only at run time. */
  at(level: LogLevel, message: string, values?: LogValues): void;
  /** Opens a file anew, after a rotation moved it away. */
  reopen(): void;
  /**
   * Waits until everything is written, before the process ends.
   *
   * @returns false when the sink takes nothing: a pipe that nobody reads from, a full disk or a closed terminal must not keep
   *   the program. An ordinary exit would: the library then tries to write what is left again and again, for ever
   */
  flush(): Promise<boolean>;
}

/**
 * Opens the application log. Keys are `time` (RFC 3339), `level` in capitals, `msg`, then the values; the text format is the
 * same as `key=value`. A file that cannot be opened is reported by `onSinkError` once, and lines go to stdout instead.
 */
export function openApplicationLog(
  settings: ApplicationLogSettings,
  onSinkError: (code: string) => void,
): ApplicationLog {
  const destination = openSink(settings.output, onSinkError);
  const sink = new DrainableSink(destination, settings.format === 'text' ? textLine : (line) => line);
  const log = pino(
    {
      level: settings.level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label.toUpperCase() }) },
    },
    sink,
  );
  const write = (level: LogLevel, message: string, values: LogValues = {}): void => log[level](values, message);
  return {
    debug: (message, values) => write('debug', message, values),
    info: (message, values) => write('info', message, values),
    warn: (message, values) => write('warn', message, values),
    error: (message, values) => write('error', message, values),
    at: write,
    reopen: () => {
      if (isFile(settings.output)) destination.reopen(settings.output);
    },
    flush: () => sink.drained(),
  };
}

const STDOUT = 1;
const STDERR = 2;
const FILE_MODE = 0o640;
/** Longest wait for a sink that takes nothing. */
const DRAIN_MS = 1_000;

type Destination = ReturnType<typeof pino.destination>;

function openSink(output: string, onSinkError: (code: string) => void): Destination {
  let failed = false;
  const target = output === 'stdout' ? STDOUT : output === 'stderr' ? STDERR : openable(output, onSinkError);
  const destination = pino.destination({ dest: target, sync: false });
  destination.on('error', (error: NodeJS.ErrnoException) => {
    if (failed) return;
    failed = true;
    onSinkError(error.code ?? 'EUNKNOWN');
  });
  return destination;
}

function isFile(output: string): boolean {
  return output !== 'stdout' && output !== 'stderr';
}

/** The path when a file can be opened there; else stdout, and the reason is reported. */
function openable(path: string, onSinkError: (code: string) => void): string | number {
  try {
    mkdirSync(dirname(path), { recursive: true });
    closeSync(openSync(path, 'a', FILE_MODE));
    return path;
  } catch (error) {
    onSinkError((error as NodeJS.ErrnoException).code ?? 'EUNKNOWN');
    return STDOUT;
  }
}

/** A sink that knows whether it has written everything: `flushSync` leaves out what another thread is just writing. */
class DrainableSink {
  private readonly destination: Destination;
  private readonly format: (line: string) => string;
  private waiting = false;
  private failing = false;
  private settled: ((isWritten: boolean) => void) | null = null;

  constructor(destination: Destination, format: (line: string) => string) {
    this.destination = destination;
    this.format = format;
    destination.on('drain', () => this.settle(true));
    destination.on('error', () => this.settle(false));
  }

  write(line: string): void {
    this.waiting = true;
    this.destination.write(this.format(line));
  }

  /** Resolves with true when everything is written, with false when the sink fails or after {@link DRAIN_MS}. */
  async drained(): Promise<boolean> {
    if (this.failing || !this.waiting) return !this.failing;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.settled = resolve;
    const timer = setTimeout(() => resolve(false), DRAIN_MS);
    const isWritten = await promise;
    clearTimeout(timer);
    return isWritten;
  }

  private settle(isWritten: boolean): void {
    this.waiting = !isWritten;
    this.failing = !isWritten;
    this.settled?.(isWritten);
  }
}

/** A JSON line as `key=value` pairs; values with spaces or quotes are written as JSON strings. */
function textLine(line: string): string {
  const entries = Object.entries(JSON.parse(line) as Record<string, unknown>);
  const pairs = entries.map(([key, value]) => `${key}=${textValue(value)}`);
  return `${pairs.join(' ')}\n`;
}

function textValue(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}

import type { ApplicationLogSettings, LogLevel } from '../../config/resolved-config.ts';
import { createEntry, formatEntry, isWritten, type LogEntry, type LogValues } from './log-entry.ts';
import { FileSink, type LogSink, type LogSinkOwner, StreamSink } from './log-sinks.ts';

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
   *   the program
   */
  flush(): Promise<boolean>;
}

/** The log of the thread that owns its sink. */
export interface OwnedLog extends ApplicationLog {
  /** Writes what another thread had to tell, with the time when it happened. */
  entry(entry: LogEntry): void;
}

const STDOUT = 1;
const STDERR = 2;

/**
 * Opens the application log. Neither its opening nor its writing blocks this thread: a file has a thread of its own. A file that
 * cannot be opened or written is reported by `onSinkError`; when it cannot be opened, its lines go to stdout.
 */
export function openApplicationLog(settings: ApplicationLogSettings, onSinkError: (code: string) => void): OwnedLog {
  const sink = openSink(settings, {
    sinkFailed: onSinkError,
    sinkRecovered: (lines) => log.warn('the log is written again', { lines_lost: lines }),
  });
  const log: OwnedLog = new SinkLog(settings, sink);
  return log;
}

function openSink({ output, rotation }: ApplicationLogSettings, owner: LogSinkOwner): LogSink {
  if (output === 'stdout') return new StreamSink(STDOUT, owner);
  return output === 'stderr' ? new StreamSink(STDERR, owner) : new FileSink(output, rotation, owner);
}

const NONE: LogValues = {};
/** From a method of the log to the making of its entry. */
const FRAMES = 2;

class SinkLog implements OwnedLog {
  private readonly settings: ApplicationLogSettings;
  private readonly sink: LogSink;

  constructor(settings: ApplicationLogSettings, sink: LogSink) {
    this.settings = settings;
    this.sink = sink;
  }

  debug(message: string, values: LogValues = NONE): void {
    this.write('debug', [message, values]);
  }

  info(message: string, values: LogValues = NONE): void {
    this.write('info', [message, values]);
  }

  warn(message: string, values: LogValues = NONE): void {
    this.write('warn', [message, values]);
  }

  error(message: string, values: LogValues = NONE): void {
    this.write('error', [message, values]);
  }

  at(level: LogLevel, message: string, values: LogValues = NONE): void {
    this.write(level, [message, values]);
  }

  entry(entry: LogEntry): void {
    if (isWritten(entry.level, this.settings.level)) this.sink.write(formatEntry(entry, this.settings));
  }

  reopen(): void {
    this.sink.reopen();
  }

  flush(): Promise<boolean> {
    return this.sink.drained();
  }

  private write(level: LogLevel, what: readonly [string, LogValues]): void {
    if (!isWritten(level, this.settings.level)) return;
    this.sink.write(formatEntry(createEntry(this.settings, level, what, FRAMES), this.settings));
  }
}

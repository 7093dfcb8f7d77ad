import type { Writable } from 'node:stream';
import { EXIT_PROBLEM } from './exit-status.ts';
import type { ExitStatus } from './exit-status.ts';
import type { CommandOutcome } from './outcome.ts';

/** The two streams of a process. */
export interface OutputStreams {
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/**
 * Prints what a command has to say and waits until it is out; gives the exit status. A reader that went away (`| head`) is no
 * error: it has seen enough. Output that cannot be written, such as on a full disk, is told in one line and makes the status 1.
 */
export async function printOutcome(outcome: CommandOutcome, { stdout, stderr }: OutputStreams): Promise<ExitStatus> {
  await written(stderr, outcome.stderr);
  const code = await written(stdout, outcome.stdout);
  if (code === null || code === 'EPIPE') return outcome.status;
  await written(stderr, `rwwwrse: the output cannot be written (${code})\n`);
  return EXIT_PROBLEM;
}

/** Resolves with the code of the failure, or null when the text is out. */
function written(stream: Writable, text: string): Promise<string | null> {
  if (text === '') return Promise.resolve(null);
  return new Promise((resolve) => {
    // Without a listener the failure would end the process with a stack. The callback alone is sure to be called: a stream that
    // has failed before emits nothing.
    stream.on('error', () => undefined);
    stream.write(text, (error) => resolve(error === null || error === undefined ? null : codeOf(error)));
  });
}

function codeOf(error: NodeJS.ErrnoException): string {
  return error.code ?? 'EUNKNOWN';
}

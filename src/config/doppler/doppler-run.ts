import { spawn } from 'node:child_process';

/** How one run of the program `doppler` ended. */
export type DopplerRun =
  | { readonly output: string }
  /** `final`: another run would not do better. */
  | { readonly reason: string; readonly final: boolean };

/** Ten thousand long secrets. */
const MAX_OUTPUT_BYTES = 8_388_608;
const MAX_REASON_CHARACTERS = 200;
const MAX_ERROR_BYTES = 65_536;

/** One run to bring secrets. */
interface RunOrder {
  readonly file: string;
  readonly args: readonly string[];
  /** What no message may show. */
  readonly token: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The run and all it started are killed when this passes. */
  readonly deadlineMs: number;
}

/** Runs the program once. What it printed is only ever returned as output: no message quotes it. */
export function runDoppler(order: RunOrder): Promise<DopplerRun> {
  const { promise, resolve } = Promise.withResolvers<DopplerRun>();
  // A process group of its own, so that what it started ends with it.
  const child = spawn(order.file, [...order.args], {
    env: { ...order.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const parts: Buffer[] = [];
  let [size, errors] = [0, ''];
  const end = (run: DopplerRun): void => {
    clearTimeout(timer);
    resolve(run);
  };
  /** Nothing of it is waited for any more. */
  const giveUp = (reason: string): void => {
    if (child.pid !== undefined) killGroup(child.pid);
    child.stdout.destroy();
    child.stderr.destroy();
    child.unref();
    end({ reason, final: true });
  };
  const timer = setTimeout(giveUp, order.deadlineMs, 'it took too long');
  child.stdout.on('data', (part: Buffer) => {
    size += part.length;
    if (size > MAX_OUTPUT_BYTES) giveUp('it printed more than 8 MiB');
    else parts.push(part);
  });
  child.stderr.on('data', (part: Buffer) => {
    if (errors.length < MAX_ERROR_BYTES) errors += part.toString('utf8');
  });
  child.once('error', (error) => end({ reason: `it cannot be started (${codeOf(error)})`, final: true }));
  child.once('close', (code, signal) => {
    if (code === 0) end({ output: Buffer.concat(parts).toString('utf8') });
    else end({ reason: `${endOf(code, signal)}${saidBy(errors, order.token)}`, final: false });
  });
  return promise;
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}

function endOf(code: number | null, signal: string | null): string {
  return code === null ? `it was ended by ${signal}` : `it ended with status ${code}`;
}

function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown';
}

/** The first line of what the program says about its failure, without the token. */
function saidBy(errors: string, token: string): string {
  const line =
    errors
      .split('\n')
      .map((each) => each.trim())
      .find((each) => each !== '') ?? '';
  const shown = (token === '' ? line : line.replaceAll(token, '***')).slice(0, MAX_REASON_CHARACTERS);
  return shown === '' ? '' : `: ${shown}`;
}

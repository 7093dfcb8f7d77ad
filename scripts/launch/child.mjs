import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** The signals that a launcher passes on to the program it started. */
const FORWARDED_SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/** What is kept of a captured output: enough for an error message, bounded whatever the child prints. */
const CAPTURE_LIMIT_CHARS = 1024 * 1024;

/**
 * @typedef {object} ChildEnd
 * @property {number | null} status exit status, `null` after a death by signal or when the program could not be started
 * @property {NodeJS.Signals | null} signal
 * @property {string} output captured standard output and error, empty when they were inherited
 * @property {Error | null} startError
 */

/**
 * Runs a program to its end. SIGINT, SIGTERM and SIGHUP of this process are passed on to it while it runs. Never rejects.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions & { capture?: boolean }} options `capture` collects the output
 * @returns {Promise<ChildEnd>}
 */
export function runChild(file, args, { capture = false, ...options }) {
  return new Promise((resolve) => {
    /** @type {import('node:child_process').SpawnOptions} */
    const spawnOptions = { stdio: capture ? ['ignore', 'pipe', 'pipe'] : 'inherit', ...options };
    const child = spawn(file, args, spawnOptions);
    const forwarders = FORWARDED_SIGNALS.map(
      (signal) => /** @type {const} */ ([signal, () => void child.kill(signal)]),
    );
    for (const [signal, forward] of forwarders) process.on(signal, forward);
    let output = '';
    /** @param {string} text */
    const collect = (text) => {
      output = (output + text).slice(-CAPTURE_LIMIT_CHARS);
    };
    if (capture) {
      child.stdout?.setEncoding('utf8').on('data', collect);
      child.stderr?.setEncoding('utf8').on('data', collect);
    }
    /** @param {Omit<ChildEnd, 'output'>} end */
    const finish = (end) => {
      for (const [signal, forward] of forwarders) process.off(signal, forward);
      resolve({ ...end, output });
    };
    // A pipe fd beyond stderr is a socket here; the child closing its end is no error of ours.
    for (const extra of child.stdio.slice(3)) extra?.on('error', () => undefined);
    child.once('error', (startError) => finish({ status: null, signal: null, startError }));
    child.once(capture ? 'close' : 'exit', (status, signal) => finish({ status, signal, startError: null }));
  });
}

/**
 * Ends this process as the child ended: with its status, or by the same signal, so that the caller's shell, init system or
 * supervisor sees what it would have seen without a launcher in between.
 *
 * @param {ChildEnd} end
 * @returns {number | undefined} the exit status to use; nothing when the signal was raised and will end this process
 */
export function mirrorEnd({ status, signal }) {
  if (signal === null) return status ?? 1;
  process.exitCode = 128 + constants.signals[signal];
  process.kill(process.pid, signal);
  // Delivery is asynchronous; without this the event loop may run empty first and the exit would look like a normal one.
  setTimeout(() => process.exit(), 1000);
  return undefined;
}

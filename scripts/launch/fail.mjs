/** An expected failure of a launcher: its message is one line for the user, without a stack trace. */
export class LaunchError extends Error {}

/**
 * Runs a launcher; a `LaunchError` becomes one line on standard error and exit status 1, any other error is a defect and
 * keeps its stack trace.
 *
 * @param {() => Promise<number | undefined>} launch gives the exit status, or nothing when the process is to end by itself
 * @returns {Promise<void>}
 */
export async function runLauncher(launch) {
  try {
    const status = await launch();
    if (status !== undefined) process.exitCode = status;
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    process.stderr.write(`rwwwrse: ${error.message}\n`);
    process.exitCode = 1;
  }
}

/**
 * One line of progress on standard error, so that standard output stays the program's own.
 *
 * @param {string} text
 */
export function tell(text) {
  process.stderr.write(`rwwwrse: ${text}\n`);
}

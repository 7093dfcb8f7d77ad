/**
 * Ends the process now, with this status, whatever its threads do. `process.exit` waits for every thread and so never returns
 * while one of them hangs in a native call (measured); replacing the program takes all threads away and keeps the status. Where
 * a process cannot be replaced (Windows), it ends as if it was killed.
 */
export function endAtOnce(status: number): never {
  if (process.platform !== 'win32')
    process.execve?.(process.execPath, [process.execPath, '--eval', `process.exit(${status})`], {});
  process.kill(process.pid, 'SIGKILL');
  throw new Error('unreachable: the process was killed');
}

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LaunchError, tell } from './fail.mjs';

const WAIT_LIMIT_MS = 15 * 60 * 1000;
const POLL_MS = 200;

/**
 * Runs `work` while holding the install lock of a folder: two launchers started at once on a fresh clone would otherwise
 * delete each other's half-installed packages. The lock of a process that died is taken over.
 *
 * @param {string} folder
 * @param {() => Promise<void>} work
 * @returns {Promise<void>}
 */
export async function withInstallLock(folder, work) {
  const path = join(folder, '.installing');
  const deadline = Date.now() + WAIT_LIMIT_MS;
  for (let told = false; !tryLock(path); told = true) {
    if (!told) tell(`waiting for another installation (${path})`);
    if (Date.now() > deadline)
      throw new LaunchError(`another installation holds ${path} for too long; delete it and try again`);
    await delay(POLL_MS);
  }
  try {
    await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/**
 * @param {string} path
 * @returns {boolean} whether the lock is now ours
 */
function tryLock(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') {
      throw new LaunchError(
        `cannot write ${path} (${errorCode(error)}); make the folder writable or install with npm yourself`,
      );
    }
  }
  if (!isHolderAlive(path)) rmSync(path, { force: true });
  return false;
}

/** @param {string} path */
function isHolderAlive(path) {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    // Empty for the instant between its creation and its first write.
    if (pid === 0) return true;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/**
 * @param {unknown} error
 * @returns {string}
 */
function errorCode(error) {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}

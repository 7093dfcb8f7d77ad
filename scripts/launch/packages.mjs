import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { mirrorEnd, runChild } from './child.mjs';
import { LaunchError, tell } from './fail.mjs';
import { withInstallLock } from './install-lock.mjs';

/**
 * @typedef {{ version?: string, integrity?: string, dev?: boolean, devOptional?: boolean, optional?: boolean }} LockedPackage
 * @typedef {Record<string, LockedPackage>} LockedPackages
 */

/**
 * Installs a folder's npm packages when they are missing or differ from its package-lock.json; otherwise costs two small
 * file reads. npm's own record of the installed tree (node_modules/.package-lock.json) is the stamp: npm deletes it first
 * and writes it last, so that an interrupted or a foreign installation is noticed too.
 *
 * @param {string} folder
 * @param {{ dev: boolean, root: string, isPresent?: () => boolean }} options `dev`: the development packages too. Those
 *   already there are always kept, so that `npm start` never removes what `npm test` installed. `root` is only for naming
 *   the folder in messages. `isPresent` replaces the comparison with the lockfile
 * @returns {Promise<void>}
 */
export async function ensurePackages(folder, { dev, root, isPresent = () => isInstalled(folder, dev) }) {
  if (isPresent()) return;
  await withInstallLock(folder, async () => {
    if (isPresent()) return;
    const name = relative(root, folder) || '.';
    tell(`installing the npm packages of ${name} ...`);
    await runNpmCi(folder, { name, dev: dev || hasDevPackages(folder) });
  });
}

/**
 * @param {string} folder
 * @param {boolean} dev
 */
function isInstalled(folder, dev) {
  const wanted = readPackages(join(folder, 'package-lock.json'));
  if (wanted === null) throw new LaunchError(`${join(folder, 'package-lock.json')} is missing or broken; restore it`);
  const present = readPackages(join(folder, 'node_modules/.package-lock.json'));
  if (present === null) return false;
  return Object.entries(wanted).every(([path, { version, integrity, ...kind }]) => {
    const isNeeded = path !== '' && kind.optional !== true && kind.devOptional !== true && (dev || kind.dev !== true);
    if (!isNeeded) return true;
    const found = present[path];
    return found?.version === version && found?.integrity === integrity && existsSync(join(folder, path));
  });
}

/** @param {string} folder */
function hasDevPackages(folder) {
  const present = readPackages(join(folder, 'node_modules/.package-lock.json'));
  return present !== null && Object.values(present).some((entry) => entry.dev === true);
}

/**
 * @param {string} path
 * @returns {LockedPackages | null}
 */
function readPackages(path) {
  try {
    const lock = /** @type {{ packages?: LockedPackages }} */ (JSON.parse(readFileSync(path, 'utf8')));
    return lock.packages ?? null;
  } catch {
    return null;
  }
}

/**
 * @param {string} folder
 * @param {{ name: string, dev: boolean }} options
 */
async function runNpmCi(folder, { name, dev }) {
  const args = ['ci', dev ? '--include=dev' : '--omit=dev', '--include=optional', '--ignore-scripts'];
  const [file, ...first] = npmCommand();
  // Only errors: npm runs on the installed Node and would warn about every package that needs a newer one.
  const end = await runChild(
    file,
    [...first, ...args, `--prefix=${folder}`, '--loglevel=error', '--no-audit', '--no-fund'],
    {
      capture: true,
      cwd: folder,
      shell: process.platform === 'win32' && first.length === 0,
    },
  );
  if (end.status === 0) return;
  if (end.signal !== null) mirrorEnd(end);
  const reason = end.startError === null ? npmReason(end.output) : `npm does not start (${end.startError.message})`;
  throw new LaunchError(
    `cannot install the npm packages of ${name}: ${reason} (run "npm ci" in that folder to see all of it)`,
  );
}

/** @returns {[string, ...string[]]} npm as the one that started us, else the one in PATH */
function npmCommand() {
  const cli = process.env['npm_execpath'] ?? '';
  return cli.endsWith('npm-cli.js') && existsSync(cli) ? [process.execPath, cli] : ['npm'];
}

/**
 * @param {string} output
 * @returns {string} the sentence of npm's error, without the `code`, `errno` and other machine-read lines before it
 */
function npmReason(output) {
  const lines = output.split('\n').flatMap((line) => /^npm (?:error|ERR!) (.+)$/.exec(line)?.[1]?.trim() ?? []);
  return (
    lines.find((line) => !/^(?:code|syscall|errno|type|path|dest|network) /.test(line)) ??
    lines[0] ??
    'npm gave no reason'
  );
}

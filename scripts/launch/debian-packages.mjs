import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runChild } from './child.mjs';
import { tell } from './fail.mjs';

/** Debian's hook that decides whether a package may start its service; 101 means no. */
const POLICY_PATH = '/usr/sbin/policy-rc.d';
const POLICY = '#!/bin/sh\nexit 101\n';

/** Server programs live outside the PATH of an ordinary user. */
const EXTRA_PATHS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/**
 * @typedef {object} DebianPackage
 * @property {string} name
 * @property {string} program found in PATH when the package, or another that brings the same program, is installed
 * @property {string} purpose
 */

/**
 * Installs the Debian packages that the tests use and that are missing, where that is possible without asking: as root and
 * with apt-get. Never starts the services in them.
 *
 * @param {string} listPath lines of `package program purpose`; `#` begins a comment
 * @returns {Promise<DebianPackage[]>} those still missing
 */
export async function ensureDebianPackages(listPath) {
  const packages = readPackages(listPath);
  const missing = packages.filter(({ program }) => !hasProgram(program));
  if (missing.length === 0 || process.getuid?.() !== 0 || !hasProgram('apt-get')) return missing;
  tell(`installing the Debian packages ${missing.map(({ name }) => name).join(' ')} ...`);
  await withoutServiceStart(async () => {
    await runApt(['update']);
    await runApt(['install', '--yes', '--no-install-recommends', ...missing.map(({ name }) => name)]);
  });
  return packages.filter(({ program }) => !hasProgram(program));
}

/** @param {string} listPath */
function readPackages(listPath) {
  const lines = readFileSync(listPath, 'utf8').split('\n');
  return lines.flatMap((line) => {
    const [, name = '', program = '', purpose = ''] = /^([^#\s]\S*)\s+(\S+)\s+(.+)$/.exec(line) ?? [];
    return name === '' ? [] : [{ name, program, purpose }];
  });
}

/** @param {string} program */
function hasProgram(program) {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...EXTRA_PATHS];
  return folders.some((folder) => folder !== '' && isExecutable(join(folder, program)));
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @param {() => Promise<void>} work */
async function withoutServiceStart(work) {
  // A machine that has a policy of its own keeps it.
  const isOurs = !existsSync(POLICY_PATH);
  if (isOurs) writeFileSync(POLICY_PATH, POLICY, { mode: 0o755 });
  try {
    await work();
  } finally {
    if (isOurs) rmSync(POLICY_PATH, { force: true });
  }
}

/** @param {readonly string[]} args */
async function runApt(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const end = await runChild('apt-get', ['--quiet', ...args], { capture: true, env });
  if (end.status !== 0) tell(`apt-get ${args[0]} failed:\n${end.output.trimEnd().split('\n').slice(-10).join('\n')}`);
}

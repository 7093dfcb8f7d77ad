/** The oldest Node that runs the program; the same as `engines.node` in package.json. */
export const OLDEST_NODE = '24.15.0';

/**
 * Whether a Node version (with or without the leading `v`) is `OLDEST_NODE` or newer.
 *
 * @param {string} version
 * @returns {boolean}
 */
export function isSupportedNode(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE.split('.').map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

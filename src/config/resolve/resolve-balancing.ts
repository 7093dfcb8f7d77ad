import type { BalancingSettings } from '../route-settings.ts';
import type { CheckedConfig } from '../schema.ts';
import type { Findings } from './findings.ts';

type RouteBalancer = CheckedConfig['routes'][string]['load_balancer'];

/** Shortest key of a signature, as in `load_balancer.sticky_secret`. */
const MIN_SECRET_LENGTH = 16;

/** Balancing of the default backend, and of every route that says nothing else. */
export function resolveDefaultBalancing(
  { load_balancer: block }: CheckedConfig,
  findings: Findings,
): BalancingSettings {
  checkHash(['load_balancer'], block.strategy, findings);
  return {
    strategy: block.strategy,
    hashOn: block.hash_on,
    stickyCookie: block.sticky_cookie ?? null,
    stickyMaxAgeSeconds: toSeconds(block.sticky_max_age),
  };
}

/** Balancing of one route. */
export function resolveBalancing(
  path: readonly string[],
  block: RouteBalancer,
  defaults: BalancingSettings,
  findings: Findings,
): BalancingSettings {
  if (block === undefined) return defaults;
  const strategy = block.strategy ?? defaults.strategy;
  checkHash([...path, 'load_balancer'], strategy, findings);
  return {
    strategy,
    hashOn: block.hash_on ?? defaults.hashOn,
    stickyCookie: block.sticky_cookie === undefined ? defaults.stickyCookie : block.sticky_cookie,
    stickyMaxAgeSeconds:
      block.sticky_max_age === undefined ? defaults.stickyMaxAgeSeconds : toSeconds(block.sticky_max_age),
  };
}

/** The key of sticky cookies: `sticky_secret`, or the content of `sticky_secret_file` when a higher layer names that. */
export function resolveStickySecret({ load_balancer: block }: CheckedConfig, findings: Findings): string | null {
  const path = ['load_balancer', 'sticky_secret_file'];
  const file = block.sticky_secret_file;
  if (file === undefined) return block.sticky_secret ?? null;
  if (block.sticky_secret !== undefined) {
    const preferred = findings.preferred(['load_balancer', 'sticky_secret'], path);
    if (preferred === null) findings.add('error', path, 'is written beside sticky_secret', 'one of them');
    if (preferred !== path) return block.sticky_secret;
  }
  const text = findings.readFile(path, file);
  if (text === null) return null;
  const secret = text.trim();
  if (secret.length >= MIN_SECRET_LENGTH) return secret;
  const allowed = `a file with ${MIN_SECRET_LENGTH} characters or more`;
  findings.add('error', path, `${JSON.stringify(file)} holds a secret that is too short`, allowed);
  return null;
}

function checkHash(path: readonly string[], strategy: BalancingSettings['strategy'], findings: Findings): void {
  const key = [...path, 'hash_on'];
  if (strategy !== 'consistent_hash' && findings.isWritten(key.join('.')))
    findings.add('warning', key, `is not used by the strategy ${strategy}`, 'strategy: consistent_hash');
}

function toSeconds(durationMs: number): number {
  return Math.ceil(durationMs / 1_000);
}

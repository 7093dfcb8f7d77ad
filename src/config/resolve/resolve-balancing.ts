import type { BalancingSettings } from '../route-settings.ts';
import type { CheckedConfig } from '../schema.ts';
import type { Findings } from './findings.ts';

type RouteBalancer = CheckedConfig['routes'][string]['load_balancer'];

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

function checkHash(path: readonly string[], strategy: BalancingSettings['strategy'], findings: Findings): void {
  const key = [...path, 'hash_on'];
  if (strategy !== 'consistent_hash' && findings.isWritten(key.join('.')))
    findings.add('warning', key, `is not used by the strategy ${strategy}`, 'strategy: consistent_hash');
}

function toSeconds(durationMs: number): number {
  return Math.ceil(durationMs / 1_000);
}

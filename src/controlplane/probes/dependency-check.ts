import { hostText } from '../../base/net/endpoint-host.ts';
import type { DependencySettings } from '../../config/resilience-settings.ts';
import { runCheck } from './check-scope.ts';
import { type Check, failed } from './check.ts';
import { type DependencyAddress, endpointOf, parseDependencyUrl } from './dependency-address.ts';
import { httpCheck } from './http-check.ts';
import type { NameResolver } from './name-resolver.ts';
import { postgresCheck } from './postgres-check.ts';
import { redisCheck } from './redis-check.ts';
import { tcpCheck } from './tcp-check.ts';

/** The check of a dependency, by its kind. A URL that cannot be used fails every check, and says so. */
export function dependencyCheck(settings: DependencySettings, resolver: NameResolver): Check {
  const { kind, url, timeoutMs } = settings;
  if (kind === 'postgres') return postgresCheck(url, timeoutMs, resolver);
  const address = parseDependencyUrl(url, resolver);
  if (address === null) return () => runCheck(timeoutMs, () => Promise.resolve(failed('url_invalid')));
  if (kind === 'redis') return redisCheck(address, timeoutMs);
  return kind === 'tcp'
    ? tcpCheck((scope) => endpointOf(scope, address), timeoutMs)
    : httpCheck((scope) => endpointOf(scope, address), {
        method: 'GET',
        target: address.path + address.query,
        host: authorityOf(address),
        headers: credentialsOf(address),
        expectedStatuses: settings.expectedStatuses,
        expectedBody: null,
        timeoutMs,
      });
}

function authorityOf({ host, port, isSecure }: DependencyAddress): string {
  const name = hostText(host);
  return port === (isSecure ? 443 : 80) ? name : `${name}:${port}`;
}

/** RFC 7617. */
function credentialsOf({ user, password }: DependencyAddress): (readonly [string, string])[] {
  if (user === '' && password === '') return [];
  return [['Authorization', `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`]];
}

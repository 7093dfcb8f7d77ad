import type { DependencySettings } from '../resilience-settings.ts';
import type { CheckedConfig } from '../schema.ts';
import { dependencyKindOf } from '../sections/dependency-url-field.ts';
import type { Findings } from './findings.ts';

type CheckedCheck = CheckedConfig['checks'][string];

/** The checks of the Operations Guide, with the key that holds their URL and the kind that it must have. */
const KNOWN = {
  database: { key: ['database_url'], kind: 'postgres' },
  redis: { key: ['redis_url'], kind: 'redis' },
  external_api: { key: ['health', 'external_api_url'], kind: 'http' },
} as const;

/** Checks of dependencies: those of the Operations Guide first, in its order, then the others by name. */
export function resolveDependencies(checked: CheckedConfig, findings: Findings): DependencySettings[] {
  const others = Object.keys(checked.checks).filter((name) => !Object.hasOwn(KNOWN, name));
  return [...Object.keys(KNOWN), ...others.toSorted()].flatMap((name) => {
    const url = urlOf(name, checked, findings);
    return url === null ? [] : dependencyOf(name, url, checked);
  });
}

/** The URL of a check: its own, or that of its key; null = there is none, which is told when the check was written. */
function urlOf(name: string, checked: CheckedConfig, findings: Findings): string | null {
  const check = checked.checks[name];
  const path = ['checks', name];
  const known = Object.hasOwn(KNOWN, name) ? KNOWN[name as keyof typeof KNOWN] : null;
  if (check?.url !== undefined) {
    const kind = dependencyKindOf(check.url);
    if (known !== null && kind !== known.kind)
      findings.add('error', [...path, 'url'], `${name} is the name of a check of ${known.kind}`, 'another name');
    return check.url;
  }
  const urls = {
    database: checked.database_url,
    redis: checked.redis_url,
    external_api: checked.health.external_api_url,
  };
  const url = known === null ? undefined : urls[name as keyof typeof KNOWN];
  const key = known === null ? null : known.key.join('.');
  const isTold = key !== null && (findings.isFailed([`${key}_file`]) || !findings.isSound(key));
  if (check !== undefined && url === undefined && !isTold && !findings.isFailed([...path, 'url_file']))
    findings.add('error', path, 'has no url', key === null ? 'url or url_file' : `url, url_file or ${key}`);
  return url ?? null;
}

function dependencyOf(name: string, url: string, checked: CheckedConfig): DependencySettings {
  const check: CheckedCheck | undefined = checked.checks[name];
  return {
    name,
    kind: dependencyKindOf(url) ?? 'tcp',
    url,
    intervalMs: check?.interval ?? checked.health_check.interval,
    timeoutMs: check?.timeout ?? checked.health.timeout,
    unhealthyThreshold: check?.unhealthy_threshold ?? 1,
    healthyThreshold: check?.healthy_threshold ?? 1,
    expectedStatuses: check?.expected_status ?? [{ from: 200, to: 299 }],
    required: check?.required ?? false,
  };
}

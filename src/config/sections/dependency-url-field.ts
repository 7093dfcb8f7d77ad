import { parseHostPort } from '../../base/net/endpoint-host.ts';
import type { DependencySettings } from '../resilience-settings.ts';
import { field, refuse } from './field.ts';
import type { Field } from './field.ts';

type Kind = DependencySettings['kind'];

/** Schemes of each kind, the usual one first. */
const SCHEMES: Readonly<Record<Kind, readonly string[]>> = {
  postgres: ['postgres', 'postgresql'],
  redis: ['redis', 'rediss', 'valkey', 'valkeys'],
  http: ['http', 'https'],
  tcp: ['tcp'],
};

const KINDS = Object.keys(SCHEMES) as readonly Kind[];

/** The kind of dependency that a URL means by its scheme, or null. */
export function dependencyKindOf(url: string): Kind | null {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
  return KINDS.find((kind) => scheme !== undefined && SCHEMES[kind].includes(scheme)) ?? null;
}

/** The URL of a dependency of one of some kinds. It holds passwords and is never quoted in a message. */
export function dependencyUrlField(kinds: readonly Kind[]): Field<string> {
  const schemes = kinds.flatMap((kind) => SCHEMES[kind]);
  const allowed = schemes.map((scheme) => `${scheme}://`).join(', ');
  const written = { type: 'string', pattern: `^(${schemes.join('|')})://`, 'x-type': 'URL', 'x-allowed': allowed };
  return field(written, (input) => {
    const text = typeof input === 'string' ? input : '';
    const kind = dependencyKindOf(text);
    if (kind === null || !kinds.includes(kind)) return refuse('is no URL of a kind that can be checked', { allowed });
    const problem = placeProblem(text, kind);
    return problem === null ? { value: text } : refuse(problem, { allowed: `like ${SCHEMES[kind][0]}://host:port` });
  });
}

/** Why nothing can be reached at a URL, or null. */
function placeProblem(text: string, kind: Kind): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || /\s/.test(text)) return 'is not a URL';
  const isSocket = kind === 'postgres' && url.searchParams.get('host')?.startsWith('/') === true;
  if (url.hostname === '') return isSocket ? null : 'has no host';
  const place = parseHostPort(url.port === '' ? url.hostname : `${url.hostname}:${url.port}`);
  if ('problem' in place) return place.problem;
  return kind === 'tcp' && place.value.port === null ? 'has no port' : null;
}

import { isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';

import { parseAuthority } from '../../base/http/authority.ts';
import { quoteValue } from '../problem.ts';
import { field, refuse } from './field.ts';
import type { Field, FieldResult } from './field.ts';
import { listField } from './list-fields.ts';

const PATTERN_FORM = 'a host name, an IP address, *.domain, or * for any host; no port';

/**
 * Host of a route: exact, `*.domain`, or `*` (SPEC F, host routing); in the form that requests' hosts are brought
 * into.
 */
export function hostPatternField(): Field<string> {
  return field({ type: 'string', 'x-type': 'host' }, parsePattern);
}

/** A list of hosts as {@link hostPatternField} takes them. */
export function hostPatternListField(): Field<readonly string[]> {
  return listField({ type: 'string' }, (item) => parsePattern(typeof item === 'string' ? item.trim() : item));
}

/** One host as {@link hostPatternField} takes it. */
function parsePattern(input: unknown): FieldResult<string> {
  if (typeof input !== 'string' || input === '')
    return refuse(`${quoteValue(input)} is not a host`, { allowed: PATTERN_FORM });
  if (input === '*') return { value: '*' };
  const wildcard = input.startsWith('*.');
  const name = wildcard ? input.slice(2) : input;
  const bracketed = isIPv6(name) ? `[${name}]` : name;
  const host = parseAuthority(bracketed);
  if (host !== null && isPlain(host, bracketed, wildcard)) return { value: wildcard ? `*.${host}` : host };
  return refuse(`${quoteValue(input)} is not a host`, { allowed: PATTERN_FORM, didYouMean: meant(input) });
}

function isPlain(host: string, written: string, wildcard: boolean): boolean {
  if (host.startsWith('[')) return !wildcard && written.endsWith(']');
  return !written.includes(':') && /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/.test(host);
}

/** The host in a URL, without a port, or in its ASCII form (RFC 5891): what is written by mistake most often. */
function meant(input: string): string | undefined {
  const host = input
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/[/?#].*$/s, '')
    .replace(/:\d*$/, '');
  const ascii = domainToASCII(host.replace(/^\*\./, ''));
  if (ascii === '' || ascii.includes('*')) return undefined;
  return host.startsWith('*.') ? `*.${ascii}` : ascii;
}

/** One host, without port or wildcard. */
export function hostNameField(): Field<string> {
  return field({ type: 'string', 'x-type': 'host' }, (input) => {
    const host = parsePattern(input);
    if ('value' in host && !host.value.includes('*')) return host;
    const didYouMean = 'refusals' in host ? host.refusals[0]?.didYouMean : undefined;
    return refuse(`${quoteValue(input)} is not a host`, {
      allowed: 'a host name or an IP address; no port',
      didYouMean,
    });
  });
}

/** A host with or without a port, as a Host field has it (RFC 9110 7.2). */
export function authorityField(): Field<string> {
  return field({ type: 'string', 'x-type': 'host' }, (input) => {
    const text = typeof input === 'string' ? input : '';
    if (text !== '' && /^[A-Za-z0-9._:[\]-]+$/.test(text) && parseAuthority(text) !== null) return { value: text };
    return refuse(`${quoteValue(input)} is not a host`, { allowed: 'host, host:port, [ipv6]:port' });
  });
}

import { isToken } from '../../base/http/bytes.ts';
import { parseBindHost, parseListenAddress } from '../../base/net/endpoint-listen.ts';
import type { ListenEndpoint } from '../../base/net/endpoint-listen.ts';
import { quoteValue } from '../problem.ts';
import { field, refuse } from './field.ts';
import type { Field } from './field.ts';

/** A path of the file system, or one of a few words that the key gives a meaning. */
export function filePathField(): Field<string> {
  return field({ type: 'string', 'x-type': 'file path' }, (input) => {
    if (typeof input !== 'string' || input === '')
      return refuse(`${quoteValue(input)} is not a path`, { allowed: 'text, not empty' });
    return input.includes('\0') ? refuse('has a NUL byte, which no path has') : { value: input };
  });
}

/** Text of some length on one line. */
export function textField(minLength: number, maxLength: number): Field<string> {
  const allowed = `text of ${minLength} to ${maxLength} characters`;
  return field({ type: 'string', minLength, maxLength, 'x-type': 'text', 'x-allowed': allowed }, (input) => {
    const text = typeof input === 'string' ? input : '';
    const isSound = text.length >= minLength && text.length <= maxLength && !/\p{Cc}/u.test(text);
    return isSound ? { value: text } : refuse(`${quoteValue(input)} is not such a text`, { allowed });
  });
}

const URL_PATH = /^\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*$/;
const DOT_SEGMENT = /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i;
const URL_PATH_FORM = 'a path that begins with /, without query, fragment, empty, . or .. segments';

/** An absolute URL path; a slash at its end is dropped, as in Kubernetes' prefix rule, so `/api/` is `/api`. */
export function urlPathField(): Field<string> {
  return field({ type: 'string', pattern: '^/', 'x-type': 'URL path' }, (input) => {
    const path = typeof input === 'string' ? input : '';
    const valid = URL_PATH.test(path) && !path.includes('//') && !DOT_SEGMENT.test(path);
    if (!valid) return refuse(`${quoteValue(input)} is not a URL path`, { allowed: URL_PATH_FORM });
    return { value: path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path };
  });
}

/** An absolute URL path that is written out as it is, slash at its end included. */
export function absolutePathField(): Field<string> {
  return field({ type: 'string', pattern: '^/', 'x-type': 'URL path' }, (input) => {
    const path = typeof input === 'string' ? input : '';
    const valid = URL_PATH.test(path) && !path.includes('//') && !DOT_SEGMENT.test(path);
    return valid ? { value: path } : refuse(`${quoteValue(input)} is not a URL path`, { allowed: URL_PATH_FORM });
  });
}

const QUERY = /^\?(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*$/;

/** Path of a request, with or without a query, which goes out as it is. */
export function requestPathField(): Field<string> {
  return field({ type: 'string', pattern: '^/', 'x-type': 'URL path' }, (input) => {
    const text = typeof input === 'string' ? input : '';
    const [path = ''] = text.split('?', 1);
    const query = text.slice(path.length);
    const isSound = URL_PATH.test(path) && !DOT_SEGMENT.test(path) && (query === '' || QUERY.test(query));
    if (isSound && text.length <= MAX_REQUEST_PATH) return { value: text };
    return refuse(`${quoteValue(input)} is not a path of a request`, { allowed: 'like /health or /health?deep=1' });
  });
}

/** What every server takes; a longer one is a mistake. */
const MAX_REQUEST_PATH = 2_048;

/** Fields with a meaning for framing, routing or trust, which a request id must never overwrite. */
const RESERVED_FIELDS = new Set(
  (
    'authorization cache-control connection content-encoding content-length content-range content-type cookie date expect ' +
    'forwarded host http2-settings keep-alive location max-forwards proxy-authenticate proxy-authorization ' +
    'proxy-connection range server set-cookie te trailer transfer-encoding upgrade vary via www-authenticate ' +
    'x-forwarded-by x-forwarded-for x-forwarded-host x-forwarded-port x-forwarded-prefix x-forwarded-proto x-real-ip'
  ).split(' '),
);

/** A header field name that the proxy may set (RFC 9110 5.1). */
export function headerNameField(): Field<string> {
  return field({ type: 'string', 'x-type': 'header name' }, (input) => {
    if (typeof input !== 'string' || !isToken(input)) {
      return refuse(`${quoteValue(input)} is not a header name`, { allowed: 'letters, digits and hyphens' });
    }
    if (RESERVED_FIELDS.has(input.toLowerCase())) return refuse(`${quoteValue(input)} already has another meaning`);
    return { value: input };
  });
}

const METRIC_NAME_PART = /^(?:[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*)?$/;

/** A part of a metric name (Prometheus data model), or nothing. */
export function metricNamePartField(): Field<string> {
  return field({ type: 'string', pattern: METRIC_NAME_PART.source, 'x-type': 'part of a metric name' }, (input) => {
    // Names that begin so are the process's own, under whatever namespace: two families of one name make the page invalid.
    if (typeof input === 'string' && METRIC_NAME_PART.test(input) && !/^(?:go|process)(?:_|$)/.test(input))
      return { value: input };
    return refuse(`${quoteValue(input)} is not a part of a metric name`, {
      allowed:
        'letters and digits, with single underscores between them, a letter first, not beginning with go or process; or nothing',
    });
  });
}

/** An address to bind, see `parseBindHost`. */
export function bindHostField(): Field<string> {
  return field({ type: 'string', 'x-type': 'address' }, (input) => {
    const parsed = parseBindHost(typeof input === 'string' ? input : '');
    if ('value' in parsed) return parsed;
    return refuse(`${quoteValue(input)} ${parsed.problem}`, {
      allowed: 'an IPv4 or IPv6 address, localhost, 0.0.0.0, ::',
    });
  });
}

/** The address of a listener, see `parseListenAddress`. */
export function listenAddressField(): Field<ListenEndpoint> {
  return field({ type: 'string', 'x-type': 'address' }, (input) => {
    const parsed = parseListenAddress(typeof input === 'string' ? input : '');
    if ('value' in parsed) return parsed;
    return refuse(`${quoteValue(input)} ${parsed.problem}`, { allowed: 'ip:port, [ipv6]:port, unix:/path' });
  });
}

const NAME = /^[a-z0-9][a-z0-9_]{0,62}$/;

/**
 * Whether a text may name a route or listener: it must survive as part of an environment name and as a metric label.
 */
export function isName(text: string): boolean {
  return NAME.test(text);
}

/** What {@link isName} allows, in words. */
export const NAME_FORM = 'lower-case letters, digits and _, at most 63';

/** A name as {@link isName} says. */
export function nameField(): Field<string> {
  return field({ type: 'string', pattern: NAME.source, 'x-type': 'name' }, (input) => {
    if (typeof input === 'string' && isName(input)) return { value: input };
    return refuse(`${quoteValue(input)} is not a name`, { allowed: NAME_FORM, didYouMean: nameLike(input) });
  });
}

/** The name that someone meant by a text that is none (`API-v2` → `api_v2`), or undefined. */
export function nameLike(input: unknown): string | undefined {
  const name = typeof input === 'string' ? input.toLowerCase().replaceAll(/[-. ]/g, '_') : '';
  return isName(name) ? name : undefined;
}

/** Permissions of a unix socket in octal digits; YAML would read bare digits as a decimal number, hence the quotes. */
export function fileModeField(): Field<number> {
  return field({ type: 'string', pattern: '^0?[0-7]{3}$', 'x-type': 'file mode' }, (input) => {
    if (typeof input === 'string' && /^0?[0-7]{3}$/.test(input)) return { value: Number.parseInt(input, 8) };
    return refuse(`${quoteValue(input)} is not a file mode`, { allowed: 'three octal digits in quotes, like "0660"' });
  });
}

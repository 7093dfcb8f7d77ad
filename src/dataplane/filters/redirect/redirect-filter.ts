import { changePath, type CompiledPathChange } from '../../../base/http/path-change.ts';
import type { RedirectSettings } from '../../../config/route-settings.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { Filter } from '../../exchange/filter.ts';

/** Host and port of an authority, the port null when none is written. */
const AUTHORITY = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/;
const SCHEME_PORTS = { http: 80, https: 443 } as const;

/** Answers with a redirect (RFC 9110 15.4). The query goes along. */
export function createRedirectFilter(settings: RedirectSettings, pathChange: CompiledPathChange | null): Filter {
  return {
    name: 'redirect',
    request: (exchange) => ({
      status: settings.status,
      fields: `Location: ${redirectLocation(exchange, settings, pathChange)}\r\n`,
      body: '',
    }),
  };
}

/**
 * Where a redirect leads: what the route does not name stays as the client sent it, by the trusted-proxy rule. Another host or
 * scheme has its scheme's own port unless the route names one. Absolute, since a relative target that begins with two slashes
 * would name another host; relative only for a client that named no host (HTTP/1.0).
 */
function redirectLocation(
  exchange: Exchange,
  settings: RedirectSettings,
  pathChange: CompiledPathChange | null,
): string {
  const [, name = '', port] = AUTHORITY.exec(exchange.forwardedHost) ?? [];
  const scheme = settings.scheme ?? exchange.clientScheme;
  const path = pathChange === null ? exchange.path : changePath(exchange.path, pathChange);
  const target = (path === '*' ? '/' : path) + exchange.search;
  const host = settings.host ?? name;
  if (host === '') return target.replace(/^\/{2,}/, '/');
  const keepsPort = settings.scheme === null && settings.host === null && port !== undefined;
  const shown = settings.port ?? (keepsPort ? Number(port) : SCHEME_PORTS[scheme]);
  return `${scheme}://${host}${shown === SCHEME_PORTS[scheme] ? '' : `:${shown}`}${target}`;
}

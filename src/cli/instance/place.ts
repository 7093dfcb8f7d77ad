import { hostText } from '../../base/net/endpoint-host.ts';
import type { ListenAddress, ListenerSettings, ResolvedConfig } from '../../config/resolved-config.ts';
import { addressText } from '../../controlplane/sockets/bind.ts';

/** Paths of the endpoints that are asked; null = switched off in the configuration. */
export interface EndpointPaths {
  readonly health: string | null;
  readonly readiness: string | null;
  readonly metrics: string | null;
}

/** Where an instance answers about itself. */
export interface InstancePlace {
  /** For people: `http://127.0.0.1:9090`, `unix:/run/rwwwrse.sock`. */
  readonly text: string;
  readonly socket:
    | { readonly kind: 'tcp'; readonly isTls: boolean; readonly host: string; readonly port: number }
    | { readonly kind: 'unix'; readonly path: string };
  readonly paths: EndpointPaths;
  readonly pidFile: string | null;
  /** What the configuration listens on; empty for a place that was given as a URL. */
  readonly listeners: readonly ConfiguredListener[];
}

/** A listener by name and address. */
export interface ConfiguredListener {
  readonly name: string;
  readonly address: string;
}

const DEFAULT_PATHS: EndpointPaths = { health: '/health', readiness: '/ready', metrics: '/metrics' };

/** The place of a base URL: `http://host:port`, `https://host:port` or `unix:/path`; null for anything else. */
export function placeOfUrl(url: string): InstancePlace | null {
  const rest = { text: url, paths: DEFAULT_PATHS, pidFile: null, listeners: [] };
  const unixPath = /^unix:(?:\/\/)?(\/[^?#\p{Cc}]+)$/u.exec(url)?.[1];
  if (unixPath !== undefined) return { ...rest, socket: { kind: 'unix', path: unixPath } };
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.username !== '' || parsed.password !== '')
    return null;
  if (parsed.pathname !== '/' || parsed.search !== '' || parsed.hash !== '') return null;
  const isTls = parsed.protocol === 'https:';
  const port = parsed.port === '' ? (isTls ? 443 : 80) : Number(parsed.port);
  return { ...rest, text: parsed.origin, socket: { kind: 'tcp', isTls, host: unbracketed(parsed.hostname), port } };
}

/**
 * The place where an instance with this configuration answers: its listener for operations, else the first one for traffic that
 * speaks HTTP/1.1. An instance on all addresses is asked on loopback.
 *
 * @returns null when no listener speaks HTTP/1.1
 */
export function placeOfConfig({ settings, traffic }: ResolvedConfig): InstancePlace | null {
  const spoken = settings.listeners.filter(({ protocol }) => protocol === 'http1');
  const listener = spoken.find(({ role }) => role === 'operations') ?? spoken[0];
  if (listener === undefined) return null;
  const { endpoints } = traffic;
  return {
    ...addressPlace(listener),
    paths: {
      health: endpoints.healthEnabled ? endpoints.healthPath : null,
      readiness: endpoints.healthEnabled ? endpoints.readinessPath : null,
      metrics: endpoints.metricsEnabled ? endpoints.metricsPath : null,
    },
    pidFile: settings.pidFile,
    listeners: settings.listeners.map(({ name, address }) => ({ name, address: addressText(address) })),
  };
}

function addressPlace({ address }: ListenerSettings): Pick<InstancePlace, 'text' | 'socket'> {
  if (address.kind === 'unix') return { text: `unix:${address.path}`, socket: { kind: 'unix', path: address.path } };
  const host = reachableHost(address);
  const text = `http://${hostText(host)}:${address.port}`;
  return { text, socket: { kind: 'tcp', isTls: false, host, port: address.port } };
}

function reachableHost({ host }: Extract<ListenAddress, { kind: 'tcp' }>): string {
  if (host === '' || host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : unbracketed(host);
}

function unbracketed(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

import { loadCrypto } from '../../../base/crypto-module.ts';
import { takeCookies } from '../../../base/http/cookies.ts';
import type { RequestHead } from '../../../base/http1/request-head.ts';
import type { UpstreamBackend } from '../../exchange/upstream.ts';
import type { Members } from './members.ts';

/** Bytes of a backend's id and of its signature in a cookie: the id only has to be unique, the signature cannot be guessed. */
const ID_BYTES = 6;
const SIGNATURE_BYTES = 16;

/** How a route's sticky cookie is made. */
export interface StickyCookie {
  readonly name: string;
  /** Life in seconds; 0 = until the browser is closed. */
  readonly maxAgeSeconds: number;
  /** Key of the signature, the same in all workers. */
  readonly secret: string;
}

/**
 * The sessions of one route: which cookie value stands for which backend. All valid values are worked out here, so that nothing
 * is verified per request: a forged value, or one of a backend that has gone, is simply not among them.
 */
export class StickySessions {
  private readonly cookie: StickyCookie;
  private readonly byValue: ReadonlyMap<string, UpstreamBackend>;
  private readonly valueOf: ReadonlyMap<UpstreamBackend, string>;
  /** By head, which lives as long as its connection: routes without sessions need no field in their exchanges. */
  private readonly named: WeakMap<RequestHead, UpstreamBackend | null> = new WeakMap();

  constructor(members: Members, cookie: StickyCookie) {
    this.cookie = cookie;
    const values = members.backends.map((backend) => [backend, stickyValue(cookie, backend.name)] as const);
    this.valueOf = new Map(values);
    this.byValue = new Map(values.map(([backend, value]) => [value, backend]));
  }

  /**
   * Takes the session's cookie out of a request and keeps which backend it names, for {@link namedBy}: once per request, before a
   * backend is selected. Of several cookies the first that names a backend counts. Others are left to the backend.
   */
  take(head: RequestHead): void {
    let named: UpstreamBackend | null = null;
    takeCookies(head.fields, this.cookie.name, (value) => {
      named ??= this.byValue.get(value) ?? null;
    });
    this.named.set(head, named);
  }

  /** The backend that the request's cookie named, or null. */
  namedBy(head: RequestHead): UpstreamBackend | null {
    return this.named.get(head) ?? null;
  }

  /** Value of the `Set-Cookie` field that keeps a client at a backend; null for a backend that is none of the route's. */
  setCookie(backend: UpstreamBackend, scheme: 'http' | 'https'): string | null {
    const value = this.valueOf.get(backend);
    if (value === undefined) return null;
    const { name, maxAgeSeconds } = this.cookie;
    const life = maxAgeSeconds > 0 ? `; Max-Age=${maxAgeSeconds}` : '';
    return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${scheme === 'https' ? '; Secure' : ''}${life}`;
  }
}

/**
 * Cookie value of a backend: an id that tells nothing about it, and a signature over the cookie's name and that id (HMAC-SHA-256,
 * 128 bits).
 */
export function stickyValue({ name, secret }: StickyCookie, backendName: string): string {
  const id = hmac(secret, `backend\n${backendName}`, ID_BYTES);
  return `${id}.${hmac(secret, `cookie\n${name}\n${id}`, SIGNATURE_BYTES)}`;
}

function hmac(secret: string, text: string, bytes: number): string {
  return loadCrypto().createHmac('sha256', secret).update(text).digest().subarray(0, bytes).toString('base64url');
}

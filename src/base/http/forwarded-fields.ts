/** What the proxy tells the backend about where a request came from. */
export interface ForwardedParts {
  /** Value of X-Forwarded-For. */
  readonly chain: string;
  readonly client: string;
  readonly proto: string;
  readonly port: string;
  /** Pseudonym of this instance in Via. */
  readonly via: string;
}

/**
 * Serialised forwarded fields but X-Forwarded-Host (SPEC B, Upstream request headers), in the form that an exchange keeps:
 * without the last line end, so that the request id's line goes behind it.
 */
export function ownForwardedFields(parts: ForwardedParts): string {
  return (
    `X-Forwarded-For: ${parts.chain}\r\nX-Real-IP: ${parts.client}\r\nX-Forwarded-Proto: ${parts.proto}\r\n` +
    `X-Forwarded-Port: ${parts.port}\r\nX-Forwarded-By: rwwwrse\r\nVia: 1.1 ${parts.via}`
  );
}

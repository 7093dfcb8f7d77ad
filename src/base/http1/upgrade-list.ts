/** One protocol of an Upgrade list: a name, or a name and a version, both tokens (RFC 9110 7.8). */
const PROTOCOL = /^[ \t]*[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:\/[!#$%&'*+\-.^_`|~0-9A-Za-z]+)?[ \t]*$/;
const H2C = /\bh2c\b/i;

/** Whether a text is a list of protocols as an Upgrade field has it (RFC 9110 7.8). */
export function isProtocolList(list: string): boolean {
  return list.split(',').every((member) => PROTOCOL.test(member));
}

/**
 * Whether an Upgrade asks for a protocol that may pass (RFC 9110 7.8). One to h2c is ignored, as a server may: behind it,
 * requests would run past all rules of the proxy.
 */
export function asksForTunnel(list: string | null): list is string {
  return list !== null && list !== '' && !H2C.test(list);
}

/** Whether every protocol of `chosen`, in any case, is among those `offered`: a switch to any other is no answer. */
export function isOffered(chosen: string, offered: string): boolean {
  const known = protocolsOf(offered);
  return protocolsOf(chosen).every((protocol) => known.includes(protocol));
}

function protocolsOf(list: string): string[] {
  return list.split(',').map((protocol) => protocol.trim().toLowerCase());
}

import { type Connecting, type ConnectOwner, connectWire, type WireTarget } from '../wire/open.ts';

/** Opens connections to the addresses of one backend: plain, or secured. */
export interface Dialer {
  /**
   * Starts to connect; the owner hears of it from the event loop, never from inside this call.
   *
   * @param preface bytes that go out before anything else, a TLS handshake included; null = none
   */
  connect(target: WireTarget, preface: Buffer | null, owner: ConnectOwner): Connecting;
}

/** Plain TCP connections and unix sockets. */
export const PLAIN_DIALER: Dialer = { connect: connectWire };

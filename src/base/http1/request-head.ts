import { FieldList } from '../http/field-list.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { BODY_NONE, type BodyFraming } from './framing.ts';

/**
 * One request head, parsed. The object belongs to a connection and is filled again for every request, so that a request costs
 * one string and no objects. Valid until the connection parses the next head.
 */
export class RequestHead implements ConnectionOptions {
  method = '';
  target = '';
  /** 0 or 1. */
  minorVersion = 1;
  readonly fields: FieldList = new FieldList();
  framing: BodyFraming = BODY_NONE;
  /** Bytes of the body for BODY_LENGTH, else 0. */
  contentLength = 0;
  /** Host in lower case without port, from the target's authority or the Host field; empty on HTTP/1.0 without Host. */
  host = '';
  /** Host with port as received. */
  authority = '';
  close = false;
  keepAlive = false;
  /** `Connection: upgrade` and an Upgrade field are both there. */
  upgrade = false;
  /** `Expect: 100-continue` on a request with a body. */
  expectContinue = false;
  nominated: string[] | null = null;

  /** Forgets the request that the object held before: for exchanges that never got a head of their own. */
  clear(): void {
    this.method = '';
    this.target = '';
    this.minorVersion = 1;
    this.fields.clear();
    this.framing = BODY_NONE;
    this.contentLength = 0;
    this.host = '';
    this.authority = '';
    this.close = false;
    this.keepAlive = false;
    this.upgrade = false;
    this.expectContinue = false;
    this.nominated = null;
  }

  /** Whether the connection stays open after the answer, as far as the client is concerned (RFC 9112 9.3). */
  get persistent(): boolean {
    return !this.close && (this.minorVersion === 1 || this.keepAlive);
  }
}

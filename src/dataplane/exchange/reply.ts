/** An answer that the proxy gives itself: a filter's verdict, an endpoint's page, an error. */
export interface Reply {
  readonly status: number;
  /** Serialised field lines besides framing and the proxy's own, each `Name: value\r\n`. */
  readonly fields: string;
  /** UTF-8 text of the body. */
  readonly body: string;
  /** Closes the connection after the answer. */
  readonly close?: boolean;
}

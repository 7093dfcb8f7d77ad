let second = -1;
let text = '';

/** Value of a Date field (RFC 9110 5.6.7) for a clock in ms; formatted once a second. */
export function httpDate(nowMs: number): string {
  const current = Math.floor(nowMs / 1000);
  if (current !== second) {
    second = current;
    text = new Date(current * 1000).toUTCString();
  }
  return text;
}

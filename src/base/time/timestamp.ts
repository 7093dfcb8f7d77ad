/** A wall-clock time as RFC 3339 in UTC with whole seconds, `2026-12-01T10:00:01Z`: the form of every answer (SPEC B). */
export function formatTimestamp(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}

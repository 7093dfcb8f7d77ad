import { parseBoolean } from './scalar-fields.ts';

/** Whether a block may be written as one value. */
export function hasShorthand(block: string): boolean {
  return SWITCHED.has(block);
}

/** Blocks with the switch `enabled`. */
const SWITCHED: ReadonlySet<string> = new Set(['health_check', 'passive_health', 'circuit_breaker', 'retry']);

/**
 * What a block means that is written as one value: `false` or `true` switches it, and `health_check: /health` (SPEC A.4,
 * routes.yaml) asks for checks with that path. Null = it means nothing.
 */
export function shorthandOf(block: string, value: unknown): Readonly<Record<string, unknown>> | null {
  if (!SWITCHED.has(block)) return null;
  if (parseBoolean(value) !== null) return { enabled: value };
  const isPath = block === 'health_check' && typeof value === 'string' && value.trim().startsWith('/');
  return isPath ? { enabled: true, path: value } : null;
}

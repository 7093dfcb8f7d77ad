import type { Observation } from './observe.ts';

const PIECE = /no `([\w-]+)`|`([^`]+)`|\b(\d+) × (\d{4})\b|\b(\d{4})\b|\b(\d{3})\b|\b(answer|one backend)\b/g;

/**
 * What is not as a table cell says. A cell names the status (200 when it names none), the backend's port, what the backend gets
 * (`` `/path` ``, `` `Field: value` ``, `` no `Field` ``), behind the word `answer` what the client gets, the Location, a text
 * of the body, and for repeated requests `3 × 3000` or `one backend`.
 */
export function mistakesOf(cell: string, seen: readonly Observation[]): string[] {
  const first = seen[0] as Observation;
  const mistakes: string[] = [];
  const expect = (isSo: boolean, what: string): void => {
    if (!isSo) mistakes.push(`${what}: saw ${JSON.stringify(first)}`);
  };
  let status = 200;
  let isOfAnswer = false;
  for (const [, absent, quoted, times, timesPort, port, code, word] of cell.matchAll(PIECE)) {
    const fields = isOfAnswer ? first.answerFields : (first.backend?.fields ?? {});
    if (absent !== undefined) expect(fields[absent.toLowerCase()] === undefined, `no ${absent}`);
    else if (quoted !== undefined) expect(holds(quoted, fields, first), quoted);
    else if (timesPort !== undefined) expect(countOf(timesPort, seen) === Number(times), `${times} × ${timesPort}`);
    else if (port !== undefined)
      expect(
        seen.every(({ backend }) => backend?.port === port),
        `backend ${port}`,
      );
    else if (code !== undefined) status = Number(code);
    else if (word === 'answer') isOfAnswer = true;
    else expect(new Set(seen.map(({ backend }) => backend?.port)).size === 1, 'one backend');
  }
  expect(
    seen.every((each) => each.status === status),
    `status ${status}`,
  );
  return mistakes;
}

function holds(quoted: string, fields: Readonly<Record<string, string>>, seen: Observation): boolean {
  if (quoted.startsWith('/')) return seen.backend?.target === quoted;
  const [, name, value = ''] = /^([\w-]+): (.+)$/.exec(quoted) ?? [];
  if (name === 'Location') return seen.answerFields['location'] === value;
  if (name !== undefined) return isLike(fields[name.toLowerCase()], value);
  return seen.body.includes(quoted);
}

/** `…` stands for anything. */
function isLike(text: string | undefined, pattern: string): boolean {
  const parts = pattern.split('…').map((part) => RegExp.escape(part));
  return text !== undefined && new RegExp(`^${parts.join('.*')}$`).test(text);
}

function countOf(port: string, seen: readonly Observation[]): number {
  return seen.filter(({ backend }) => backend?.port === port).length;
}

/**
 * What must be equal where a page says that both do the same: the answer, and the request that came to the backend. Which backend
 * it was is compared by its name in the cell: two programs that take turns may begin at different ones.
 */
export function comparable({ status, answerFields, backend }: Observation): unknown {
  const location = answerFields['location'] ?? null;
  if (backend === null) return { status, location };
  const { method, target, fields } = backend;
  const own = ['host', 'cookie', 'authorization', 'user-agent', 'x-client', 'upgrade', 'connection'];
  const passed = own.map((name) => [name, name === 'connection' ? '' : fields[name]]);
  return { status, location, method, target, passed };
}

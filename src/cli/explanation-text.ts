import type { Explanation } from '../controlplane/explain/explanation.ts';
import { columns } from './text/columns.ts';
import { lineText } from './text/printable.ts';
import type { Style } from './text/style.ts';

/** Code of an answer that is no refusal: the proxy's own endpoint took the request. */
export const OWN_ENDPOINT = 'own_endpoint';

const INDENT = '  ';

/** An explanation for people: the outcome first, then why, then what would go to the backend. */
export function explanationText(explanation: Explanation, style: Style): string {
  const parts = [
    summary(explanation, style),
    routesText(explanation, style),
    upstreamText(explanation, style),
    backendsText(explanation, style),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function summary(explanation: Explanation, style: Style): string {
  const { request, filters } = explanation;
  const facts: (readonly [string, string])[] = [['answer', answerText(explanation, style)]];
  if (request.host !== '') facts.push(['host', lineText(request.host)]);
  if (request.path !== '') facts.push(['path', `${lineText(request.path)}${ambiguityText(request.ambiguity)}`]);
  if (filters.length > 0) facts.push(['filters', filters.join(', ')]);
  const title = style('title', lineText(`${request.method} ${request.url}`));
  return `${title}\n${columns(facts, { indent: INDENT })}`;
}

function ambiguityText(ambiguity: string | null): string {
  return ambiguity === null ? '' : ` (can be read in two ways: ${ambiguity})`;
}

function answerText({ refused, redirect, route, backends }: Explanation, style: Style): string {
  const taken = route === null ? '' : ` by route ${lineText(route)}`;
  if (redirect !== null)
    return `${style('good', `redirect ${redirect.status}`)} to ${lineText(redirect.location)}${taken}`;
  if (refused?.code === OWN_ENDPOINT) return style('good', 'an endpoint of the proxy itself');
  if (refused !== null) {
    const text = `${style('bad', `refused with ${refused.status} ${refused.code}`)}: ${lineText(refused.text)}`;
    return route === null ? text : `${text} (route ${lineText(route)})`;
  }
  const chosen = backends.find((backend) => backend.chosen);
  return `${style('good', 'proxied')}${taken}${chosen === undefined ? '' : ` to ${lineText(chosen.name)}`}`;
}

function routesText({ considered }: Explanation, style: Style): string {
  if (considered.length === 0) return '';
  const rows = considered.map(({ route, match, verdict, reason }) => [
    verdict === 'taken' ? style('good', verdict) : style('faint', verdict),
    lineText(route),
    lineText(match),
    lineText(reason),
  ]);
  const head = ['', 'ROUTE', 'MATCH', 'WHY'].map((cell) => style('faint', cell));
  return `${style('title', 'Routes')}\n${columns([head, ...rows], { indent: INDENT })}`;
}

function upstreamText({ upstream }: Explanation, style: Style): string {
  if (upstream === null) return '';
  const lines = [upstream.requestLine, ...upstream.headers.map(([name, value]) => `${name}: ${value}`)];
  const text = lines.map((line) => `${INDENT}${lineText(line)}\n`).join('');
  return `${style('title', 'Sent to the backend')}\n${text}`;
}

function backendsText({ backends, balancing }: Explanation, style: Style): string {
  if (backends.length === 0) return '';
  const rows = backends.map(({ name, weight, chosen }) => [
    lineText(name),
    String(weight),
    chosen ? style('good', 'chosen') : '',
  ]);
  const head = ['BACKEND', 'WEIGHT', ''].map((cell) => style('faint', cell));
  const how = balancing === '' ? '' : ` (${lineText(balancing)})`;
  return `${style('title', 'Backends')}${how}\n${columns([head, ...rows], { right: [1], indent: INDENT })}`;
}

import { columns } from '../text/columns.ts';
import { countText } from '../text/findings.ts';
import { lineText } from '../text/printable.ts';
import type { Style } from '../text/style.ts';
import type { BackendReport, CountedRate, FailureReport, StatusReport, TrafficReport } from './status-report.ts';

type Fact = readonly [name: string, text: string];

const INDENT = '  ';
const MIB = 1_048_576;

/** A status for people: one line that says whether all is well, then facts, then the backends. */
export function statusText(report: StatusReport, style: Style): string {
  const { traffic } = report;
  const facts = [...processFacts(report), ...(traffic === null ? [] : trafficFacts(traffic))];
  if (report.trafficMissing !== null) facts.push(['traffic', `not known: ${lineText(report.trafficMissing)}`]);
  const failures = traffic === null ? '' : failuresText(traffic.failures, style);
  const backends = traffic === null || traffic.backends.length === 0 ? '' : backendsText(traffic.backends, style);
  return `${title(report, style)}\n${columns(facts, { indent: INDENT })}${failures}${backends}`;
}

function title({ version, at, health, ready, message }: StatusReport, style: Style): string {
  const name = style('title', `rwwwrse${version === null ? '' : ` ${lineText(version)}`}`);
  const words: string[] = [];
  if (health !== null) words.push(style(health === 'healthy' ? 'good' : 'bad', lineText(health)));
  if (ready === true) words.push(style('good', 'ready'));
  if (ready === false) words.push(style('bad', `not ready${message === null ? '' : ` (${lineText(message)})`}`));
  if (words.length === 0) words.push('running');
  return `${name} at ${lineText(at)}: ${words.join(', ')}`;
}

function processFacts({ uptime, pid, nodeVersion, listeners }: StatusReport): Fact[] {
  const facts: Fact[] = [];
  if (uptime !== null) facts.push(['uptime', lineText(uptime)]);
  if (pid !== null) facts.push(['pid', String(pid)]);
  if (nodeVersion !== null) facts.push(['node', lineText(nodeVersion)]);
  if (listeners.length > 0)
    facts.push(['listeners', listeners.map(({ name, address }) => lineText(`${name} ${address}`)).join(', ')]);
  return facts;
}

function trafficFacts({ requests, clientErrors, serverErrors, ...rest }: TrafficReport): Fact[] {
  const { clients, requestsInFlight, backendsActive, backendsIdle } = rest.connections;
  const facts: Fact[] = [
    ['requests', rateText(requests)],
    ['errors', `5xx ${errorText(serverErrors, requests)}; 4xx ${errorText(clientErrors, requests)}`],
    [
      'connections',
      `${amount(clients)} from clients, ${amount(requestsInFlight)} requests in flight, ` +
        `${amount(backendsActive)} to backends in use, ${amount(backendsIdle)} idle`,
    ],
  ];
  if (rest.memoryBytes !== null) facts.push(['memory', `${Math.round(rest.memoryBytes / MIB)} MiB`]);
  if (rest.workers !== null) facts.push(['workers', String(rest.workers)]);
  const troubles = [
    ...((rest.workerRestarts ?? 0) > 0 ? [countText(rest.workerRestarts ?? 0, 'worker restart')] : []),
    ...((rest.internalDefects ?? 0) > 0 ? [countText(rest.internalDefects ?? 0, 'internal defect')] : []),
  ];
  if (troubles.length > 0) facts.push(['troubles', troubles.join(', ')]);
  return facts;
}

const FAILURE_COLUMNS = ['CODE', 'FAULT', 'LAST 5 MIN', 'IN ALL'];

/** What fails now, and whose fault it is; nothing when nothing failed in the last minutes. */
function failuresText(failures: readonly FailureReport[], style: Style): string {
  const rows = failures
    .filter(({ recent }) => recent > 0)
    .map(({ code, fault, recent, total }) => [
      lineText(code),
      fault === 'client' ? 'client' : style('bad', lineText(fault)),
      String(recent),
      String(total),
    ]);
  if (rows.length === 0) return '';
  const head = FAILURE_COLUMNS.map((cell) => style('faint', cell));
  return `\n${style('title', 'Failures')} (rwwwrse errors CODE explains)\n${columns([head, ...rows], { right: [2, 3], indent: INDENT })}`;
}

const BACKEND_COLUMNS = ['BACKEND', 'REQUESTS', 'PER SECOND', 'FAILED', 'SHARE', 'P95', 'IN USE', 'IDLE', 'WAITING'];

function backendsText(backends: readonly BackendReport[], style: Style): string {
  const rows = backends.map(({ name, requests, failures, p95Seconds, connections }) => [
    lineText(name),
    String(requests.total),
    requests.perSecond === null ? '-' : requests.perSecond.toFixed(1),
    String(failures.total),
    failures.total > 0 ? style('bad', share(failures.total, requests.total)) : share(0, requests.total),
    p95Seconds === null ? '-' : `${Math.ceil(p95Seconds * 1_000)} ms`,
    ...[connections.active, connections.idle, connections.pending].map(amount),
  ]);
  const head = BACKEND_COLUMNS.map((cell) => style('faint', cell));
  const right = Array.from(BACKEND_COLUMNS.keys()).slice(1);
  return `\n${style('title', 'Backends')}\n${columns([head, ...rows], { right, indent: INDENT })}`;
}

function rateText({ total, perSecond }: CountedRate): string {
  return perSecond === null ? `${total} in all` : `${perSecond.toFixed(1)} per second, ${total} in all`;
}

function errorText(errors: CountedRate, requests: CountedRate): string {
  return `${rateText(errors)} (${share(errors.total, requests.total)})`;
}

function share(part: number, whole: number): string {
  return whole === 0 ? '0 %' : `${Number(((100 * part) / whole).toFixed(2))} %`;
}

function amount(value: number | null): string {
  return value === null ? '-' : String(value);
}

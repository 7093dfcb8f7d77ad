import { formatProblem } from '../../config/problem.ts';
import type { ConfigProblem, ProblemSeverity } from '../../config/problem.ts';
import { lineText } from './printable.ts';
import type { Style, Tone } from './style.ts';

const TONES: Readonly<Record<ProblemSeverity, Tone>> = { error: 'bad', warning: 'warning', notice: 'note' };

/** Findings about a configuration, one line each, the severity in its colour. */
export function findingLines(findings: readonly ConfigProblem[], style: Style, prefix = ''): string {
  return findings.map((finding) => `${prefix}${findingLine(finding, style)}\n`).join('');
}

function findingLine(finding: ConfigProblem, style: Style): string {
  const line = lineText(formatProblem(finding));
  const { severity } = finding;
  return style(TONES[severity], severity) + line.slice(severity.length);
}

/** `2 errors, 1 warning`, without what there is none of; `no findings` for none at all. */
export function countFindings(findings: readonly ConfigProblem[]): string {
  const counts = (['error', 'warning', 'notice'] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [countText(count, severity)];
  });
  return counts.length === 0 ? 'no findings' : counts.join(', ');
}

/** `1 route`, `2 routes`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

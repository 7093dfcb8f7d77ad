/** Endings of sample names that a type has (OpenMetrics 1.0.0, "Metric types"). */
const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total'],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};
const SAMPLE =
  /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (NaN|[+-]Inf|-?[\d.]+(?:e[+-]?\d+)?)$/;
const LE = /(?:^|,)le="([^"]*)"/;
const CANONICAL_LE = /^(?:\d+\.\d+|\+Inf)$/;

/** Rules of OpenMetrics 1.0.0 that a page breaks, one line each. */
export function openMetricsFaults(page: string): string[] {
  const faults: string[] = [];
  if (!page.endsWith('\n# EOF\n') || page.indexOf('# EOF') !== page.length - 6) faults.push('does not end with # EOF');
  const seen = new Set<string>();
  let family = '';
  let type = '';
  for (const line of page.split('\n').slice(0, -2)) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === undefined) {
      const fault = sampleFault(line, family, type);
      if (fault !== null) faults.push(`${fault}: ${line}`);
      continue;
    }
    if (name !== family && seen.has(name)) faults.push(`${name} is told twice`);
    seen.add(name);
    family = name;
    type = kind === 'TYPE' ? rest : '';
  }
  return faults;
}

function sampleFault(line: string, family: string, type: string): string | null {
  const [, name, labels = ''] = SAMPLE.exec(line) ?? [];
  if (name === undefined) return 'is no sample';
  if (!(ENDINGS[type] ?? []).some((ending) => name === family + ending)) return `is no ${type} of ${family}`;
  const bound = LE.exec(labels)?.[1];
  return bound === undefined || CANONICAL_LE.test(bound) ? null : 'has a bound that is not canonical';
}

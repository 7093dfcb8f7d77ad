import type { MetricFamily } from '../../telemetry/metrics/metric-family.ts';

/** One value of a metrics text. */
export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+([^\s]+)/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Reads the samples of a metrics text (Prometheus text format 0.0.4); lines that are none are left out. */
export function parseSamples(text: string): readonly Sample[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels = '', value = ''] = LINE.exec(line) ?? [];
    return name === undefined ? [] : [{ name, labels: parseLabels(labels), value: Number(value) }];
  });
}

function parseLabels(text: string): ReadonlyMap<string, string> {
  return new Map(Array.from(text.matchAll(LABEL), ([, name = '', value = '']) => [name, unescaped(value)]));
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, (_all, character: string) => (character === 'n' ? '\n' : character));
}

const DEFAULT_PREFIX = 'rwwwrse_';

/** The samples of one moment; families have their names of the catalogue, whatever the instance's namespace is. */
export class SampleSet {
  private readonly byName: ReadonlyMap<string, readonly Sample[]>;
  private readonly prefix: string;

  /** The namespace is the one of `…_build_info`. */
  constructor(samples: readonly Sample[]) {
    const info = samples.find(({ name, labels }) => name.endsWith('build_info') && labels.has('node_version'));
    this.byName = Map.groupBy(samples, ({ name }) => name);
    this.prefix = info === undefined ? DEFAULT_PREFIX : info.name.slice(0, -'build_info'.length);
  }

  /** All samples of a family. */
  all({ name }: Pick<MetricFamily, 'name'>): readonly Sample[] {
    const exposed = name.startsWith(DEFAULT_PREFIX) ? this.prefix + name.slice(DEFAULT_PREFIX.length) : name;
    return this.byName.get(exposed) ?? [];
  }

  /** Sum of a family; null when it is not there. */
  sum(family: Pick<MetricFamily, 'name'>): number | null {
    const found = this.all(family);
    return found.length === 0 ? null : found.reduce((sum, { value }) => sum + value, 0);
  }
}

import { isTestFile } from './paths.ts';
import type { ImportEdge } from './imports.ts';

/** The folders of src/ with their layer (docs: the design's tree); a layer imports only layers with a smaller number. */
const LAYERS: ReadonlyMap<string, number> = new Map([
  ['base', 0],
  ['config', 1],
  ['shared-memory', 2],
  ['telemetry', 3],
  ['state', 3],
  ['dataplane', 4],
  ['controlplane', 5],
  ['app', 6],
  ['cli', 7],
]);

/** The folders of src/dataplane/ likewise; those of one rank do not know each other. */
const DATAPLANE_RANKS: ReadonlyMap<string, number> = new Map([
  ['wire', 0],
  ['exchange', 1],
  ['router', 2],
  ['upstream', 2],
  ['listener', 2],
  ['filters', 3],
  ['proxy', 3],
  ['pipeline', 4],
  ['snapshot', 5],
  ['worker', 6],
]);

/** One line for each import in src/ that goes against the direction of the layers. */
export function findLayerViolations(edges: readonly ImportEdge[]): string[] {
  return edges.flatMap((edge) => {
    if (!edge.isRelative || !edge.from.startsWith('src/')) return [];
    const reason = violationOf(edge);
    return reason === null ? [] : [`${edge.from}:${edge.line}: imports ${edge.to}: ${reason}`];
  });
}

function violationOf(edge: ImportEdge): string | null {
  if (isTestFile(edge.to)) return 'a test file is never imported';
  if (isTestFile(edge.from)) return null;
  if (!edge.to.startsWith('src/')) return 'src/ imports only src/';
  const from = edge.from.split('/');
  const to = edge.to.split('/');
  const [, fromLayer = ''] = from;
  const [, toLayer = ''] = to;
  if (fromLayer === toLayer) return fromLayer === 'dataplane' ? dataplaneViolation(from, to) : null;
  if (fromLayer === 'dataplane' && toLayer === 'config' && !edge.isTypeOnly) {
    return 'dataplane takes only types from config (`import type`), so that workers never load the schema library';
  }
  return rankViolation(fromLayer, toLayer, LAYERS);
}

function dataplaneViolation(from: readonly string[], to: readonly string[]): string | null {
  const [, , fromPart = '', fromFilter = ''] = from;
  const [, , toPart = '', toFilter = ''] = to;
  if (fromPart !== toPart) return rankViolation(fromPart, toPart, DATAPLANE_RANKS);
  const isBetweenFilters = fromPart === 'filters' && from.length > 4 && to.length > 4 && fromFilter !== toFilter;
  return isBetweenFilters ? 'a filter never imports another filter' : null;
}

function rankViolation(from: string, to: string, ranks: ReadonlyMap<string, number>): string | null {
  const fromRank = ranks.get(from);
  const toRank = ranks.get(to);
  if (fromRank === undefined || toRank === undefined) {
    return `${fromRank === undefined ? from : to} is not a known layer; known are ${[...ranks.keys()].join(', ')}`;
  }
  if (fromRank === toRank) return `${from} and ${to} do not know each other`;
  return fromRank < toRank ? `${from} is below ${to}` : null;
}

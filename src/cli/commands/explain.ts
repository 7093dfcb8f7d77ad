import type { Explanation } from '../../controlplane/explain/explanation.ts';
import { isIP } from 'node:net';
import { loadFor } from '../command-context.ts';
import type { CommandContext, ConfigOptions } from '../command-context.ts';
import { EXIT_OK, EXIT_PROBLEM } from '../exit-status.ts';
import { explanationText, OWN_ENDPOINT } from '../explanation-text.ts';
import { jsonOutcome, usageOutcome } from '../outcome.ts';
import type { CommandOutcome } from '../outcome.ts';
import { demoRemark, refusedOutcome, remarks } from './refused.ts';

/** The request that is asked about, as typed. */
export interface AskedRequest {
  readonly method: string;
  readonly url: string;
}

/** Options of `explain`. */
export interface ExplainOptions extends ConfigOptions {
  /** `name: value`, each. */
  readonly header: readonly string[];
  /** Address of the client. */
  readonly from?: string;
}

type Field = readonly [name: string, value: string];

const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const ABSOLUTE_URL = /^https?:\/\/[^/?#\s]+[^\s\p{Cc}]*$/iu;
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\p{Cc}]*?)[ \t]*$/u;

/** `rwwwrse explain METHOD URL`: what would become of a request; status 1 when it would be refused. */
export async function explain(
  asked: AskedRequest,
  options: ExplainOptions,
  context: CommandContext,
): Promise<CommandOutcome> {
  const mistake = mistakeIn(asked, options);
  if (mistake !== null) return usageOutcome(mistake, 'explain');
  const isJson = options.json === true;
  const loaded = await loadFor(options, context);
  if ('problems' in loaded) return refusedOutcome(loaded, isJson);
  const { Explainer } = await import('../../controlplane/explain/explain.ts');
  const explainer = await Explainer.of(loaded.config);
  const explanation = explainer.explain({ ...asked, headers: options.header.map(fieldOf), from: options.from });
  const status = isRefusal(explanation) ? EXIT_PROBLEM : EXIT_OK;
  if (isJson) return jsonOutcome(status, explanation);
  return {
    status,
    stdout: explanationText(explanation, context.style),
    stderr: remarks(loaded.warnings) + demoRemark(loaded),
  };
}

function isRefusal({ refused }: Explanation): boolean {
  return refused !== null && refused.code !== OWN_ENDPOINT;
}

function mistakeIn({ method, url }: AskedRequest, { header, from }: ExplainOptions): string | null {
  if (!METHOD.test(method)) return `${JSON.stringify(method)} is not a method; write one such as GET before the URL`;
  if (!ABSOLUTE_URL.test(url)) {
    const likely = /^[a-z0-9.-]+(?::\d+)?(?:\/\S*)?$/i.test(url) ? `; did you mean http://${url}?` : '';
    return `${JSON.stringify(url)} is not an http or https URL${likely}`;
  }
  const wrong = header.find((text) => !FIELD.test(text));
  if (wrong !== undefined) return `${JSON.stringify(wrong)} is not a field; write 'name: value'`;
  if (from !== undefined && isIP(from) === 0) return `${JSON.stringify(from)} is not an IP address`;
  return null;
}

function fieldOf(text: string): Field {
  const [, name = '', value = ''] = FIELD.exec(text) ?? [];
  return [name, value];
}

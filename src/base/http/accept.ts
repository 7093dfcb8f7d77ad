/** Longest Accept that is looked at, seven times what browsers send; a longer one is treated as absent. */
const MAX_LENGTH = 1_024;
const QUALITY = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

/** How an Accept field ranks a media type. */
export interface AcceptRank {
  /** 0 (not acceptable) to 1. */
  readonly quality: number;
  /** How exactly it was named: 3 by its own name, 2 as `type/*`, 1 as any type, 0 not at all. */
  readonly specificity: number;
}

const ANY: AcceptRank = { quality: 1, specificity: 1 };

/**
 * The rank of a media type without parameters (RFC 9110 12.5.1): the most specific range decides, whatever its quality; of two
 * that are equally specific, the more wanted one. A range whose `q` is malformed counts as not acceptable.
 *
 * @param accept all Accept lines joined, or null when there is none, which accepts everything
 * @param mediaType in lower case, such as `text/html`
 * @param admits which ranges count, by their parameters in lower case; all, where it is left out
 */
export function acceptRank(
  accept: string | null,
  mediaType: string,
  admits: (parameters: readonly string[]) => boolean = () => true,
): AcceptRank {
  if (accept === null || accept.length > MAX_LENGTH) return ANY;
  const anySubtype = `${mediaType.slice(0, mediaType.indexOf('/'))}/*`;
  let quality = 0;
  let specificity = 0;
  for (const range of accept.toLowerCase().split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim());
    const exactness = name === mediaType ? 3 : name === anySubtype ? 2 : name === '*/*' ? 1 : 0;
    if (exactness === 0 || exactness < specificity || !admits(parameters)) continue;
    const wanted = qualityOf(parameters);
    quality = exactness > specificity ? wanted : Math.max(quality, wanted);
    specificity = exactness;
  }
  return { quality, specificity };
}

function qualityOf(parameters: readonly string[]): number {
  const written = parameters.find((parameter) => parameter.startsWith('q='))?.slice('q='.length);
  if (written === undefined) return 1;
  return QUALITY.test(written) ? Number(written) : 0;
}

import type { ErrorCode } from '../catalogue.ts';
import { BACKEND_EXPLANATIONS } from './backend.ts';
import { CLIENT_EXPLANATIONS } from './client.ts';
import type { Explanation } from './explanation.ts';
import { PROXY_EXPLANATIONS } from './proxy.ts';

/** Every failure code in words. For commands and documents; workers never load it. */
export const EXPLANATIONS: Readonly<Record<ErrorCode, Explanation>> = {
  ...CLIENT_EXPLANATIONS,
  ...BACKEND_EXPLANATIONS,
  ...PROXY_EXPLANATIONS,
};

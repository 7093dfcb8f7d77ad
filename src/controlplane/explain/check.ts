import type { ConfigProblem } from '../../config/problem.ts';
import type { ResolvedConfig } from '../../config/resolved-config.ts';
import type { RoutingTest } from '../../config/route-settings.ts';
import { Explainer } from './explain.ts';
import type { Explanation } from './explanation.ts';

/**
 * What is wrong with the traffic part of a configuration that is sound by itself: it is compiled as a worker would, and its
 * routing tests (`tests:`) are run. A start and a reload must pass this.
 */
export async function checkTraffic(config: ResolvedConfig): Promise<ConfigProblem[]> {
  const explainer = await Explainer.of(config);
  return config.traffic.tests.flatMap((test, index) => {
    const explanation = explainer.explain(test);
    if (explanation.route === test.route) return [];
    const problem: ConfigProblem = {
      severity: 'error',
      key: `tests[${index}]`,
      origin: test.origin,
      message: failureText(test, explanation),
    };
    return [problem];
  });
}

function failureText(test: RoutingTest, { route, refused, considered }: Explanation): string {
  const expected = test.route === null ? 'no route' : `the route ${test.route}`;
  const got = route === null ? (refused === null ? 'no route' : `no route (${refused.code})`) : `the route ${route}`;
  const reason = considered.find((each) => each.route === test.route)?.reason;
  const why = reason === undefined ? '' : `; ${test.route}: ${reason}`;
  return `${test.method} ${test.url} takes ${got}, expected is ${expected}${why}`;
}

import { Address } from '../../src/dataplane/upstream/addresses.ts';
import type { ConnectionOrigin } from '../../src/dataplane/upstream/http1/connection.ts';

/** Of connections that tests make without a pool. */
export const TEST_ORIGIN: ConnectionOrigin = { address: new Address({ path: '/test' }), client: '' };

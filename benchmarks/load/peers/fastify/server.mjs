// fastify with @fastify/http-proxy over undici's keep-alive pool and the forwarded fields of rwwwrse. Arguments: PORT BACKEND_PORT.
import { randomBytes } from 'node:crypto';
import fastifyHttpProxy from '@fastify/http-proxy';
import Fastify from 'fastify';

const [port, backendPort] = process.argv.slice(2).map(Number);
const idPrefix = randomBytes(12).toString('hex');
let lastId = 0;

const app = Fastify({ logger: false, keepAliveTimeout: 600_000 });
await app.register(fastifyHttpProxy, {
  upstream: `http://127.0.0.1:${backendPort}`,
  disableRequestLogging: true,
  undici: { connections: 128, pipelining: 1, keepAliveTimeout: 600_000 },
  replyOptions: {
    rewriteRequestHeaders(request, headers) {
      headers['x-forwarded-for'] = request.socket.remoteAddress;
      headers['x-forwarded-proto'] = 'http';
      headers['x-forwarded-host'] = request.headers.host;
      // A random prefix and a counter, as rwwwrse does: a UUID per request would be extra work.
      headers['x-request-id'] = idPrefix + (++lastId).toString(16).padStart(8, '0');
      return headers;
    },
  },
});
await app.listen({ port, host: '127.0.0.1', backlog: 4096 });

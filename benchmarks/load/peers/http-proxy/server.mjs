// http-proxy with a keep-alive agent and the forwarded fields of rwwwrse. Arguments: PORT BACKEND_PORT.
import { randomBytes } from 'node:crypto';
import { Agent, createServer } from 'node:http';
import httpProxy from 'http-proxy';

const [port, backendPort] = process.argv.slice(2).map(Number);
const idPrefix = randomBytes(12).toString('hex');
let lastId = 0;

const proxy = httpProxy.createProxyServer({
  target: { host: '127.0.0.1', port: backendPort },
  agent: new Agent({ keepAlive: true, maxSockets: 128, maxFreeSockets: 128 }),
  xfwd: true,
});
proxy.on('error', (error, request, response) => {
  response.writeHead?.(502).end();
});

const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
  // A random prefix and a counter, as rwwwrse does: a UUID per request would be extra work.
  request.headers['x-request-id'] = idPrefix + (++lastId).toString(16).padStart(8, '0');
  proxy.web(request, response);
});
server.listen({ port, host: '127.0.0.1', backlog: 4096 });

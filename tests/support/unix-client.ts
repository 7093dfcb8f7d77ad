import { request } from 'node:http';

/** Status of a GET of `/live` through a unix socket, or the error code. */
export function getThrough(path: string): Promise<number | string> {
  return new Promise((resolve) => {
    const sent = request({ socketPath: path, path: '/live', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'EUNKNOWN'));
    sent.end();
  });
}

import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { parseProbe, publicProbe } from '../../../shared/kernel/probe.ts';

const servers: { close: () => unknown }[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

function listen(server: Server | ReturnType<typeof createServer>): Promise<number> {
  servers.push(server);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

describe('parseProbe', () => {
  it('reads the forms of the tag', () => {
    expect(parseProbe('tcp:443')).toEqual({ scheme: 'tcp', port: 443, path: '' });
    expect(parseProbe('http:80/healthz')).toEqual({ scheme: 'http', port: 80, path: '/healthz' });
    expect(parseProbe('https:8443')).toEqual({ scheme: 'https', port: 8_443, path: '/' });
  });
  it.each(['', 'tcp', 'tcp:0', 'tcp:65536', 'udp:53', 'http:80 /x', 'tcp:443/path', 'icmp'])(
    'does not read %j',
    (text) => {
      expect(parseProbe(text)).toBeUndefined();
    },
  );
});

describe('publicProbe', () => {
  it('says ok when a connection opens', async () => {
    const port = await listen(createServer((socket) => socket.destroy()));
    expect(await publicProbe('127.0.0.1', { scheme: 'tcp', port, path: '' })).toBe('ok');
  });
  it('says refused when nobody listens', async () => {
    const port = await listen(createServer());
    servers.splice(0).forEach((server) => server.close());
    expect(await publicProbe('127.0.0.1', { scheme: 'tcp', port, path: '' })).toBe('refused');
  });
  it('says ok for 200 and gives the status of an error', async () => {
    const port = await listen(
      createHttpServer((request, response) => {
        response.statusCode = request.url === '/healthz' ? 200 : 503;
        response.end();
      }),
    );
    expect(await publicProbe('127.0.0.1', { scheme: 'http', port, path: '/healthz' })).toBe('ok');
    expect(await publicProbe('127.0.0.1', { scheme: 'http', port, path: '/' })).toBe('status 503');
  });
  it('gives up on a server that accepts and stays silent', async () => {
    const port = await listen(createServer(() => undefined));
    expect(await publicProbe('127.0.0.1', { scheme: 'http', port, path: '/' })).toBe('timeout');
  });
});

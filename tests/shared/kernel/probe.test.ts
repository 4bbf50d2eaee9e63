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
  it.each([
    ['above U+00FF', 'http:80/健康'],
    ['of two units', 'http:80/🦊'],
    ['that turns the text around', 'http:80/\u202Etxt'],
    ['a space', 'http:80/a b'],
    ['a no-break space', 'http:80/a\u00A0b'],
    ['a line end', 'http:80/a\r\nHost: x'],
    ['of control', 'http:80/\u0007'],
    ['DEL', 'http:80/\u007F'],
    ['of the C1 set', 'http:80/\u009B31m'],
  ])('does not read a path with a character %s: it cannot be sent', (_what, text) => {
    expect(parseProbe(text)).toBeUndefined();
  });
  it('reads a path of printable Latin-1', () => {
    expect(parseProbe('http:80/zürich?a=%20&b=1#c')).toEqual({ scheme: 'http', port: 80, path: '/zürich?a=%20&b=1#c' });
  });
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
  it('gives up after two seconds on a server that drips its header byte by byte', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 200 OK\r\nX-Slow: ');
      const drip = setInterval(() => socket.write('a'), 200);
      socket.on('close', () => clearInterval(drip));
    });
    const port = await listen(server);
    const began = Date.now();
    expect(await publicProbe('127.0.0.1', { scheme: 'http', port, path: '/' })).toBe('timeout');
    expect(Date.now() - began).toBeLessThan(3_000);
  });
  it('hangs up once the status is known: a body that never ends is not waited for', async () => {
    const { promise: hungUp, resolve } = Promise.withResolvers<string>();
    const server = createHttpServer((_request, response) => {
      response.writeHead(200, { 'Content-Length': 1_000_000 });
      response.flushHeaders();
      response.on('close', () => resolve('hung up'));
    });
    const port = await listen(server);
    expect(await publicProbe('127.0.0.1', { scheme: 'http', port, path: '/' })).toBe('ok');
    expect(await hungUp).toBe('hung up');
  });
  it('does not throw for what cannot be sent', async () => {
    expect(await publicProbe('127.0.0.1', { scheme: 'http', port: 80, path: '/健康' })).toBe('timeout');
    expect(await publicProbe('127.0.0.1', { scheme: 'tcp', port: 70_000, path: '' })).toBe('timeout');
  });
});

import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSlowLine } from '../../../conformance/elasticmq/slow-line.ts';

let server: Server;
let target = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => (bytes += chunk.byteLength));
    request.on('end', () => void response.end(`${request.headers.host} ${bytes}`));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  target = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

describe('the slow line', () => {
  it('passes on everything, under its own name, each call so much later', async () => {
    const line = await openSlowLine(target, 30);
    try {
      // More than one piece of it.
      const body = 'x'.repeat(200_000);
      const from = performance.now();
      const answers = [
        await (await fetch(line.url, { method: 'POST', body })).text(),
        await (await fetch(line.url, { method: 'POST', body: 'x' })).text(),
      ];
      expect(performance.now() - from).toBeGreaterThanOrEqual(58);
      expect(answers).toEqual([`${new URL(line.url).host} 200000`, `${new URL(line.url).host} 1`]);
    } finally {
      line.close();
    }
  });
});

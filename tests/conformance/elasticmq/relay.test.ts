import { createServer, type Server } from 'node:http';
import { DeleteMessageBatchCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { clientsFor } from '../../../conformance/place.ts';
import { openRelay } from '../../../conformance/elasticmq/relay.ts';
import type { Fate } from '../../../conformance/elasticmq/batch-faults.ts';

const batchSchema = z.looseObject({ Entries: z.array(z.looseObject({ Id: z.string() })) });

/** What has come through, and under which name of the host. */
const came: { host: string | undefined; body: string }[] = [];
let server: Server;
let target = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      came.push({ host: request.headers.host, body });
      const { Entries } = batchSchema.parse(JSON.parse(body));
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ Successful: Entries.map(({ Id }) => ({ Id })) }));
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  target = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const entries = [
  { Id: '0', ReceiptHandle: 'r-0' },
  { Id: '1', ReceiptHandle: 'r-1' },
];

async function deletedThrough(fate: Fate): Promise<unknown> {
  const relay = await openRelay({ target, fateOf: () => fate });
  const { sqs } = clientsFor(relay.url);
  try {
    const command = new DeleteMessageBatchCommand({ QueueUrl: `${relay.url}/1/q`, Entries: entries });
    const { Successful, Failed = [] } = await sqs.send(command);
    return { done: Successful?.map(({ Id }) => Id), failed: Failed.map(({ Id }) => Id), counts: [...relay.counts] };
  } finally {
    sqs.destroy();
    relay.close();
  }
}

describe('the relay', () => {
  it('passes on what comes, under its own name', async () => {
    const before = came.length;
    expect(await deletedThrough({ kind: 'pass' })).toEqual({
      done: ['0', '1'],
      failed: [],
      counts: [['DeleteMessageBatch pass', 1]],
    });
    expect(came.length).toBe(before + 1);
    expect(came.at(-1)?.host).not.toBe(new URL(target).host);
  });

  it('lets entries fail, which the server never sees', async () => {
    expect(await deletedThrough({ kind: 'fail', ids: ['1'] })).toMatchObject({ done: ['0'], failed: ['1'] });
    expect(came.at(-1)?.body).not.toContain('r-1');
  });

  it('asks nothing where all of them fail', async () => {
    const before = came.length;
    expect(await deletedThrough({ kind: 'fail', ids: ['0', '1'] })).toMatchObject({ done: [], failed: ['0', '1'] });
    expect(came.length).toBe(before);
  });

  it('kills a connection before the server has seen the request, and loses a reply after', async () => {
    const before = came.length;
    await expect(deletedThrough({ kind: 'kill' })).rejects.toThrow(/socket|ECONNRESET/u);
    expect(came.length).toBe(before);
    await expect(deletedThrough({ kind: 'lose' })).rejects.toThrow(/socket|ECONNRESET/u);
    expect(came.length).toBe(before + 1);
  });
});

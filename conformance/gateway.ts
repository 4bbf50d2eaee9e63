/**
 * A door in front of the emulator for whole handlers: lets one request through at a time, notes each, and adds to an answer
 * what AWS always gives and the emulator leaves out. The scenarios do not go through it.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { REGION } from './scenario.ts';

/** What is added to the answer of an operation. */
export interface Completion {
  readonly operation: string;
  readonly adds: string;
  readonly pattern: RegExp;
  readonly replacement: string;
}

/** Each is a known difference in which the simulator is right; without them a handler refuses to judge, as it should. */
export const COMPLETIONS: readonly Completion[] = [
  {
    operation: 'DescribeAvailabilityZones',
    adds: 'AvailabilityZones[].NetworkBorderGroup',
    pattern: /(<zoneName>[^<]*<\/zoneName>)/gu,
    replacement: `$1<networkBorderGroup>${REGION}</networkBorderGroup>`,
  },
  {
    operation: 'DescribeAddresses',
    adds: 'Addresses[].NetworkBorderGroup',
    pattern: /(<allocationId>[^<]*<\/allocationId>)/gu,
    replacement: `$1<networkBorderGroup>${REGION}</networkBorderGroup>`,
  },
];

/** One request that came through. */
export interface Passage {
  /** `AssociateAddress`; for JSON protocols from the target header. */
  readonly operation: string;
  readonly status: number;
}

export interface Gateway {
  readonly url: string;
  readonly passages: readonly Passage[];
  readonly close: () => void;
}

function operationOf(request: IncomingMessage, body: string): string {
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') return target.slice(target.lastIndexOf('.') + 1);
  // Query protocols name it in the form, the protocol of CloudWatch in the path.
  return new URLSearchParams(body).get('Action') ?? /\/operation\/(\w+)/u.exec(request.url ?? '')?.[1] ?? 'unknown';
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function headersFor(request: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    // The name of the host stays the emulator's; fetch counts the length itself.
    if (typeof value === 'string' && !['host', 'content-length', 'connection', 'expect', 'transfer-encoding'].includes(name)) headers.set(name, value);
  }
  return headers;
}

/** Opens a gateway to the server at `target` on a free port. */
export async function openGateway(target: string): Promise<Gateway> {
  const passages: Passage[] = [];
  let before: Promise<void> = Promise.resolve();

  async function pass(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const operation = operationOf(request, body.toString('latin1'));
    const answer = await fetch(`${target}${request.url ?? '/'}`, { method: request.method ?? 'POST', headers: headersFor(request), body });
    passages.push({ operation, status: answer.status });
    let content = Buffer.from(await answer.arrayBuffer());
    for (const completion of COMPLETIONS) {
      if (completion.operation === operation && answer.ok) content = Buffer.from(content.toString('utf8').replaceAll(completion.pattern, completion.replacement));
    }
    response.statusCode = answer.status;
    for (const name of ['content-type', 'x-amzn-requestid', 'smithy-protocol', 'x-amzn-query-error']) {
      const value = answer.headers.get(name);
      if (value !== null) response.setHeader(name, value);
    }
    response.end(content);
  }

  async function passAfter(previous: Promise<void>, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = bodyOf(request);
    await previous;
    try {
      await pass(request, await body, response);
    } catch (error) {
      response.statusCode = 502;
      response.end(String(error));
    }
  }

  const server: Server = createServer((request, response) => {
    // The emulator checks a condition and writes in two steps, and other requests come between.
    before = passAfter(before, request, response);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the gateway has no port');
  return { url: `http://127.0.0.1:${address.port}`, passages, close: () => void server.close() };
}

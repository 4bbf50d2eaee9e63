/** A relay in front of SQS as others wrote it: passes requests on, later than they came, or with faults. */

import { Agent, createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import { answerWith, batchWithout, type Fate } from './batch-faults.ts';

/** How requests are passed on. */
export interface RelayPlan {
  /** Where to. */
  readonly target: string;
  /** Before each. */
  readonly delayMs?: number;
  /** What becomes of a request; absent: all pass. */
  readonly fateOf?: (operation: string, body: string) => Fate;
}

/** A relay that is open. */
export interface Relay {
  readonly url: string;
  /** How often each came, by operation and what became of it, e.g. `SendMessageBatch lose`. */
  readonly counts: ReadonlyMap<string, number>;
  /** Ends it, and every connection to it. */
  readonly close: () => void;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What is counted anew wherever a body may be another. */
const COUNTED_ANEW: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding']);

function withoutLength(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !COUNTED_ANEW.has(name)));
}

/** `AmazonSQS.SendMessageBatch` in the header of the JSON protocol. */
function operationOf({ headers }: IncomingMessage): string {
  const target = headers['x-amz-target'];
  return typeof target === 'string' ? target.slice(target.lastIndexOf('.') + 1) : 'unknown';
}

class Door {
  readonly counts = new Map<string, number>();
  readonly #plan: RelayPlan;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(plan: RelayPlan) {
    this.#plan = plan;
  }

  close(): void {
    this.#agent.destroy();
  }

  async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { delayMs = 0, fateOf } = this.#plan;
    const body = await bodyOf(request);
    if (delayMs > 0) await new Promise((resolve) => void setTimeout(resolve, delayMs));
    const operation = operationOf(request);
    const fate = fateOf?.(operation, body.toString('utf8')) ?? { kind: 'pass' };
    const counted = `${operation} ${fate.kind}`;
    this.counts.set(counted, (this.counts.get(counted) ?? 0) + 1);
    if (fate.kind === 'kill') return void request.socket.destroy();
    const answer = await this.#answer(request, body, fate);
    if (fate.kind === 'lose') return void request.socket.destroy();
    response.writeHead(answer.status, { ...withoutLength(answer.headers), 'content-length': answer.body.byteLength });
    response.end(answer.body);
  }

  async #answer(request: IncomingMessage, body: Buffer, fate: Fate): Promise<Answer> {
    if (fate.kind !== 'fail') return this.#ask(request, body);
    const left = batchWithout(body.toString('utf8'), fate.ids);
    if (left === undefined)
      return {
        status: 200,
        headers: { 'content-type': 'application/x-amz-json-1.0' },
        body: Buffer.from(answerWith('{}', fate.ids)),
      };
    const answer = await this.#ask(request, Buffer.from(left));
    return answer.status === 200
      ? { ...answer, body: Buffer.from(answerWith(answer.body.toString('utf8'), fate.ids)) }
      : answer;
  }

  /** The name of the host stays the relay's, so that queue URLs in the answers lead here. */
  #ask({ method, url = '/', headers }: IncomingMessage, body: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = {
        agent: this.#agent,
        headers: { ...withoutLength(headers), 'content-length': body.byteLength },
        ...(method === undefined ? {} : { method }),
      };
      const asked = send(new URL(url, this.#plan.target), options, (answer) => {
        const given = (content: Buffer): Answer => ({
          status: answer.statusCode ?? 502,
          headers: answer.headers,
          body: content,
        });
        bodyOf(answer).then((content) => resolve(given(content)), reject);
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }
}

/** Opens a relay on a free port of this machine. Close it, or the process does not end. */
export async function openRelay(plan: RelayPlan): Promise<Relay> {
  const door = new Door(plan);
  const server = createServer((request, response) => {
    // Whoever asked sees a connection that ends, as of a server that is gone.
    door.pass(request, response).catch(() => void request.socket.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the relay has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    counts: door.counts,
    close: () => {
      server.close();
      server.closeAllConnections();
      door.close();
    },
  };
}

/**
 * A door in front of the emulator for whole handlers: lets one request through at a time, notes each, and adds to an answer
 * what AWS always gives and the emulator leaves out. The scenarios do not go through it.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { isDurableRequest, type HttpAnswer, type HttpExecution } from './durable-service.ts';
import { clientsFor } from './place.ts';
import { REGION } from './scenario.ts';

/** What is added to the answer of an operation. */
export interface Completion {
  readonly operation: string;
  readonly adds: string;
  /** @param url where the emulator is, for what it says in another answer */
  readonly complete: (content: string, url: string) => string | Promise<string>;
}

function borderGroupAfter(element: string): (content: string) => string {
  return (content) =>
    content.replaceAll(
      new RegExp(`(<${element}>[^<]*</${element}>)`, 'gu'),
      `$1<networkBorderGroup>${REGION}</networkBorderGroup>`,
    );
}

/** Moto keeps it with the instance, and says it there. */
async function withDeleteOnTermination(content: string, url: string): Promise<string> {
  const { Reservations = [] } = await clientsFor(url).ec2.send(new DescribeInstancesCommand({}));
  const mappings = Reservations.flatMap(({ Instances }) => Instances ?? []).flatMap(
    ({ BlockDeviceMappings }) => BlockDeviceMappings ?? [],
  );
  const doomed = new Set(mappings.flatMap(({ Ebs }) => (Ebs?.DeleteOnTermination === true ? [Ebs.VolumeId] : [])));
  return content.replaceAll(/<volumeId>([^<]*)<\/volumeId><instanceId>/gu, (text, id: string) =>
    text.replace('<instanceId>', `<deleteOnTermination>${doomed.has(id)}</deleteOnTermination><instanceId>`),
  );
}

/** Each is a known difference in which the simulator is right; without them a handler refuses to judge, as it should. */
export const COMPLETIONS: readonly Completion[] = [
  {
    operation: 'DescribeAvailabilityZones',
    adds: 'AvailabilityZones[].NetworkBorderGroup',
    complete: borderGroupAfter('zoneName'),
  },
  {
    operation: 'DescribeAddresses',
    adds: 'Addresses[].NetworkBorderGroup',
    complete: borderGroupAfter('allocationId'),
  },
  {
    operation: 'DescribeVolumes',
    adds: 'Volumes[].Attachments[].DeleteOnTermination',
    complete: withDeleteOnTermination,
  },
];

/** One request that came through. */
interface Passage {
  /** `AssociateAddress`; for JSON protocols from the target header. */
  readonly operation: string;
  readonly status: number;
}

export interface Gateway {
  readonly url: string;
  readonly passages: readonly Passage[];
  /** Answers requests about this execution from now on; the emulator hosts none. */
  readonly serve: (execution: HttpExecution) => void;
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
    if (
      typeof value === 'string' &&
      !['host', 'content-length', 'connection', 'expect', 'transfer-encoding'].includes(name)
    )
      headers.set(name, value);
  }
  return headers;
}

/** As EC2 refuses what comes too fast. Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
const TOO_BUSY: HttpAnswer = {
  status: 503,
  headers: { 'content-type': 'text/xml' },
  body: '<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>Request limit exceeded.</Message></Error></Errors><RequestID>busy</RequestID></Response>',
};

async function passedOn(
  target: string,
  operation: string,
  request: IncomingMessage,
  body: Buffer,
): Promise<HttpAnswer> {
  const answer = await fetch(`${target}${request.url ?? '/'}`, {
    method: request.method ?? 'POST',
    headers: headersFor(request),
    body,
  });
  let content = Buffer.from(await answer.arrayBuffer());
  for (const completion of COMPLETIONS) {
    if (completion.operation === operation && answer.ok)
      content = Buffer.from(await completion.complete(content.toString('utf8'), target));
  }
  const names = ['content-type', 'x-amzn-requestid', 'smithy-protocol', 'x-amzn-query-error'];
  return {
    status: answer.status,
    headers: Object.fromEntries(
      names.flatMap((name) => (answer.headers.has(name) ? [[name, answer.headers.get(name) ?? '']] : [])),
    ),
    body: content,
  };
}

/**
 * Opens a gateway to the server at `target` on a free port.
 * @param busyOnce an operation of EC2 whose first request is refused
 * @param standIn answers by their paths what the server at `target` knows nothing of
 */
export async function openGateway(
  target: string,
  busyOnce?: string,
  standIn: (path: string) => HttpAnswer | undefined = () => undefined,
): Promise<Gateway> {
  const passages: Passage[] = [];
  let execution: HttpExecution | undefined;
  let before: Promise<void> = Promise.resolve();

  async function answerTo(request: IncomingMessage, body: Buffer): Promise<HttpAnswer> {
    const { url = '/' } = request;
    if (execution !== undefined && isDurableRequest(url))
      return execution.answer(url, body.toString('utf8'), Date.now());
    const stood = standIn(url);
    if (stood !== undefined) return stood;
    const operation = operationOf(request, body.toString('latin1'));
    const isFirst = passages.every((passage) => passage.operation !== operation);
    const answer = operation === busyOnce && isFirst ? TOO_BUSY : await passedOn(target, operation, request, body);
    passages.push({ operation, status: answer.status });
    return answer;
  }

  async function pass(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const { status, headers, body: content } = await answerTo(request, body);
    response.writeHead(status, headers);
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
  return {
    url: `http://127.0.0.1:${address.port}`,
    passages,
    serve: (served) => void (execution = served),
    close: () => void server.close(),
  };
}

/** An account of AWS in this process, over HTTP: a test says what each operation answers, and reads what it was asked. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach } from 'vitest';

/** What comes back for a request: a document, or text in the query protocol. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object | string;
}

/** A request as it came. */
export interface Asked {
  /** `ssm:GetParametersByPath`. */
  readonly call: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly input: Readonly<Record<string, unknown>>;
}

/** By call; `silent`: nobody ever answers; `cut`: the connection is lost. */
export type Answers = Readonly<Record<string, ((asked: Asked) => Answer) | 'silent' | 'cut'>>;

export interface Account {
  /** What was asked since the test began. */
  readonly asked: Asked[];
  /** Replaces answers, for this test. */
  readonly answer: (answers: Answers) => void;
}

const LAMBDA: readonly (readonly [RegExp, string])[] = [
  [/\/invocations$/u, 'Invoke'],
  [/\/functions\/[^/]+\/durable-executions/u, 'ListDurableExecutionsByFunction'],
  [/\/durable-executions\/[^/]+\/history/u, 'GetDurableExecutionHistory'],
  [/\/durable-executions\/[^/]+$/u, 'GetDurableExecution'],
  [/\/durable-execution-callbacks\/[^/]+\/succeed$/u, 'SendDurableExecutionCallbackSuccess'],
];

/** By the first word of `X-Amz-Target`. */
const SERVICES: { readonly [target: string]: string } = {
  AmazonSSM: 'ssm',
  DynamoDB_20120810: 'dynamodb',
  GraniteServiceVersion20100801: 'cloudwatch',
};

/** Of the query protocol, whose requests do not say which service they are for. */
const QUERIED: { readonly [action: string]: string } = {
  GetCallerIdentity: 'sts',
  DescribeTags: 'ec2',
  DeleteTags: 'ec2',
};

/** Query, JSON or REST: each protocol says in its own place what is asked. */
function callOf(path: string, headers: IncomingMessage['headers'], body: string): string {
  const target = String(headers['x-amz-target'] ?? '');
  if (target !== '') {
    const [service = '', operation = ''] = target.split('.');
    return `${SERVICES[service] ?? service}:${operation}`;
  }
  const action = new URLSearchParams(body).get('Action');
  if (action !== null) return `${QUERIED[action] ?? 'iam'}:${action}`;
  const bare = path.split('?')[0] ?? '';
  return `lambda:${LAMBDA.find(([pattern]) => pattern.test(bare))?.[1] ?? bare}`;
}

function inputOf(body: string): Asked['input'] {
  // `Action=DeleteTags&ResourceId.1=i-0a1`.
  const form = body.startsWith('Action=') ? Object.fromEntries(new URLSearchParams(body)) : {};
  const input: unknown = body.startsWith('{') ? JSON.parse(body) : form;
  return typeof input === 'object' && input !== null ? { ...input } : {};
}

/** The text of a list of aliases. */
export function aliases(...names: readonly string[]): Answer {
  const members = names.map((name) => `<member>${name}</member>`).join('');
  const result = `<ListAccountAliasesResult><AccountAliases>${members}</AccountAliases></ListAccountAliasesResult>`;
  return { body: `<ListAccountAliasesResponse>${result}</ListAccountAliasesResponse>` };
}

const IDENTITY =
  '<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::111122223333:assumed-role/on-call/kim</Arn>' +
  '<UserId>AIDAEXAMPLE</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>';

/** What is refused, in the words of both protocols. */
export function refused(status = 403, name = 'AccessDeniedException'): () => Answer {
  return () => ({
    status,
    headers: { 'x-amzn-errortype': name },
    body: { __type: name, message: 'not authorized to do that' },
  });
}

const USUAL: Answers = {
  'sts:GetCallerIdentity': () => ({ body: IDENTITY }),
  'iam:ListAccountAliases': () => aliases('example-prod'),
  'ssm:GetParametersByPath': () => ({ body: { Parameters: [] } }),
  'cloudwatch:GetMetricData': () => ({ body: { MetricDataResults: [] } }),
  'cloudwatch:DescribeAlarms': () => ({ body: { MetricAlarms: [] } }),
  'lambda:ListDurableExecutionsByFunction': () => ({ body: { DurableExecutions: [] } }),
};

function reply(response: ServerResponse, { status = 200, headers = {}, body = {} }: Answer): void {
  response.writeHead(status, { 'x-amzn-requestid': 'f5b1c0de-0000-4000-8000-000000000001', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** What is AWS for this process. */
const VARIABLES = ['AWS_ENDPOINT_URL', 'AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];

/** For a test file: the account is there, empty, and is AWS for this process. Of DynamoDB it has none. */
export function useAccount(): Account {
  const asked: Asked[] = [];
  const before = VARIABLES.map((name) => [name, process.env[name]] as const);
  let answers = USUAL;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [path, body] = [request.url ?? '', Buffer.concat(chunks).toString()];
      const call = callOf(path, request.headers, body);
      const one = { call, path: decodeURIComponent(path), headers: request.headers, input: inputOf(body) };
      asked.push(one);
      const answer = answers[call];
      if (answer === 'silent') return;
      if (answer === 'cut') request.socket.destroy();
      else reply(response, answer?.(one) ?? { status: 500, body: { __type: 'NotHere', message: call } });
    });
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
  });
  beforeEach(() => {
    asked.length = 0;
    answers = USUAL;
  });
  afterAll(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    server.closeAllConnections();
    server.close();
  });
  return { asked, answer: (own) => void (answers = { ...USUAL, ...own }) };
}

/** The value of a door plate, as deploy/standard/plate.ts has CloudFormation write it. */
export function plate(prefix: string, changes: object = {}): string {
  return JSON.stringify({
    layout: 1,
    prefix,
    version: '0.1.0+1a2b3c4d',
    runbooks: { 'carry-volumes': 'durable', 'block-address': 'plain' },
    parameters: { dryRun: false, approval: 'never', mode: 'none' },
    controlTable: `${prefix}-control`,
    dataTable: `${prefix}-data`,
    outcomeBus: prefix,
    ...changes,
  });
}

/** An answer that lists plates by prefix. */
export function plates(...values: readonly (readonly [prefix: string, value: string])[]): () => Answer {
  return () => ({
    body: { Parameters: values.map(([prefix, Value]) => ({ Name: `/runbook/stacks/${prefix}`, Value })) },
  });
}

/** What is deployed: bundles, the stack's shared resources, and the packages they are made from. */

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bundle, deployedOptions, type Bundle } from '../build/bundle.ts';
import { readTemplate, ROOT } from '../build/cloudformation.ts';
import { dropErrorClasses, inlineStrings, markSchemasPure } from '../build/esbuild-plugins.ts';
import { readConfig } from '../shared/config.ts';
import { folders } from './support/tidy-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'runbook-packaging-'));
afterAll(() => rmSync(folder, { recursive: true }));

const stack = z.object({ Resources: z.record(z.string(), z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()), DeletionPolicy: z.string().optional() })) });

function resources(path: string): z.infer<typeof stack>['Resources'] {
  return stack.parse(readTemplate(path)).Resources;
}

describe('the schema step', () => {
  it('wraps schema arrays so that they count as pure, and nothing else', () => {
    const source = 'const _a = "a";\nexport var Thing$ = [3, n0, _T,\n    { [_xN]: _it },\n    [_a], [0]\n];\nvar Names = 64 | 0;\nexport var Op$ = [9, n0, _O,\n    0, () => In$, () => Out$\n];\n';
    expect(markSchemasPure(source)).toBe(
      'const _a = "a";\nexport var Thing$ = /* @__PURE__ */ (() => [3, n0, _T,\n    { [_xN]: _it },\n    [_a], [0]\n])();\nvar Names = 64 | 0;\nexport var Op$ = /* @__PURE__ */ (() => [9, n0, _O,\n    0, () => In$, () => Out$\n])();\n',
    );
  });

  it('puts strings that are used once where they are used, and leaves the inside of strings alone', () => {
    const source = 'const _a = "Arn";\nconst _b = "Tags";\nvar x = [_a, _b, _b, "_a"];\n';
    expect(inlineStrings(source)).toBe('const _b = "Tags";\nvar x = ["Arn", _b, _b, "_a"];\n');
  });

  it('drops the registration of every error class but the base one and those that are renamed', () => {
    const base = '_s_registry.registerError(AutoScalingServiceException$, AutoScalingServiceException);\n';
    const renamed = 'n0_registry.registerError(ResourceContentionFault$, ResourceContentionFault);\n';
    expect(dropErrorClasses(`${base}n0_registry.registerError(AlreadyExistsFault$, AlreadyExistsFault);\n${renamed}`)).toBe(`${base}\n${renamed}`);
  });
});

/** Largest size of a bundle, by host, in bytes. */
const BUDGET = { plain: 350_000, durable: 520_000 };

function expectNoCredentialChain({ parts }: Bundle): void {
  const chain = parts.map(([part]) => part).filter((part) => /credential-provider-(?!env)|nested-clients|token-providers/u.test(part));
  expect(chain).toEqual([]);
}

describe('bundles', () => {
  it.each(folders('functions'))('%s fits into the budget of its host and finds credentials in the environment only', async (name) => {
    const built = await bundle(`functions/${name}/handler.ts`, join(folder, `${name}.mjs`), deployedOptions());
    const durable = built.parts.some(([part]) => part === '@aws/durable-execution-sdk-js');
    expect(built.bytes).toBeLessThanOrEqual(durable ? BUDGET.durable : BUDGET.plain);
    expectNoCredentialChain(built);
  });

  it('a durable runbook fits into the budget of its host', async () => {
    const built = await bundle('tests/support/recycle-instances/handler.ts', join(folder, 'durable.mjs'), deployedOptions());
    expect(built.parts.map(([part]) => part)).toContain('@aws/durable-execution-sdk-js');
    expect(built.bytes).toBeLessThanOrEqual(BUDGET.durable);
    expectNoCredentialChain(built);
  });
});

const INSTANCES = `<DescribeInstancesResponse><requestId>r</requestId><reservationSet><item><instancesSet><item><instanceId>i-0a1</instanceId>
<launchTime>2026-11-22T08:00:00.000Z</launchTime><tagSet><item><key>runbook:vip</key><value>web</value></item></tagSet></item></instancesSet></item></reservationSet></DescribeInstancesResponse>`;

const failed = (code: string, message: string): string =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`;

/** Answers as the services do, by what identifies a request of each protocol. */
function answerFor(request: IncomingMessage, body: string): [status: number, type: string, body: string] {
  const target = String(request.headers['x-amz-target'] ?? '');
  if (target === 'DynamoDB_20120810.PutItem') {
    return [400, 'application/x-amz-json-1.0', '{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"The conditional request failed"}'];
  }
  if (target === 'AWSEvents.PutEvents') return [500, 'application/x-amz-json-1.1', '{"__type":"InternalException","message":"try later"}'];
  if (body.includes('Action=DescribeInstances')) return [200, 'text/xml', INSTANCES];
  if (body.includes('Action=RecordLifecycleActionHeartbeat')) return [500, 'text/xml', failed('ResourceContention', 'You already have a pending update')];
  return [400, 'text/xml', failed('ValidationError', 'No active Lifecycle Action found')];
}

describe('the clients in a bundle', () => {
  let server: Server;
  let endpoint = '';
  const authorizations: string[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        authorizations.push(request.headers.authorization ?? '');
        const [status, type, text] = answerFor(request, body);
        response.writeHead(status, { 'content-type': type }).end(text);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    endpoint = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
  });
  afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())));

  it('sign with the role of the environment, read answers, and name every error as the service does', async () => {
    const built = await bundle('tests/support/bundled-clients.ts', join(folder, 'clients.mjs'), deployedOptions());
    const script = `const { handler } = await import(${JSON.stringify(built.path)}); console.log(JSON.stringify(await handler()));`;
    const environment = { AWS_ENDPOINT_URL: endpoint, AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'token' };
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { env: environment });
    expect(JSON.parse(stdout)).toEqual({
      dynamodb: { name: 'ConditionalCheckFailedException', message: 'The conditional request failed', status: 400 },
      events: { name: 'InternalException', message: 'try later', status: 500 },
      autoscaling: { name: 'ValidationError', message: 'No active Lifecycle Action found', status: 400 },
      renamed: { name: 'ResourceContentionFault', message: 'You already have a pending update', status: 500 },
      instances: [{ InstanceId: 'i-0a1', LaunchTime: '2026-11-22T08:00:00.000Z', Tags: [{ Key: 'runbook:vip', Value: 'web' }] }],
    });
    expect(authorizations).toHaveLength(5);
    for (const authorization of authorizations) expect(authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\//u);
  });
});

describe('the stack', () => {
  it('hands every function settings that the kernel understands', () => {
    const framework = z.object({ provider: z.object({ environment: z.record(z.string(), z.unknown()) }), params: z.object({ default: z.record(z.string(), z.string()) }) }).parse(readTemplate('serverless.yml'));
    const { dryRun, approval } = framework.params.default;
    expect(framework.provider.environment).toEqual({
      LEDGER_CONTROL_TABLE: { Ref: 'ControlTable' },
      OUTCOME_BUS: { Ref: 'OutcomeBus' },
      RUNBOOK_DRY_RUN: '${param:dryRun}',
      RUNBOOK_APPROVAL: '${param:approval}',
    });
    expect(readConfig({ LEDGER_CONTROL_TABLE: 'runbook-dev-control', OUTCOME_BUS: 'runbook-dev', RUNBOOK_DRY_RUN: dryRun, RUNBOOK_APPROVAL: approval })).toMatchObject({
      controlTable: 'runbook-dev-control',
      outcomeBus: 'runbook-dev',
      dryRun: false,
      approval: 'never',
    });
  });

  it('keeps both ledger tables: recovery to any second, encryption, expiry, and no deletion by accident', () => {
    const tables = resources('deploy/ledger.yml');
    expect(Object.keys(tables)).toEqual(['ControlTable', 'DataTable']);
    for (const { Properties, DeletionPolicy } of Object.values(tables)) {
      expect(DeletionPolicy).toBe('Retain');
      expect(Properties).toMatchObject({
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      });
    }
    expect(tables['ControlTable']?.Properties['StreamSpecification']).toBeUndefined();
    expect(tables['DataTable']?.Properties['StreamSpecification']).toEqual({ StreamViewType: 'NEW_AND_OLD_IMAGES' });
  });

  it('sends outcomes from the bus through an encrypted topic to a queue that takes only trouble', () => {
    const outcomes = resources('deploy/outcomes.yml');
    expect(outcomes['OutcomeRule']?.Properties['EventPattern']).toEqual({ source: ['runbook'] });
    expect(outcomes['OutcomeTopic']?.Properties['KmsMasterKeyId']).toEqual({ Ref: 'MessageKey' });
    expect(outcomes['TroubleSubscription']?.Properties).toMatchObject({ FilterPolicyScope: 'MessageBody', FilterPolicy: { detail: { outcome: ['failed', 'refused'] } } });
    const queues = Object.values(outcomes).filter(({ Type }) => Type === 'AWS::SQS::Queue');
    expect(queues.map(({ Properties }) => Properties['SqsManagedSseEnabled'])).toEqual([true, true, true]);
  });

  it('lets the operator, and by this policy nobody else, write the kill switch', () => {
    const policy = JSON.stringify(resources('deploy/operator.yml')['OperatorPolicy']?.Properties);
    expect(policy).toContain('"Action":["dynamodb:PutItem","dynamodb:DeleteItem"],"Resource":{"Fn::GetAtt":["ControlTable","Arn"]},"Condition":{"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":["switch"]}');
  });
});

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({ optionalDependencies: z.record(z.string(), z.string()).optional(), hasInstallScript: z.boolean().optional(), integrity: z.string().optional(), license: z.string().optional() }),
  ),
});
const manifestSchema = z.object({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
  optionalDependencies: z.record(z.string(), z.string()),
  allowScripts: z.record(z.string(), z.boolean()),
});

describe('packages', () => {
  const lock = lockSchema.parse(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'))).packages;
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));

  it('are pinned to one version each', () => {
    const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
    expect(Object.entries(all).filter(([, version]) => !/^(?:npm:[\w@/-]+@)?\d+\.\d+\.\d+$/u.test(version))).toEqual([]);
  });

  it('are all in the lockfile, those of other platforms too: npm ci refuses a lockfile that lacks one', () => {
    const missing = Object.entries(lock).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).flatMap((name) => (`node_modules/${name}` in lock || `${path}/node_modules/${name}` in lock ? [] : [`${path}: ${name}`])),
    );
    expect(missing).toEqual([]);
  });

  it('are checked by integrity', () => {
    expect(Object.entries(lock).filter(([path, { integrity }]) => path !== '' && integrity === undefined).map(([path]) => path)).toEqual([]);
  });

  it('run no script when they are installed', () => {
    const scripted = new Set(Object.entries(lock).flatMap(([path, { hasInstallScript }]) => (hasInstallScript === true ? [path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)] : [])));
    expect([...scripted].filter((name) => manifest.allowScripts[name] !== false && name !== 'fsevents')).toEqual([]);
  });

  it('bring the Node that Lambda runs', () => {
    expect(process.versions.node.split('.')[0]).toBe('24');
  });
});

/** What is deployed: bundles, the stack's shared resources, and the packages they are made from. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bundle, deployedOptions, type Bundle } from '../../build/bundle.ts';
import { readTemplate, ROOT } from '../../build/cloudformation.ts';
import { PREFIX_MAX_LENGTH } from '../../build/deploy-parameters.ts';
import { readConfig } from '../../shared/kernel/config.ts';
import type { Template } from '../house/iam/template.ts';
import { DEFAULTS, packagedTemplate, PACKAGING_TIMEOUT_MS } from '../house/packaged-template.ts';
import { folders } from '../house/tidy-files.ts';
import { reach } from '../house/tidy-imports.ts';

const folder = mkdtempSync(join(tmpdir(), 'runbook-packaging-'));
afterAll(() => rmSync(folder, { recursive: true }));

const stack = z.object({
  Resources: z.record(
    z.string(),
    z.looseObject({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()),
      DeletionPolicy: z.string().optional(),
      UpdateReplacePolicy: z.string().optional(),
    }),
  ),
});

function resources(path: string): z.infer<typeof stack>['Resources'] {
  return stack.parse(readTemplate(path)).Resources;
}

/** Largest size of a bundle, by host, in bytes; that of gangs talks to eight services. */
const BUDGET = { plain: 350_000, durable: 520_000, gangs: 565_000 };

function expectNoCredentialChain({ parts }: Bundle): void {
  const chain = parts
    .map(([part]) => part)
    .filter((part) => /credential-provider-(?!env)|nested-clients|token-providers/u.test(part));
  expect(chain).toEqual([]);
}

/** So much more than an empty runbook with the same clients: what a runbook that has many of them may have of its own. */
const OWN_SHARE = 1.15;

/** A runbook that does nothing, with the clients and commands that another one's code names, and what the kernel has for it. */
function emptyWithClientsOf(name: string): string {
  const used = [...reach(`functions/${name}/handler.ts`).values()]
    .flat()
    .filter(({ from, typeOnly }) => !typeOnly && from.startsWith('@aws-sdk/client-'))
    .flatMap(({ from, values }) =>
      values.filter((value) => !value.startsWith('type ')).map((value) => [value, from] as const),
    );
  const once = [...new Map(used)];
  return `
    ${once.map(([value, from], index) => `import { ${value} as used${index} } from '${from}';`).join('\n')}
    import * as z from 'zod/mini';
    import { plain } from '${ROOT}/shared/kernel/hosts/plain-host.ts';
    import { dataWrite } from '${ROOT}/shared/kernel/ledger/data-write.ts';
    import { openData } from '${ROOT}/shared/kernel/ledger/data.ts';
    import { plannedWrite } from '${ROOT}/shared/kernel/ledger/planned-write.ts';
    import { paced } from '${ROOT}/shared/kernel/run/pace.ts';
    import { onDataChange } from '${ROOT}/shared/kernel/triggers/data-stream.ts';
    import { runbook } from '${ROOT}/shared/kernel/runbook.ts';
    import { onRequest } from '${ROOT}/shared/kernel/triggers/request.ts';
    import { onSchedule } from '${ROOT}/shared/kernel/triggers/schedule.ts';
    globalThis.used = [openData, dataWrite, plannedWrite, paced, ${once.map((_each, index) => `used${index}`).join()}];
    export const handler = runbook({
      name: 'empty-runbook', host: plain, disruptive: false, timeoutSeconds: 60, ledgerLost: 'refuse', limits: {}, apply: {},
      triggers: [onDataChange([], () => ({})), onSchedule('rate(1 minute)', () => ({})), onRequest('empty-runbook', z.strictObject({}), () => ({}))],
      locate: async () => [], observe: async () => ({}), verify: async () => ({ ok: true }),
      decide: () => ({ kind: 'nothing', code: 'x', because: 'x', evidence: {} }),
    });
  `;
}

/** What a bundle may have: what its host's budget is, or so much more than its clients come to. */
async function budgetOf(name: string, host: keyof typeof BUDGET): Promise<number> {
  if (name !== 'publish-blocklist') return BUDGET[host];
  const entry = join(folder, 'empty.ts');
  writeFileSync(entry, emptyWithClientsOf(name));
  // As a file, for what is left out of a bundle is judged by what it begins with.
  const { bytes } = await bundle(entry, join(folder, 'empty.mjs'), {
    ...deployedOptions(),
    nodePaths: [join(ROOT, 'node_modules')],
  });
  process.stdout.write(`an empty runbook with the clients of ${name}: ${bytes} bytes\n`);
  return bytes * OWN_SHARE;
}

describe('bundles', () => {
  it.each(folders('functions'))(
    '%s fits into the budget of its host and finds credentials in the environment only',
    async (name) => {
      const built = await bundle(`functions/${name}/handler.ts`, join(folder, `${name}.mjs`), deployedOptions());
      const durable = built.parts.some(([part]) => part === '@aws/durable-execution-sdk-js');
      const host = durable ? 'durable' : 'plain';
      const budget = await budgetOf(name, name === 'scale-hpc-fleet' ? 'gangs' : host);
      process.stdout.write(`${name}: ${built.bytes} bytes of ${Math.floor(budget)}\n`);
      expect(built.bytes).toBeLessThanOrEqual(budget);
      expectNoCredentialChain(built);
    },
  );

  it('a durable runbook fits into the budget of its host', async () => {
    const built = await bundle('tests/recycle-instances/handler.ts', join(folder, 'durable.mjs'), deployedOptions());
    expect(built.parts.map(([part]) => part)).toContain('@aws/durable-execution-sdk-js');
    expect(built.bytes).toBeLessThanOrEqual(BUDGET.durable);
    expectNoCredentialChain(built);
  });
});

describe('the stack', () => {
  it('hands every function settings that the kernel understands', () => {
    const framework = z
      .object({
        provider: z.object({ environment: z.record(z.string(), z.unknown()) }),
        params: z.object({ default: z.record(z.string(), z.string()) }),
      })
      .parse(readTemplate('serverless.yml'));
    const { dryRun, mode, approval } = framework.params.default;
    expect(framework.provider.environment).toEqual({
      LEDGER_CONTROL_TABLE: { Ref: 'ControlTable' },
      LEDGER_DATA_TABLE: { Ref: 'DataTable' },
      OUTCOME_BUS: { Ref: 'OutcomeBus' },
      RUNBOOK_STACK: '${param:prefix}',
      RUNBOOK_DRY_RUN: '${param:dryRun}',
      RUNBOOK_MODE: '${param:mode}',
      RUNBOOK_APPROVAL: '${param:approval}',
    });
    expect(
      readConfig({
        LEDGER_CONTROL_TABLE: 'runbook-dev-control',
        OUTCOME_BUS: 'runbook-dev',
        RUNBOOK_DRY_RUN: dryRun,
        RUNBOOK_MODE: mode,
        RUNBOOK_APPROVAL: approval,
      }),
    ).toMatchObject({
      controlTable: 'runbook-dev-control',
      outcomeBus: 'runbook-dev',
      dryRun: false,
      mode: 'none',
      approval: 'never',
    });
  });

  it('keeps both ledger tables: recovery to any second, encryption, expiry, and no deletion with the stack', () => {
    const tables = resources('deploy/ledger.yml');
    expect(Object.keys(tables)).toEqual(['ControlTable', 'DataTable']);
    for (const { Properties, DeletionPolicy, UpdateReplacePolicy } of Object.values(tables)) {
      // Not by the deployment that made it and failed: it is empty then, and would be in the way of the next one.
      expect(DeletionPolicy).toBe('RetainExceptOnCreate');
      expect(UpdateReplacePolicy).toBe('Retain');
      // No rollback deletes a protected table; build/deploy-tables.ts protects it once the stack stands.
      expect(Properties['DeletionProtectionEnabled']).toBeUndefined();
      expect(Properties).toMatchObject({
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
    expect(outcomes['TroubleSubscription']?.Properties).toMatchObject({
      FilterPolicyScope: 'MessageBody',
      FilterPolicy: { detail: { outcome: ['failed', 'refused'] } },
    });
    const queues = Object.values(outcomes).filter(({ Type }) => Type === 'AWS::SQS::Queue');
    expect(queues.map(({ Properties }) => Properties['SqsManagedSseEnabled'])).toEqual([true, true, true]);
  });

  it('lets the operator, and by this policy nobody else, write the kill switch and the mode', () => {
    const policy = JSON.stringify(resources('deploy/operator.yml')['OperatorPolicy']?.Properties);
    const table = '"Resource":{"Fn::GetAtt":["ControlTable","Arn"]}';
    const keys = '"Condition":{"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":';
    expect(policy).toContain(`"Action":["dynamodb:PutItem","dynamodb:DeleteItem"],${table},${keys}["switch"]}`);
    expect(policy).toContain(`"Action":"dynamodb:PutItem",${table},${keys}["mode","operation"]}`);
  });
});

describe('the stack with every parameter given', () => {
  const longest = 'runbook-stage-of-27-letters';
  const vpcs = ['vpc-1a2b3c4d', 'vpc-0d4b2c7a91e6f3058'];
  let packaged: Template;
  beforeAll(async () => {
    packaged = await packagedTemplate([
      'alertEmail=kim@example.com',
      'reservedConcurrency=none',
      `vpcId=${vpcs.join()}`,
      `prefix=${longest}`,
      'dryRun=true',
      'mode=apply',
      'approval=always',
    ]);
  }, PACKAGING_TIMEOUT_MS);

  function ofType(type: string): Record<string, unknown>[] {
    return Object.values(packaged.Resources).flatMap(({ Type, Properties }) => (Type === type ? [Properties] : []));
  }

  it('tells a person of every alarm, of trouble, and of what waits for a word', () => {
    const mails = ofType('AWS::SNS::Subscription').filter(({ Protocol }) => Protocol === 'email');
    expect(mails).toEqual([
      expect.objectContaining({ TopicArn: { Ref: 'PageTopic' }, Endpoint: 'kim@example.com' }),
      expect.objectContaining({ TopicArn: { Ref: 'LookTopic' }, Endpoint: 'kim@example.com' }),
      expect.objectContaining({ TopicArn: { Ref: 'MessageTopic' }, Endpoint: 'kim@example.com' }),
    ]);
    for (const mail of mails) expect(mail).not.toHaveProperty('FilterPolicy');
  });

  it('reserves no concurrency', () => {
    const functions = ofType('AWS::Lambda::Function');
    expect(functions).toHaveLength(folders('functions').length);
    for (const one of functions) expect(one).not.toHaveProperty('ReservedConcurrentExecutions');
  });

  it('plans only, and asks', () => {
    for (const { Environment } of ofType('AWS::Lambda::Function'))
      expect(Environment).toMatchObject({ Variables: { RUNBOOK_DRY_RUN: 'true', RUNBOOK_APPROVAL: 'always' } });
  });

  it('lets addresses go to interfaces of these VPCs', () => {
    const arns = vpcs.map((vpc) => ({
      'Fn::Sub': `arn:\${AWS::Partition}:ec2:\${AWS::Region}:\${AWS::AccountId}:vpc/${vpc}`,
    }));
    expect(JSON.stringify(packaged.Resources['ReassignElasticIpRole'])).toContain(
      `"Condition":{"ArnLike":{"ec2:Vpc":${JSON.stringify(arns)}}}`,
    );
  });

  it('has no name that is too long, with the longest prefix in the Region of the longest name', () => {
    expect(longest).toHaveLength(PREFIX_MAX_LENGTH);
    const names = [
      ...ofType('AWS::Events::Rule').map(({ Name }) => Name),
      ...ofType('AWS::Lambda::Function').map(({ FunctionName }) => FunctionName),
      ...ofType('AWS::Scheduler::Schedule').map(({ Name }) => Name),
      ...ofType('AWS::IAM::Role').map(({ RoleName }) => RoleName),
    ].flatMap((name) => (name === undefined ? [] : JSON.stringify(name)));
    const lengths = names.map(
      (name) => /[\w${}:-]*runbook-[\w${}:-]*/u.exec(name)?.[0].replace('${AWS::Region}', 'ap-northeast-1').length,
    );
    // 64 characters for each of these. Sources: PutRule, CreateFunction, CreateSchedule, CreateRole.
    expect(Math.max(...lengths.map((length) => length ?? 0))).toBe(64);
  });
});

describe('the stack by default', () => {
  it(
    'tells nobody, and keeps ten executions for each runbook',
    async () => {
      const { Resources } = await packagedTemplate(DEFAULTS);
      const protocols = Object.values(Resources).flatMap(({ Type, Properties }) =>
        Type === 'AWS::SNS::Subscription' ? [Properties['Protocol']] : [],
      );
      expect(protocols).toEqual(['sqs']);
      const reserved = Object.values(Resources).flatMap(({ Type, Properties }) =>
        Type === 'AWS::Lambda::Function' ? [Properties['ReservedConcurrentExecutions']] : [],
      );
      expect(reserved).toEqual(folders('functions').map(() => 10));
    },
    PACKAGING_TIMEOUT_MS,
  );
});

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({
      optionalDependencies: z.record(z.string(), z.string()).optional(),
      hasInstallScript: z.boolean().optional(),
      integrity: z.string().optional(),
      license: z.string().optional(),
    }),
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
    expect(Object.entries(all).filter(([, version]) => !/^(?:npm:[\w@/-]+@)?\d+\.\d+\.\d+$/u.test(version))).toEqual(
      [],
    );
  });

  it('are all in the lockfile, those of other platforms too: npm ci refuses a lockfile that lacks one', () => {
    const missing = Object.entries(lock).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).flatMap((name) =>
        `node_modules/${name}` in lock || `${path}/node_modules/${name}` in lock ? [] : [`${path}: ${name}`],
      ),
    );
    expect(missing).toEqual([]);
  });

  it('are checked by integrity', () => {
    expect(
      Object.entries(lock)
        .filter(([path, { integrity }]) => path !== '' && integrity === undefined)
        .map(([path]) => path),
    ).toEqual([]);
  });

  it('run no script when they are installed', () => {
    const scripted = new Set(
      Object.entries(lock).flatMap(([path, { hasInstallScript }]) =>
        hasInstallScript === true ? [path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)] : [],
      ),
    );
    expect([...scripted].filter((name) => manifest.allowScripts[name] !== false && name !== 'fsevents')).toEqual([]);
  });

  it('bring the Node that Lambda runs', () => {
    expect(process.versions.node.split('.')[0]).toBe('24');
  });
});

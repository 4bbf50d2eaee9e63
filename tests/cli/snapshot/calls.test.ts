import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { callOf, CALLS } from '../../../cli/snapshot/calls.ts';
import { demandRead } from '../../../cli/snapshot/guard.ts';
import { run } from '../terminal.ts';

/** What returns user data, secrets, bodies or the output of commands. */
const SECRET = [
  'dynamodb:Scan',
  'ec2:GetConsoleOutput',
  'ec2:GetPasswordData',
  'kms:Decrypt',
  'lambda:GetFunction',
  's3:GetObject',
  's3:HeadObject',
  'secretsmanager:GetSecretValue',
  'sqs:ReceiveMessage',
  'ssm:GetCommandInvocation',
  'ssm:GetDocument',
  'ssm:GetParameterHistory',
  'ssm:GetParameters',
  'ssm:ListCommandInvocations',
  'wafv2:GetSampledRequests',
];

describe('the table of calls', () => {
  it('has each call once, and none that brings a secret', () => {
    const calls = CALLS.map(({ call }) => call);
    expect(new Set(calls).size).toBe(calls.length);
    expect(SECRET.filter((call) => callOf(call) !== undefined)).toEqual([]);
    expect(calls.filter((call) => !/:(?:Describe|Get|List|Query)/u.test(call))).toEqual([]);
  });

  it('names runbooks that there are', () => {
    const named = [...new Set(CALLS.flatMap(({ runbooks }) => runbooks))];
    const isThere = (name: string): boolean => existsSync(`functions/${name}/function.yml`);
    expect(named.filter((name) => !isThere(name))).toEqual([]);
  });

  it.each([
    ['EC2Client', 'DescribeInstancesCommand', {}],
    ['EC2Client', 'DescribeInstanceAttributeCommand', { Attribute: 'disableApiStop' }],
    ['SSMClient', 'GetParameterCommand', { WithDecryption: false }],
    ['DynamoDBClient', 'QueryCommand', {}],
  ])('lets %s %s %j leave', (client, command, input) => {
    expect(() => demandRead(client, command, input)).not.toThrow();
  });

  it.each([
    [
      'EC2Client',
      'TerminateInstancesCommand',
      {},
      'EC2Client TerminateInstancesCommand is not in the table of calls: it was not sent',
    ],
    [
      'SQSClient',
      'ReceiveMessageCommand',
      {},
      'SQSClient ReceiveMessageCommand is not in the table of calls: it was not sent',
    ],
    [
      'EC2Client',
      'DescribeInstanceAttributeCommand',
      { Attribute: 'userData' },
      'EC2Client DescribeInstanceAttributeCommand of userData is not sent: it may bring user data',
    ],
    [
      'SSMClient',
      'GetParameterCommand',
      { WithDecryption: true },
      'SSMClient GetParameterCommand with decryption is not sent: it would bring a secret',
    ],
  ])('stops %s %s %j', (client, command, input, message) => {
    expect(() => demandRead(client, command, input)).toThrow(message);
  });
});

describe('runbook snapshot --list-calls', () => {
  it('prints each call with why and for whom, and sends none', async () => {
    const { code, out, err } = await run(['snapshot', '--list-calls']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(
      /^ec2:DescribeAddresses +Elastic IPs, their holders and tags \(reassign-elastic-ip, block-address\)$/mu,
    );
    expect(out.split('\n').at(-2)).toBe(`${CALLS.length} calls of 24 services; each reads, none is sent now`);
  });

  it('prints a list with --json', async () => {
    const { code, out } = await run(['snapshot', '--list-calls', '--json']);
    expect(code).toBe(0);
    const rows: unknown = JSON.parse(out);
    expect(rows).toContainEqual({
      call: 'apigateway:GetStages',
      why: 'caches of their stages, without variables',
      runbooks: ['flush-caches'],
      actions: ['apigateway:GET'],
    });
  });
});

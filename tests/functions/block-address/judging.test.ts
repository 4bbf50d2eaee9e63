import { isIP, SocketAddress } from 'node:net';
import { describe, expect, test } from 'vitest';
import { judgeFinding, type FindingPolicy } from '../../../functions/block-address/decide/judging.ts';
import type { Finding } from '../../../shared/kernel/triggers/findings/finding.ts';
import { FINDING_FIXTURES, findingDelivery, findingOf } from '../../shared/kernel/triggers/findings.ts';

const POLICY: FindingPolicy = {
  minSeverity: 1,
  canonical: (address) => {
    const family = isIP(address);
    if (family === 0) return undefined;
    return new SocketAddress({ address, family: family === 6 ? 'ipv6' : 'ipv4' }).address;
  },
  special: (address) => (address.startsWith('10.') ? 'private' : undefined),
};

function judged(finding: Finding): readonly unknown[] {
  const verdict = judgeFinding(finding, POLICY);
  return verdict.kind === 'block' ? verdict.remotes.map(({ address }) => address) : [verdict.code, verdict.attention];
}

describe('a finding that is acted upon', () => {
  test.each([
    ['guardduty-inbound', ['198.51.100.77']],
    ['guardduty-inbound-ipv6', ['2001:db8:85a3::8a2e:370:7334']],
    ['guardduty-port-probe', ['198.51.100.50', '198.51.100.51']],
    ['guardduty-rds-login', ['198.51.100.11']],
    ['guardduty-attack-sequence-ec2', ['198.51.100.90']],
    ['sdk-finding', ['198.51.100.77']],
    ['asff-inbound', ['198.51.100.77']],
    ['asff-inbound-ipv6', ['2001:db8:85a3::8a2e:370:7334']],
    ['asff-port-probe', ['198.51.100.50', '198.51.100.51']],
    ['ocsf-inbound', ['198.51.100.77']],
  ])('%s blocks %j', (name, addresses) => {
    expect(judged(findingOf(name))).toEqual(addresses);
  });

  test('says why, and of a database that web ACLs do not see its clients', () => {
    expect(judgeFinding(findingOf('guardduty-inbound'), POLICY)).toEqual({
      kind: 'block',
      remotes: [
        {
          address: '198.51.100.77',
          where: 'detail.service.action.networkConnectionAction.remoteIpDetails.ipAddressV4',
        },
      ],
      because: 'UnauthorizedAccess:EC2/SSHBruteForce, severity 2, against i-0123456789abcdef0',
      passedOver: [],
    });
    expect(judgeFinding(findingOf('guardduty-rds-login'), POLICY).because).toBe(
      'CredentialAccess:RDS/MaliciousIPCaller.FailedLogin, severity 5, against orders; network ACLs see it, web ACLs do not',
    );
  });

  test('judges the endpoints of an attack sequence one by one', () => {
    const { passedOver } = judgeFinding(findingOf('guardduty-attack-sequence-ec2'), POLICY);
    expect(passedOver.map(({ address, code }) => [address, code])).toEqual([
      ['198.51.100.91', 'outbound'],
      ['198.51.100.92', 'no-layer-sees-it'],
    ]);
  });
});

describe('a finding that is left alone', () => {
  test.each([
    ['guardduty-sample', 'sample', false],
    ['guardduty-sample-in-value', 'sample', false],
    ['asff-sample', 'sample', false],
    ['guardduty-archived', 'archived', false],
    ['asff-archived', 'archived', false],
    ['asff-suppressed', 'suppressed', false],
    ['ocsf-suppressed', 'suppressed', false],
    ['guardduty-outbound-target', 'outbound', true],
    ['ocsf-outbound', 'outbound', true],
    ['guardduty-unknown-direction', 'unknown-direction', true],
    ['guardduty-actor', 'actor', true],
    ['guardduty-api-call', 'no-layer-sees-it', true],
    ['guardduty-api-call-aws-service', 'aws-service', false],
    ['guardduty-kubernetes', 'no-layer-sees-it', true],
    ['asff-kubernetes', 'no-layer-sees-it', true],
    ['guardduty-attack-sequence-iam', 'no-layer-sees-it', true],
    ['guardduty-dns-request', 'dns-request', true],
    ['guardduty-private-remote', 'private-remote', true],
    ['guardduty-own-address', 'own-address', true],
    ['guardduty-blocked-already', 'already-blocked', false],
    ['guardduty-unheard-action', 'no-address', false],
  ])('%s: %s', (name, code, attention) => {
    expect(judged(findingOf(name))).toEqual([code, attention]);
  });

  test('is one whose severity is below the least, or not said', () => {
    const finding = findingOf('guardduty-inbound');
    const strict = judgeFinding(finding, { ...POLICY, minSeverity: 4 });
    expect(strict).toMatchObject({ code: 'low-severity', because: 'its severity 2 is below 4' });
    expect(strict.passedOver.map(({ address }) => address)).toEqual(['198.51.100.77']);
    expect(judged({ ...finding, severity: null })).toEqual(['no-severity', true]);
  });

  test('is one whose remote is no address', () => {
    const finding = findingOf('guardduty-inbound');
    const remotes = finding.remotes.map((remote) => ({ ...remote, address: 'GeneratedFindingAddress' }));
    expect(judged({ ...finding, remotes })).toEqual(['not-an-address', true]);
  });
});

test('every finding that can be read has a verdict', () => {
  const verdicts = FINDING_FIXTURES.flatMap(({ event }) =>
    findingDelivery(event).findings.map((finding) =>
      'problem' in finding ? 'unread' : judgeFinding(finding, POLICY).kind,
    ),
  );
  expect(verdicts.filter((kind) => kind !== 'block' && kind !== 'not')).toEqual([]);
});

/** What became of a small world, as the tests of what is printed want it. */

import type { Fared, Lost, LossReport, WhatIf } from '../../../rehearsal/whatif/what-if.ts';

export function reportOf(losses: readonly Lost[], rest: Partial<LossReport> & Pick<LossReport, 'verdict'>): LossReport {
  return { losses, as: 'single', fared: [], by: [], told: [], why: [], lines: [], alarms: [], assumed: [], ...rest };
}

const address = {
  kind: 'address',
  id: 'eipalloc-1',
  name: 'mail 203.0.113.25',
  runbook: 'reassign-elastic-ip',
} as const;
const hit: Fared = { ...address, verdict: 'needs a person', first: 'is on nobody', last: 'is on nobody' };
const refused = {
  runbook: 'reassign-elastic-ip',
  target: 'eipalloc-1',
  outcome: 'refused',
  code: 'no-good-candidate',
  reason: 'no-good-candidate: no candidate is good',
  afterSeconds: 60,
};

const mail: Lost = { kind: 'instance', id: 'i-0c84d2a75b3e6f917', name: 'mail', how: 'its status checks fail' };
const zone: Lost = { kind: 'zone', id: 'eu-west-1a', how: 'nothing in it answers' };
const key: Lost = {
  kind: 'key',
  id: 'arn:aws:kms:eu-west-1:111122223333:key/6f1c2a9e-7b3d-4c58',
  how: 'it is disabled',
};
const ledger: Lost = { kind: 'ledger', id: 'ledger', how: 'it does not answer' };

export const whatIf: WhatIf = {
  lostAt: '2026-11-30T08:05:01.000Z',
  account: '111122223333',
  region: 'eu-west-1',
  seed: 1,
  followedSeconds: 7_200,
  attended: [address],
  reports: [
    reportOf([mail], {
      verdict: 'needs a person',
      fared: [hit],
      why: [refused],
      alarms: ['look'],
      lines: ['npx runbook run reassign-elastic-ip --target eipalloc-1'],
    }),
    reportOf([ledger, zone], { verdict: 'unknown', as: 'beside', unknown: 'not simulated: ec2:Xyz' }),
    reportOf([zone], {
      verdict: 'recovers',
      by: ['reassign-elastic-ip', 'carry-volumes'],
      rtoSeconds: 667,
      rpoSeconds: 21_901,
    }),
    reportOf([key], { verdict: 'unaffected', alarms: ['look'] }),
  ],
  unattended: [
    { kind: 'instance', id: 'i-1', name: 'wiki' },
    { kind: 'instance', id: 'i-2', group: 'build' },
    { kind: 'volume', id: 'vol-1' },
  ],
  troubled: [{ ...address, what: 'is on nobody' }],
  scriptSteps: 0,
  otherRegions: [],
};

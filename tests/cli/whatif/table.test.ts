import { describe, expect, it } from 'vitest';
import { conclusionOf, whatIfText } from '../../../cli/whatif/table.ts';
import { paintFor } from '../../../cli/terminal.ts';
import type { WhatIf } from '../../../rehearsal/whatif/what-if.ts';
import { whatIf } from './a-whatif.ts';

const paint = paintFor({ write: () => undefined, isTTY: false, columns: () => 80 }, {});

function lines(width: number): readonly string[] {
  return whatIfText(whatIf, { width, paint }).split('\n');
}

describe('what becomes of losses', () => {
  it('is a table in 80 columns, worst first, the conclusion last', () => {
    expect(lines(80)).toEqual([
      'each is lost at 2026-11-30 08:05:01Z (simulated, seed 1) and followed for 2 h',
      '',
      '                 LOST                          BROUGHT BACK BY        RTO  RPO',
      'needs a person   instance mail                 -                      -    -',
      'unknown          the ledger + zone eu-west-1a  -                      -    -',
      'recovers         zone eu-west-1a               reassign-elastic-ip,…  11m  6h05m',
      '',
      'instance mail: needs a person',
      '  i-0c84d2a75b3e6f917: its status checks fail',
      '  mail 203.0.113.25 is on nobody',
      '  reassign-elastic-ip eipalloc-1 refused (no-good-candidate): no candidate is',
      '  good',
      '  alarms that ring: look',
      '  npx runbook run reassign-elastic-ip --target eipalloc-1',
      '',
      'the ledger + zone eu-west-1a: unknown',
      '  it does not answer; nothing in it answers',
      '  it could not be played: not simulated: ec2:Xyz',
      '',
      'before anything is lost mail 203.0.113.25 is on nobody: no loss says anything of',
      'it',
      'nothing is hit by 1: key 6f1c2a9e…',
      'of these alarms tell: key 6f1c2a9e… (look)',
      '2 instances, 1 volume that no runbook looks after: wiki, i-2 (of group build),',
      'vol-1',
      '',
      '1 of 3 losses is not survived: instance mail; none of 1 loss beside a silent one',
      'is seen to be lost, and of 1 it is not known',
    ]);
  });

  it('has two lines for each in 40 columns, and none is longer', () => {
    const narrow = lines(40);
    expect(narrow.slice(3, 9)).toEqual([
      'needs a person  instance mail',
      'unknown  the ledger + zone eu-west-1a',
      'recovers  zone eu-west-1a',
      '  RTO 11m, RPO 6h05m, by',
      '  reassign-elastic-ip, carry-volumes',
      '',
    ]);
    // What is there to be copied is not broken.
    expect(narrow.filter((line) => line.length > 40)).toEqual([
      '  npx runbook run reassign-elastic-ip --target eipalloc-1',
    ]);
  });

  it('is nothing where there is nothing to lose, in plain words', () => {
    const none: WhatIf = { ...whatIf, attended: [], reports: [], unattended: [], troubled: [] };
    expect(conclusionOf(none)).toBe('there is nothing to lose: no runbook looks after anything in this world');
    expect(conclusionOf({ ...none, unattended: whatIf.unattended })).toBe(
      'there is nothing to lose: no runbook looks after anything in this world; what can be lost has nobody who looks after it',
    );
    expect(conclusionOf({ ...none, attended: whatIf.attended })).toBe(
      'there is nothing to lose: nothing of these kinds is there that a runbook looks after',
    );
  });

  it('says how many pairs were not played', () => {
    const text = whatIfText({ ...whatIf, pairs: { played: 500, left: 41 } }, { width: 80, paint });
    expect(text).toContain('41 more pairs were not played: 500 are as many as can be waited for');
  });

  it('is sound where all of it is survived', () => {
    const [, , recovered] = whatIf.reports;
    const reports = recovered === undefined ? [] : [recovered];
    expect(conclusionOf({ ...whatIf, reports })).toBe('all of 1 loss are survived');
  });
});

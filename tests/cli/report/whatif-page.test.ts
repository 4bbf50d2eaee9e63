import { describe, expect, it } from 'vitest';
import { whatIfPage } from '../../../cli/report/whatif-page.ts';
import type { WhatIf } from '../../../rehearsal/whatif/what-if.ts';
import { reportOf, whatIf } from '../whatif/a-whatif.ts';
import { expectSound, parsed, textOf } from './reports.ts';

const FOOTER = 'Written by a test.';

function pageOf(value: WhatIf): string {
  return whatIfPage(value, 'company.json', FOOTER);
}

function plain(html: string): string {
  const [body] = parsed(html).elements.filter(({ tagName }) => tagName === 'body');
  return body === undefined ? '' : textOf(body).replaceAll(/\s+/gu, ' ');
}

describe('the page of what is lost', () => {
  it('answers first, tells each loss, why it is not survived, and what to paste', () => {
    const html = pageOf(whatIf);
    expectSound(html);
    const text = plain(html);
    expect(text).toContain('2 of 4 are not survived.');
    expect(text).toContain('zone eu-west-1arecoversby reassign-elastic-ip, carry-volumes, RTO 11m, RPO 6h05m');
    expect(text).toContain('instance mail: needs a person');
    expect(text).toContain('reassign-elastic-ip eipalloc-1: refused, no-good-candidate: no candidate is good');
    expect(text).toContain('It could not be played: not simulated: ec2:Xyz');
    expect(text).toContain('npx runbook run reassign-elastic-ip --target eipalloc-1');
    expect(pageOf(whatIf)).toBe(html);
  });

  it('says so where all comes through, and where there is nothing to lose', () => {
    const survived = pageOf({ ...whatIf, reports: whatIf.reports.filter(({ verdict }) => verdict === 'recovers') });
    expectSound(survived);
    expect(plain(survived)).toContain('What is looked after comes through.');
    expect(plain(survived)).not.toContain('What is not survived');
    const none = pageOf({ ...whatIf, reports: [], attended: [], unattended: [], troubled: [] });
    expectSound(none);
    expect(plain(none)).toContain('There is nothing to lose.');
  });

  it('is text, whatever AWS or a person has written', () => {
    const odd = '"><script>alert(1)</script>\u202e\n`x`';
    const hostile = reportOf([{ kind: 'instance', id: odd, name: odd, how: odd }], {
      verdict: 'stays lost',
      why: [{ runbook: odd, target: odd, outcome: odd, code: odd, reason: odd, afterSeconds: 1 }],
      lines: [odd],
      alarms: [odd],
      assumed: [odd],
    });
    const html = whatIfPage({ ...whatIf, reports: [hostile] }, odd, odd);
    expectSound(html);
    expect(html).not.toContain('<script>alert');
  });

  it('has room for as many as are played', () => {
    const [first] = whatIf.reports;
    if (first === undefined) throw new Error('there is no loss');
    const html = pageOf({ ...whatIf, reports: Array.from({ length: 1_000 }, () => first) });
    expectSound(html);
    expect(html.length).toBeLessThan(1_000_000);
    expect(plain(html)).toContain('400 losses left out');
    expect(plain(html)).toContain('940 losses left out');
  });
});

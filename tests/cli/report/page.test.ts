import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { indexPage, MOST_BYTES, MOST_BYTES_OF_SEVERAL, reportPage } from '../../../cli/report/page.ts';
import type { Report } from '../../../cli/report/report.ts';
import { ADDRESS, record, MOVED, state } from '../operate/fake-place.ts';
import { attribute, expectSound, parsed, reportOf, textOf } from './reports.ts';

const FRAME = { title: 'a run', kind: 'LIVE', place: '111122223333 eu-west-1', footer: 'written by a test' };

function plain(html: string): string {
  return parsed(html)
    .elements.filter(({ tagName }) => tagName === 'body')
    .map(textOf)
    .join('')
    .replaceAll(/\s+/gu, ' ');
}

async function page(...given: Parameters<typeof reportOf>): Promise<string> {
  return reportPage(FRAME, await reportOf(...given));
}

describe('a page', () => {
  it('is one document that loads nothing and runs nothing', async () => {
    const html = await page();
    expectSound(html);
    const [, style = ''] = /<style>([^]*?)<\/style>/u.exec(html) ?? [];
    const digest = createHash('sha256').update(style).digest('base64');
    expect(html).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-${digest}&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;">`,
    );
    expect(style).not.toMatch(/url\(|@import|expression/u);
    expect(html.match(/<style/gu)).toHaveLength(1);
    expect(html).toContain('<html lang="en">');
  });

  it('has the same bytes for the same run', async () => {
    expect(await page()).toBe(await page());
  });

  it('says first whether it is over, what changed, and whether somebody must act', async () => {
    const text = plain(await page());
    expect(text).toContain('It is over.Changed by 2 calls on eipalloc-04c8e2a6f1b3d9570.You need not act.');
    expect(text.indexOf('It is over.')).toBeLessThan(text.indexOf('Before and after'));
  });

  it('has everything in the order of the questions', async () => {
    const headings = parsed(await page())
      .elements.filter(({ tagName }) => tagName === 'h2')
      .map(textOf);
    expect(headings).toEqual([
      'Verdict',
      'Before and after',
      'Timeline',
      'Evidence',
      'Plan',
      'Requests',
      'Undo',
      'Next',
      'Receipt of rehearsal',
      'To copy into the incident',
    ]);
  });

  it('tells evidence for and against, changes, reasons and undo lines', async () => {
    const text = plain(await page());
    expect(text).toContain('− against i-0a17c4e9b2d58f306 holder bad: status check instance: impaired');
    expect(text).toContain('+ for i-0b93e1f67a2c4d815 standbys good');
    expect(text).toContain('PrivateIpAddress10.0.1.1010.0.2.10');
    expect(text).toContain('because i-0a17c4e9b2d58f306 lost the address while it was failing');
    expect(text).toContain('Nothing in the ledger is in its way now.');
    expect(text).toContain('npx runbook undo 0b8f6d --dry-run --wait');
    expect(text).toContain(
      `aws ec2 delete-tags --cli-input-json '{"Resources":["i-0a17c4e9b2d58f306"],"Tags":[{"Key":"runbook:quarantined","Value":"2026-11-22T08:02:07.117Z"}]}'`,
    );
  });

  it('has links to the console, times in UTC, and what cannot be read', async () => {
    const html = await page({}, { details: () => Promise.reject(new Error('throttled')) });
    expect(html).toContain('href="https://eu-west-1.console.aws.amazon.com/ec2/home?region=eu-west-1#ElasticIpDetails');
    expect(html).toContain('<time datetime="2026-11-22T08:02:07.117Z">08:02:07Z</time>');
    expect(plain(html)).toContain('Cannot be read: details: Error: throttled');
    expect(plain(html)).toContain('Not all could be read: something may be in its way.');
    expectSound(html);
  });

  it('draws each kind of work in a row, and says the same in words', async () => {
    const { elements } = parsed(await page());
    const bars = elements.filter((one) => attribute(one, 'class')?.startsWith('bar ') === true);
    expect(bars.map((one) => attribute(one, 'class'))).toEqual([
      'bar detect',
      'bar detect',
      'bar act',
      'bar act',
      'bar act',
      'bar verify',
      'bar decide',
    ]);
    const described = elements.find(({ tagName }) => tagName === 'desc');
    expect(described === undefined ? '' : textOf(described)).toBe(
      'reassign-elastic-ip eipalloc-04c8e2a6f1b3d9570: done after 297 ms, detect 76 ms, decide, act 131 ms, verify 39 ms. The list below says the same with times.',
    );
  });

  it('tells of a run that is under way, and of one that left nothing', async () => {
    const held = state({ owner: '0b8f6d3e-5c41-4a7e-9d20-000000000005|x', until: '2026-11-22T08:10:00.000Z' });
    const running = await page({ records: [], resources: [held] });
    expectSound(running);
    expect(plain(running)).toContain('It is not over: the run is under way.');
    const report = await reportOf();
    const lost = reportPage(FRAME, { ...report, runs: [] });
    expectSound(lost);
  });

  it('says how the plan that waits is answered, and what a refusal needs', async () => {
    const waiting = await page({ records: [record({}, { ...MOVED, outcome: 'awaiting-approval' })] });
    expect(plain(waiting)).toContain('It is not over: it waits for a person.');
    expect(plain(waiting)).toContain(
      'You must answer: the plan below waits for your yes or no.npx runbook show 0b8f6d',
    );
    expect(plain(waiting)).toContain('Asked for; nobody has answered yet.');
    const off = { scope: 'all', reason: 'game day', by: 'kim', at: '2026-11-22T07:00:00.000Z' };
    const refused = await page({
      records: [record({}, { ...MOVED, outcome: 'refused', phases: [], reason: 'kill-switch: switched off' })],
      switches: [off],
    });
    expect(plain(refused)).toContain('The runbook refused to act.Nothing was changed; 2 calls on');
    expect(plain(refused)).toContain('npx runbook switch on');
    expectSound(refused);
  });

  it('knows that a run was taken back, by whom, and what came of it', async () => {
    const params = { action: 'move', to: 'eni-0a5d7c31e8f2b9046', privateIp: '10.0.1.10' };
    const run = 'cccc0000-0000-0000-0000-000000000001';
    const asked = {
      at: '2026-11-22T08:03:00.000Z',
      by: 'kim',
      what: 'run',
      scope: 'reassign-elastic-ip',
      reason: 'web-a is well',
      more: { target: ADDRESS, params, run },
    };
    const back = record({ run, at: '2026-11-22T08:03:05.000Z' });
    const text = plain(await page({ records: [record(), back], operations: [asked] }));
    expect(text).toContain('It is over, and was taken back.');
    expect(text).toContain(
      'The run that takes it back (cccc00): done; started by kim, 2026-11-22 08:03:00Z: web-a is well.',
    );
    const open = plain(await page({ operations: [asked] }));
    expect(open).toContain('It is not over: its undo has not ended, or not well.');
    const dry = { ...asked, more: { ...asked.more, dryRun: true } };
    expect(plain(await page({ operations: [dry] }))).toContain('It is over.');
  });
});

describe('what is hidden', () => {
  const body = { QueueUrl: 'q', MessageBody: 'the card is 4111' };
  const secret = record(
    {},
    {
      ...MOVED,
      evidence: { letter: { body: 'the card is 4111' } },
      plan: [
        { call: 'sqs:SendMessage', input: body, because: 'it is due', undo: { call: 'sqs:SendMessage', input: body } },
      ],
      commands: { undo: [`aws sqs send-message --message-body 'the card is 4111'`] },
    },
  );
  const details = () =>
    Promise.resolve([
      { at: '2026-11-22T08:02:07.000Z', kind: 'write' as const, name: 'sqs:SendMessage', input: body },
      {
        at: '2026-11-22T08:02:07.000Z',
        kind: 'write' as const,
        name: 'events:PutEvents',
        input: { Entries: [{ Detail: 'the card is 4111' }] },
      },
    ]);

  it('stays so', async () => {
    const html = await page({ records: [secret] }, { details });
    expect(html).not.toContain('4111');
    expect(plain(html)).toContain('(18 bytes; --show-data shows them)');
  });

  it('is shown to whoever asks for it', async () => {
    expect(reportPage(FRAME, await reportOf({ records: [secret] }, { details }, {}, true))).toContain('4111');
  });
});

describe('what is too much', () => {
  const LONG = 'x'.repeat(100_000);

  async function large(change: (report: Report) => Partial<Report>): Promise<string> {
    const report = await reportOf();
    return reportPage(FRAME, { ...report, ...change(report) });
  }

  it('is cut with a word', async () => {
    const html = await large(({ runs }) => ({ title: LONG, runs: runs.map((run) => ({ ...run, sentence: LONG })) }));
    expect(plain(html)).toContain(`${'x'.repeat(100)}… (98,800 characters left out)`);
    expect(Buffer.byteLength(html)).toBeLessThan(100_000);
    expectSound(html);
  });

  it('is counted where there are 3,000 requests', async () => {
    const call = { at: '2026-11-22T08:02:07.000Z', call: 'ec2:DescribeInstances', input: '' };
    const html = await large(() => ({
      calls: Array.from({ length: 3_000 }, () => ({ ...call, input: LONG.slice(0, 900) })),
    }));
    expect(plain(html)).toContain('3,000 requests and steps, 300 of them here');
    expect(plain(html)).toContain('2,700 requests between the first and the last left out');
    expect(Buffer.byteLength(html)).toBeLessThan(MOST_BYTES);
    expectSound(html);
  });

  it('never makes a page larger than it may be, whatever there is of it', async () => {
    const grown = (report: Report): Report => ({
      ...report,
      runs: Array.from({ length: 200 }, () => report.runs)
        .flat()
        .map((run) => ({ ...run, sentence: LONG, plan: Array.from({ length: 20 }, () => run.plan).flat() })),
      moments: Array.from({ length: 60 }, () => report.moments)
        .flat()
        .map((one) => ({ ...one, text: LONG })),
      unread: Array.from({ length: 500 }, () => LONG),
    });
    const report = await reportOf();
    const html = reportPage(FRAME, grown(report));
    expect(Buffer.byteLength(html)).toBeLessThan(MOST_BYTES);
    expectSound(html);
    const many = Array.from({ length: 8 }, (_one, index) => ({ ...grown(report), id: `run-${index}` }));
    const index = indexPage(FRAME, 'many', 'very many', many);
    expect(Buffer.byteLength(index)).toBeLessThan(MOST_BYTES_OF_SEVERAL);
    expectSound(index);
  });
});

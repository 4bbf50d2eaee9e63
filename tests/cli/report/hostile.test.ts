/** Whatever AWS or a person has written becomes text: no tag, no attribute, no link and no Markdown can be made by it. */

import { array, assert, constantFrom, oneof, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escaped } from '../../../cli/report/html.ts';
import { codeSpan, markdownText, markdownTimeline } from '../../../cli/report/markdown.ts';
import { WHOLE_ROOM } from '../../../cli/report/cut.ts';
import { reportPage } from '../../../cli/report/page.ts';
import type { Report } from '../../../cli/report/report.ts';
import { printable } from '../../../shared/kernel/printable.ts';
import { attribute, parsed, reportOf } from './reports.ts';

const PIECES = [
  '<script>alert(1)</script>',
  '</pre></details><img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  "' onmouseover='alert(1)",
  '</style><style>*{display:none}',
  '</title></head><body onload=alert(1)>',
  '<!-- ',
  ' -->',
  ']]>',
  '&lt;b&gt;',
  '&#x3c;b&#x3e;',
  'javascript:alert(1)',
  'data:text/html,<b>',
  'https://evil.example/?"onclick="x',
  '\u202e\u2066',
  '\u0000\u001b[31m\u009b5m',
  '\u200b\u00ad\ufeff',
  '\ud800',
  '\udc00',
  '`code``',
  '**bold** _it_ ~~no~~ | cell |',
  '[link](https://evil.example)',
  '![x](https://evil.example/x.png)',
  '@everyone #12',
  '\\',
  '$x$',
];

const hostile = array(oneof(constantFrom(...PIECES), string({ unit: 'binary', maxLength: 12 })), {
  minLength: 1,
  maxLength: 6,
})
  // What is no single line, or none at all, changes which parts a page has; it has tests of its own.
  .map((pieces) => `x${pieces.join('').replaceAll(/[\n\r]/gu, ' ')}x`);

/** The report with this text wherever text from outside may stand. */
function withText(report: Report, text: string): Report {
  return {
    ...report,
    title: text,
    subtitle: text,
    where: [[text, text]],
    verdict: { ...report.verdict, over: text, changed: text, act: text, line: text },
    runs: report.runs.map((run) => ({
      ...run,
      runbook: text,
      run: text,
      target: text,
      at: text,
      outcome: text,
      code: text,
      sentence: text,
      phases: run.phases.map((phase) => ({ ...phase, name: text })),
      changes: [{ of: text, what: text, before: text, after: text }],
      candidates: [{ of: text, id: text, isFor: true, why: text }],
      evidence: { [text]: { [text]: [text] } },
      cut: { [text]: 1 },
      plan: [{ call: text, input: text, because: text, undo: text }],
      undo: { target: text, request: text, ask: text, lines: [text], hindrances: [text] },
    })),
    others: [text],
    moments: report.moments.map((one) => ({ ...one, target: text, text, because: text })),
    calls: [{ at: text, call: text, input: text, error: text }],
    next: text,
    approval: text,
    links: [text],
    receipt: { ran: text, rehearsed: text, drills: [{ name: text, title: text, explored: text, isExplored: false }] },
    unread: [text],
    faults: [text],
  };
}

function pageWith(report: Report, text: string): string {
  return reportPage({ title: text, kind: text, place: text, footer: text }, withText(report, text));
}

/** Every element with the names of its attributes, and every value that is obeyed rather than shown. */
function skeleton(page: string): readonly string[] {
  return parsed(page).elements.map((one) => {
    const names = one.attrs.map(({ name }) => name).join(' ');
    const obeyed = ['href', 'id', 'class', 'role', 'content', 'http-equiv', 'fill'].map(
      (name) => attribute(one, name) ?? '',
    );
    return `${one.tagName} ${names} ${obeyed.join(' ')}`;
  });
}

describe('text from outside', () => {
  it('changes nothing of a page but its text', async () => {
    const report = await reportOf();
    const calm = skeleton(pageWith(report, 'xx'));
    assert(
      property(hostile, (text) => {
        const page = pageWith(report, text);
        expect(skeleton(page)).toEqual(calm);
        expect(printable(page)).toBe(page);
      }),
      { numRuns: 150 },
    );
  });

  it('is read by a browser as it was written, made printable', () => {
    assert(
      property(hostile, (text) => {
        const { elements } = parsed(
          `<!doctype html><html lang="en"><head><title>${escaped(text)}</title></head></html>`,
        );
        const title = elements.find(({ tagName }) => tagName === 'title');
        const [child] = title?.childNodes ?? [];
        expect(child !== undefined && 'value' in child ? child.value : '').toBe(printable(text));
      }),
    );
  });

  it('leads nowhere but to a server that is asked over TLS', async () => {
    const report = await reportOf();
    const hrefs = (link: string): readonly string[] =>
      parsed(
        reportPage({ title: 't', kind: 'k', place: 'p', footer: 'f' }, { ...report, links: [link] }),
      ).elements.flatMap((one) => attribute(one, 'href') ?? []);
    expect(hrefs('https://eu-west-1.console.aws.amazon.com/ec2/home')).toEqual([
      '#content',
      'https://eu-west-1.console.aws.amazon.com/ec2/home',
    ]);
    for (const link of [
      'javascript:alert(1)',
      'http://example.com',
      'https:///x',
      'data:text/html,x',
      '//x',
      'file:///etc/passwd',
    ])
      expect(hrefs(link)).toEqual(['#content']);
  });
});

describe('Markdown', () => {
  it.each([
    ['plain: words, 10.0.0.1 (eu-west-1)', 'plain: words, 10.0.0.1 (eu-west-1)'],
    ['*bold* _it_ ~~no~~', String.raw`\*bold\* \_it\_ \~\~no\~\~`],
    ['<b>&amp;</b> | [a](b)', String.raw`\<b>\&amp;\</b> \| \[a\](b)`],
    [String.raw`C:\n`, String.raw`C:\\n`],
    ['two\n# lines', 'two # lines'],
    ['ask @everyone', '`ask @everyone`'],
    ['see #12', '`see #12`'],
    ['https://evil.example', '`https://evil.example`'],
    ['a ` @b', '``a ` @b``'],
    ['`@b`', '`` `@b` ``'],
    ['\u202eabc', String.raw`\\u202eabc`],
  ])('%j is written %j', (text, written) => {
    expect(markdownText(text)).toBe(written);
  });

  it('fences code by more backticks than stand in it', () => {
    assert(
      property(string({ unit: constantFrom('`', 'a', ' '), minLength: 1 }), (text) => {
        const span = codeSpan(text);
        if (text.trim() === '') return;
        const [fence = ''] = /^`+/u.exec(span) ?? [];
        const inside = span.slice(fence.length, span.length - fence.length);
        expect(span.endsWith(fence)).toBe(true);
        expect([...inside.matchAll(/`+/gu)].every(([run]) => run.length !== fence.length)).toBe(true);
        expect(inside.trim()).toBe(text.trim());
      }),
    );
  });

  it('is one line for each moment, whatever stands in it', async () => {
    const report = await reportOf();
    const count = (text: string): number => markdownTimeline(withText(report, text), WHOLE_ROOM).split('\n').length;
    const calm = count('xx');
    assert(
      property(string({ unit: 'binary' }), (text) => {
        expect(count(`x${text}\nx`)).toBe(calm);
      }),
    );
  });
});

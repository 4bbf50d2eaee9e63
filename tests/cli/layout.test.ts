import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'fast-string-width';
import { describe, expect, it } from 'vitest';
import { clipped, indented, labelled } from '../../cli/layout.ts';
import { file, marked, REQUEST, run } from './terminal.ts';

function lines(text: string): readonly string[] {
  return text.split('\n');
}

describe('text behind a label', () => {
  it('hangs beside it where there is room', () => {
    expect(lines(labelled(['    x  '], 'one two three four five six', 30))).toEqual([
      '    x  one two three four five',
      '       six',
    ]);
  });

  it('stands below it where there is too little', () => {
    expect(lines(labelled(['    08:00:00  ec2:DescribeInstances '], 'Filters=none MaxResults=1000', 40))).toEqual([
      '    08:00:00 ec2:DescribeInstances',
      '      Filters=none MaxResults=1000',
    ]);
  });

  it('stands below it rather than that a word is broken', () => {
    expect(lines(labelled(['  address  '], 'eipalloc-04c8e2a6f1b3d9570aaaa it is', 40))).toEqual([
      '  address',
      '    eipalloc-04c8e2a6f1b3d9570aaaa it is',
    ]);
  });

  it('counts columns, not characters', () => {
    expect(lines(labelled(['  '], '健康健康健康健康健康 健康健康', 22))).toEqual([
      '  健康健康健康健康健康',
      '  健康健康',
    ]);
  });

  it('breaks a word that no line holds', () => {
    expect(lines(labelled([], 'a'.repeat(50), 20))).toEqual(['a'.repeat(20), 'a'.repeat(20), 'a'.repeat(10)]);
  });
});

describe('a terminal of any width', () => {
  it.each([20, 40, 60, 80])('has no line that is longer: %i columns', async (columns) => {
    const world = file('world.json', marked({ 'i-0a17c4e9b2d58f306': 'stop', 'i-0b2': 'guarded', 'i-0c3': 'broken' }));
    const argv = ['handle', file('event.json', REQUEST), '--world', world];
    for (const env of [{}, { NO_COLOR: '1' }]) {
      const { out } = await run(argv, { tty: true, columns, env });
      const pasted = /^ {4}aws /u;
      const long = lines(stripVTControlCharacters(out)).filter(
        (line) => !pasted.test(line) && stringWidth(line) > columns,
      );
      expect(long).toEqual([]);
      expect(out.includes('\u001b')).toBe(!('NO_COLOR' in env));
    }
  });

  it('has lines to be pasted unbroken', async () => {
    const world = file('world.json', marked({ 'i-0a17c4e9b2d58f306': 'stop' }));
    const { out } = await run(['handle', file('event.json', REQUEST), '--world', world], { tty: true, columns: 40 });
    expect(out).toContain(`\n    aws ec2 start-instances --cli-input-json '{"InstanceIds":["i-0a17c4e9b2d58f306"]}'\n`);
  });

  it('has help that keeps to it', async () => {
    for (const argv of [['--help'], ['handle', '--help'], ['drill', '--help'], ['list']]) {
      const { out } = await run(argv, { tty: true, columns: 40, env: { NO_COLOR: '1' } });
      expect(lines(out).filter((line) => line.length > 40)).toEqual([]);
    }
  });
});

describe('a text that is a whole file', () => {
  const long = 60_000;

  it.each([
    ['a word', 'x'.repeat(long)],
    ['blanks', ' '.repeat(long)],
    ['words', 'x '.repeat(long / 2)],
    ['marks on one letter', `e${'\u0301'.repeat(long)}`],
  ])('is laid out in one pass: %s', (_what, text) => {
    // Each of these took a minute, or did not end, where a line was measured anew at every character.
    for (const width of [20, 80, 100_000]) {
      expect(indented(2, text, width).join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      expect(labelled(['  ', 'label '], text, width)).toContain('label');
      expect(stringWidth(clipped(text, width))).toBeLessThanOrEqual(width);
    }
  });

  it('is broken where it must be, and keeps every character', () => {
    const text = 'ab漢字'.repeat(100);
    const broken = indented(2, text, 9);
    expect(broken.map((line) => line.slice(2)).join('')).toBe(text);
    expect(Math.max(...broken.map((line) => stringWidth(line)))).toBe(9);
  });

  it('is clipped behind the last character that there is room for', () => {
    expect(clipped('abcdef', 6)).toBe('abcdef');
    expect(clipped('abcdefg', 6)).toBe('abcde…');
    expect(clipped('漢字漢字', 6)).toBe('漢字…');
    expect(clipped('ab \n  cdefgh', 6)).toBe('ab cd…');
  });
});

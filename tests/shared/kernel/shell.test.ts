import { execFileSync } from 'node:child_process';
import { array, assert, constantFrom, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable } from '../../../shared/kernel/printable.ts';
import { commandLine, shellLine, shellWord } from '../../../shared/kernel/shell.ts';

/** The shells there are on most systems: the one in which people type, and the one that knows nothing but POSIX. */
const SHELLS = ['bash', 'dash'];

/** What a real shell hands over for a line of words. */
function handedOver(words: readonly string[], shell = 'sh'): readonly string[] {
  const line = shellLine('printf', String.raw`%s\0`, ...words);
  return execFileSync(shell, ['-c', line], { encoding: 'utf8', cwd: '/' }).split('\0').slice(0, -1);
}

const HOSTILE = [
  'plain-name_1.2:3/4@5,6+7%8',
  '',
  "it's",
  'a b',
  '$(touch PWNED)',
  '`touch PWNED`',
  'db;touch${IFS}PWNED;#',
  'a\nb',
  String.raw`back\slash \n \u202e`,
  '100% %s %n',
  '~root',
  '=ls',
  '#comment',
  '!history',
  '-n',
  'a"b',
  '*',
  '\u001b[2J\u009b5m\u202eabc\u200b\u0007',
  'тест 健康',
  '-\u202e',
  '--\u202e',
  '-v x\u0007',
  '%s\u200b\\0',
  'ends\n',
  '\n',
  '\n\n\n',
  'ends\u202e\n',
  '\u202e\n\n',
  '-\u0007\n',
  "it's\u0007'\n",
];

describe('a word for the shell', () => {
  it.each([
    ['db', 'db'],
    ['', "''"],
    ["it's", String.raw`'it'\''s'`],
    ['a;b', "'a;b'"],
    ['a\u202eb', String.raw`"$(printf -- 'a\342\200\256b')"`],
    ["50%\u0007it's", String.raw`"$(printf -- '50%%\007it'\''s')"`],
    ['-\u202e', String.raw`"$(printf -- '-\342\200\256')"`],
    ['a\n\u202e\n', `${String.raw`"$(printf -- 'a\012\342\200\256')"`}'\n'`],
  ])('%j is written %s', (text, word) => {
    expect(shellWord(text)).toBe(word);
  });

  it.each(SHELLS)('is handed over as it is by %s, whatever is in it', (shell) => {
    expect(handedOver(HOSTILE, shell)).toEqual(HOSTILE);
  });

  it('is handed over as it is, tried with many', () => {
    const unit = constantFrom(
      ...Array.from('ab-$`\'"\\;&|<>()*?[]#~=%!{}\n \r\t\u001b\u009b\u00ad\u200b\u202e\ufeff🙂健\u{e0041}'),
    );
    assert(
      property(array(string({ unit }), { minLength: 20, maxLength: 40 }), (words) => {
        expect(handedOver(words)).toEqual(words);
      }),
      { numRuns: 25 },
    );
  });

  it('shows as itself', () => {
    for (const text of HOSTILE) expect(printable(shellWord(text))).toBe(shellWord(text));
  });
});

describe('commandLine', () => {
  it('is the AWS command line of the call', () => {
    expect(
      commandLine({ call: 'ec2:AssociateAddress', input: { AllocationId: 'eipalloc-1', NetworkInterfaceId: 'eni-2' } }),
    ).toBe(`aws ec2 associate-address --cli-input-json '{"AllocationId":"eipalloc-1","NetworkInterfaceId":"eni-2"}'`);
  });
  it('writes acronyms as the AWS command line does', () => {
    expect(commandLine({ call: 'wafv2:UpdateIPSet', input: {} })).toBe("aws wafv2 update-ip-set --cli-input-json '{}'");
  });
  it('has the name that the AWS command line knows a service by', () => {
    expect(commandLine({ call: 'elasticloadbalancing:RegisterTargets', input: {} })).toBe(
      "aws elbv2 register-targets --cli-input-json '{}'",
    );
  });
  it('survives a quote in a value', () => {
    expect(commandLine({ call: 'ec2:CreateTags', input: { Value: "it's" } })).toBe(
      String.raw`aws ec2 create-tags --cli-input-json '{"Value":"it'\''s"}'`,
    );
  });
});

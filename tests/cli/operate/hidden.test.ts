import { describe, expect, it } from 'vitest';
import type { Stack } from '../../../cli/operate/place.ts';
import { commandLine } from '../../../shared/kernel/shell.ts';
import { run, type Ran } from '../terminal.ts';
import { fakePlace, fakeStack, MOVED, NOW, record } from './fake-place.ts';

function show(argv: readonly string[], stacks: readonly Stack[]): Promise<Ran> {
  return run(['show', ...argv], { openPlace: () => Promise.resolve(fakePlace(stacks)) });
}

describe('show', () => {
  it('keeps what people have put into messages and machines to itself, unless it is asked for', async () => {
    const secret = record(
      {},
      {
        ...MOVED,
        evidence: { letters: [{ Body: 'SECRET-1', id: 'm-1' }], user_data: 'SECRET-2' },
        plan: [{ call: 'sqs:SendMessage', input: { QueueUrl: 'q', MessageBody: 'SECRET-3' }, because: 'it failed' }],
      },
    );
    const stack = fakeStack(
      { records: [secret] },
      {
        details: () =>
          Promise.resolve([
            { at: NOW, kind: 'read', name: 'ec2:DescribeInstanceAttribute', output: { UserData: 'SECRET-4' } },
          ]),
      },
    );
    for (const argv of [
      ['0b8f6d', '-v'],
      ['0b8f6d', '-v', '--json'],
    ]) {
      const { out } = await show(argv, [stack]);
      expect(out).not.toContain('SECRET');
      expect(out).toContain('(10 bytes; --show-data shows them)');
      expect((await show([...argv, '--show-data'], [stack])).out).toContain('SECRET-2');
    }
  });

  it.each(['UserData', 'user_data', 'MessageBody'])(
    'keeps %s of what takes a run back to itself, too',
    async (name) => {
      const call = 'ec2:ModifyInstanceAttribute';
      const before = { InstanceId: 'i-1', Deep: [{ [name]: 'SECRET "2"' }], [name]: 'SECRET "3"' };
      const input = { InstanceId: 'i-1', Deep: [{ [name]: 'SECRET "1"' }], [name]: 'SECRET "4"' };
      const first = { Body: 'SECRET 5', QueueUrl: 'q' };
      const held = record(
        {},
        {
          ...MOVED,
          plan: [
            { call, input, because: 'x', undo: { call, input: before } },
            { call: 'sqs:SendMessage', input: first, because: 'x' },
          ],
          commands: {
            undo: [
              commandLine({ call, input: before }),
              commandLine({ call, input: { InstanceId: 'i-1', Script: 'SECRET "3"' } }),
              commandLine({ call: 'ec2:DescribeInstances', input: {} }),
            ],
            undoRequest: { runbook: 'reassign-elastic-ip', params: { [name]: 'SECRET 6' } },
          },
        },
      );
      const stack = fakeStack({ records: [held] });
      const text = (await show(['0b8f6d'], [stack])).out;
      expect(text).not.toContain('SECRET');
      // Of the same length they are another all the same.
      expect(text).toContain(`i-1 ${name} (14 bytes; --show-data shows them) -> (14 bytes; --show-data shows them)`);
      expect(
        text.match(/^ {4}# what is hidden stands in this line: `show --show-data` shows it, of `handle` --json$/gmu),
      ).toHaveLength(2);
      expect(text).toContain("\n    aws ec2 describe-instances --cli-input-json '{}'\n");
      const json = (await show(['0b8f6d', '--json'], [stack])).out;
      expect(json).not.toContain('SECRET');
      expect(JSON.parse(json)).toMatchObject({
        records: [
          { plan: [{ undo: { input: { InstanceId: 'i-1' } } }, {}], changes: [{ what: 'Deep' }, { what: name }, {}] },
        ],
        undo: [{ ask: 'npx runbook undo 0b8f6d --dry-run --wait' }],
      });
      const all = await show(['0b8f6d', '--show-data'], [stack]);
      expect(all.out).toContain('SECRET');
      expect(all.out).not.toContain('# what is hidden');
    },
  );
});

import { describe, expect, it } from 'vitest';
import type { FreezeCommand } from '../../../functions/carry-volumes/decide.ts';
import { after, judge, planOf, words } from './plan-words.ts';
import { ago, leavingFacts, machine, settings, snapshot, volume } from './volume-facts.ts';

const DOCUMENT = 'freeze-data';
const labelled = [volume({ run: 'carry-volumes/i-old' })];

function command(script: FreezeCommand['script'], status: string, seconds: number): FreezeCommand {
  return { script, status, requestedAt: ago(seconds) };
}

function wishing(
  commands: readonly FreezeCommand[] | 'unread',
  change: Parameters<typeof leavingFacts>[0] = {},
): ReturnType<typeof leavingFacts> {
  return leavingFacts({
    volumes: labelled,
    settings: settings({ freezeDocument: DOCUMENT }),
    freeze: { document: DOCUMENT, commands },
    ...change,
  });
}

/** A look after this run sent a freeze that nobody has heard of since. */
function sentWithoutTrace(commands: readonly FreezeCommand[] | 'unread'): ReturnType<typeof leavingFacts> {
  return after(wishing(commands), judge(wishing([])));
}

function scripts(decision: ReturnType<typeof judge>): unknown[] {
  return planOf(decision).plan.flatMap(({ call, input }) => (call === 'ssm:SendCommand' ? [input['Parameters']] : []));
}

describe('an instance whose group wishes to freeze it', () => {
  it('keeps its volume, then is asked to freeze, and is not stopped yet', () => {
    const decision = judge(
      wishing([], {
        volumes: [
          volume({
            attachments: [
              {
                instanceId: 'i-old',
                device: '/dev/sdf',
                state: 'attached',
                deleteOnTermination: true,
                attachedAt: ago(900),
              },
            ],
          }),
        ],
      }),
    );
    expect(decision).toMatchObject({ code: 'freezing', more: true });
    expect(words(decision)).toEqual(['ModifyInstanceAttribute', 'CreateTags vol-1', 'SendCommand i-old']);
    expect(planOf(decision).plan[2]).toMatchObject({
      optional: true,
      input: {
        DocumentName: 'freeze-data',
        Parameters: { command: ['pre-script'] },
        TimeoutSeconds: 30,
        Comment: 'carry-volumes/i-old/pre-script',
      },
    });
  });

  it('is given a moment to freeze, but no more', () => {
    expect(judge(after(wishing([command('pre-script', 'InProgress', 19)]), judge(wishing([]))))).toMatchObject({
      code: 'freezing',
      plan: [{ call: 'autoscaling:RecordLifecycleActionHeartbeat' }],
    });
    expect(judge(wishing([command('pre-script', 'InProgress', 20)]))).toMatchObject({ code: 'thawing' });
  });

  it('is thawed with the set, which says that it was frozen', () => {
    const decision = judge(wishing([command('pre-script', 'Success', 29)]));
    expect(decision).toMatchObject({ code: 'frozen', more: true });
    expect(words(decision)).toEqual(['CreateSnapshots', 'SendCommand i-old']);
    expect(planOf(decision).plan[0]?.input['Description']).toBe('carry-volumes: i-old, file systems frozen');
    expect(scripts(decision)).toEqual([{ command: ['post-script'] }]);
  });

  it('does not count as frozen when its own timer may have ended it, or somebody thawed it', () => {
    const thawed = [command('pre-script', 'Success', 10), command('post-script', 'Success', 5)];
    for (const commands of [[command('pre-script', 'Success', 30), command('post-script', 'Success', 20)], thawed]) {
      const decision = judge(wishing(commands));
      expect(words(decision)).toEqual(['CreateSnapshots', 'StopInstances i-old']);
      expect(planOf(decision).plan[0]?.input['Description']).toBe('carry-volumes: i-old, still writing');
    }
  });

  it.each(['Failed', 'TimedOut', 'Cancelled', 'InProgress', 'Success'])(
    'is thawed before it is stopped, however its freeze ended: %s',
    (status) => {
      const decision = judge(wishing([command('pre-script', status, 60)]));
      expect(decision).toMatchObject({ code: 'thawing' });
      expect(words(decision)).toEqual(['SendCommand i-old']);
    },
  );

  it('is stopped once it is thawed; where that is not heard of, all the same', () => {
    const frozen = command('pre-script', 'Success', 60);
    const snapshots = [snapshot({ run: 'carry-volumes/i-old', startedAt: ago(40) })];
    const moving = after(
      wishing([frozen, command('post-script', 'InProgress', 14)], { snapshots }),
      judge(wishing([])),
    );
    expect(judge(moving)).toMatchObject({
      code: 'thawing',
      plan: [{ call: 'autoscaling:RecordLifecycleActionHeartbeat' }],
    });
    expect(words(judge(wishing([frozen, command('post-script', 'InProgress', 15)], { snapshots })))).toEqual([
      'StopInstances i-old',
    ]);
    expect(words(judge(wishing([frozen, command('post-script', 'Success', 3)], { snapshots })))).toEqual([
      'StopInstances i-old',
    ]);
  });

  it('is stopped without, where SSM knows nothing of it', () => {
    expect(words(judge(sentWithoutTrace([])))).toEqual(['CreateSnapshots', 'StopInstances i-old']);
  });

  it('is stopped without, where SSM does not answer; thawed first if it may be frozen', () => {
    expect(words(judge(wishing('unread')))).toEqual(['CreateSnapshots', 'StopInstances i-old']);
    const unheard = judge(sentWithoutTrace('unread'));
    expect(words(unheard)).toEqual(['SendCommand i-old']);
    const again = judge(after(sentWithoutTrace('unread'), unheard));
    expect(words(again)).toEqual(['SendCommand i-old']);
    expect(words(judge(after(sentWithoutTrace('unread'), again)))).toEqual(['CreateSnapshots', 'StopInstances i-old']);
  });

  it('is not frozen where no warm set is taken', () => {
    expect(words(judge(wishing([], { volumes: [volume({ type: 'st1', run: 'carry-volumes/i-old' })] })))).toEqual([
      'StopInstances i-old',
    ]);
    expect(
      words(judge(wishing([], { snapshots: [snapshot({ run: 'carry-volumes/i-old', startedAt: ago(120) })] }))),
    ).toEqual(['StopInstances i-old']);
  });

  it('is frozen before it is let go, where it cannot be stopped', () => {
    const spot = { machines: [machine('i-old', 'Terminating:Wait', { stoppable: false })] };
    expect(words(judge(wishing([], spot)))).toEqual(['SendCommand i-old']);
    const done = { ...spot, snapshots: [snapshot({ run: 'carry-volumes/i-old', startedAt: ago(40) })] };
    expect(
      words(judge(wishing([command('pre-script', 'Success', 50), command('post-script', 'Success', 20)], done))),
    ).toEqual(['CompleteLifecycleAction CONTINUE']);
  });
});

describe('an instance whose group wishes nothing', () => {
  it('is sent no command', () => {
    expect(words(judge(leavingFacts({ volumes: labelled })))).toEqual(['CreateSnapshots', 'StopInstances i-old']);
  });
});

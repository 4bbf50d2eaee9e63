/** A new kind of trigger is one file: `lamp-dark.ts` starts the toy runbook, and the kernel has not heard of it. */

import { describe, expect, test } from 'vitest';
import { stoppedEvent, tick, useToys, type Toy } from '../toy-runbook.ts';
import { sqsEvent } from './events.ts';
import { onLampDark } from './lamp-dark.ts';

const open = useToys();

function lamps(): Toy {
  return open(() => ({ triggers: [onLampDark(({ lamp }) => ({ only: String(lamp) }))] }));
}

function dark(detail: object): object {
  return stoppedEvent({
    time: '2026-11-22T08:00:00Z',
    source: 'toy.lamps',
    'detail-type': 'Lamp Dark',
    resources: [],
    detail,
  });
}

const REPORT = { lamp: '1', dark: '2026-11-22T08:00:00Z' };

describe('a trigger of its own', () => {
  test.each([
    ['its event', dark({ lamp: '1' })],
    ['its message', REPORT],
    ['its message in a queue', sqsEvent(REPORT)],
    ['its event in a queue', sqsEvent(dark({ lamp: '1' }))],
  ])('starts the runbook by %s', async (_form, event) => {
    expect(await lamps().give(event)).toMatchObject([{ outcome: 'done', reason: 'dark: the lamp is dark' }]);
  });

  test('is heard by its rule', () => {
    expect(lamps().handler.runbook.triggers).toMatchObject([
      { name: 'lamp-dark', pattern: { source: ['toy.lamps'], 'detail-type': ['Lamp Dark'] } },
    ]);
  });

  test.each([
    ['event', dark({ lamp: 'one' }), 'detail.lamp: expected the number of a lamp, found "one"'],
    ['message', { lamp: '1' }, 'dark: expected a time such as 2026-01-01T00:00:00Z, found nothing'],
  ])('takes a malformed %s for bad input', async (_form, event, line) => {
    const toy = lamps();
    await expect(toy.give(event)).rejects.toThrow(line);
    expect(toy.logged()).toMatchObject([{ outcome: 'failed', reason: `bad-input: ${line}` }]);
    expect(toy.sent).toEqual([]);
  });

  test.each([
    ['an instance', stoppedEvent()],
    ['a schedule', tick()],
  ])('leaves the event of %s alone', async (_name, event) => {
    expect(await lamps().give(event)).toMatchObject([
      { outcome: 'not-mine', reason: 'no-trigger: light-lamps is not started by this' },
    ]);
  });

  test('is what the runbook says that it reads', async () => {
    await expect(lamps().give({ runbook: 'light-lamps' })).rejects.toThrow(
      "expected an EventBridge event or a lamp's report, found keys runbook",
    );
  });
});

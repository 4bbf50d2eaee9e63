import { describe, expect, it } from 'vitest';
import { demandReadable, requestOf } from '../../../../cli/operate/acting/request.ts';
import { stopMarked } from '../../stop-marked.ts';

const TYPED = { runbook: 'stop-marked', params: [], dryRun: false };
const [ARN, CALLER] = ['arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1', 'kim'];

describe('a request', () => {
  it('has what was typed, and who asks', () => {
    expect(requestOf(TYPED, CALLER)).toEqual({ runbook: 'stop-marked', requestedBy: 'kim' });
    expect(requestOf({ ...TYPED, target: ARN, dryRun: true, reason: 'smoke test' }, CALLER)).toEqual({
      runbook: 'stop-marked',
      target: ARN,
      dryRun: true,
      reason: 'smoke test',
      requestedBy: 'kim',
    });
  });

  it.each([
    ['n=3', 3],
    ['n=-0.5', -0.5],
    ['n=true', true],
    ['n=[1,"a"]', [1, 'a']],
    ['n={"a":1}', { a: 1 }],
    ['n=', ''],
    ['n=null', 'null'],
    ['n="a"', '"a"'],
    ['n=203.0.113.7', '203.0.113.7'],
    ['n=10.0.0.0/8', '10.0.0.0/8'],
    ['n=[a', '[a'],
    ['n=a=b', 'a=b'],
    ['n=2026-11-22', '2026-11-22'],
  ])('reads a parameter as JSON where it is a number, a boolean, a list or an object: %s', (param, value) => {
    expect(requestOf({ ...TYPED, params: [param] }, CALLER)['params']).toEqual({ n: value });
  });

  it.each([
    [['a'], '--param a: expected KEY=VALUE'],
    [['=a'], '--param =a: expected KEY=VALUE'],
    [['a=1', 'a=2'], '--param a: is given twice; a list is written as a=[1,2]'],
  ])('is refused: %j', (params, message) => {
    expect(() => requestOf({ ...TYPED, params }, CALLER)).toThrow(message);
  });

  it.each([
    [['only=3'], 'stop-marked: --param only: expected string, found number 3'],
    [['other=x'], 'stop-marked: --param other: unknown key'],
  ])('is read by the runbook before it is sent: %j', (params, message) => {
    expect(() => demandReadable(requestOf({ ...TYPED, params }, CALLER), stopMarked())).toThrow(message);
  });

  it('is not for a runbook that no person starts', () => {
    const fn = stopMarked();
    const summary = { ...fn.summary, triggers: fn.summary.triggers.filter(({ name }) => name !== 'request') };
    expect(() => demandReadable(requestOf(TYPED, CALLER), { summary })).toThrow(/stop-marked/u);
    expect(() => demandReadable(requestOf(TYPED, CALLER), fn)).not.toThrow();
  });
});

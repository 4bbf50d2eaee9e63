import { describe, expect, it } from 'vitest';
import { checkFinal, checkResults, parseExpectation } from '../../rehearsal/expect.ts';
import { createClock } from '../../simulator/engine/clock.ts';
import { createWorld } from '../../simulator/engine/world.ts';
import type { SimulationResult } from '../../simulator/engine/run-types.ts';

const RESULT: SimulationResult['results'][number]['result'] = {
  runbook: 'carry-volumes',
  run: 'run-1',
  target: 'arn:aws:ec2:eu-west-1:111122223333:instance/i-1',
  outcome: 'done',
  reason: 'released: nobody writes',
  evidence: { rpoSeconds: 0, warmSet: 'crash-consistent' },
  plan: [],
  phases: [],
};
const RUN = {
  results: [{ invocation: 0, result: RESULT }],
  invocations: [
    {
      index: 0,
      runbook: 'carry-volumes',
      requestId: 'r',
      delivery: 0,
      event: {},
      startedAt: '',
      endedAt: '',
      ended: 'returned' as const,
    },
  ],
};

function faults(wanted: object): string[] {
  return checkResults(parseExpectation({ results: [{ runbook: 'carry-volumes', outcome: 'done', ...wanted }] }), RUN);
}

describe('an expected result', () => {
  it('is met by its code, the end of its target, and the members of the evidence it names', () => {
    expect(faults({ code: 'released', target: 'instance/i-1', evidence: { rpoSeconds: 0 } })).toEqual([]);
    expect(faults({ evidence: {} })).toEqual([]);
  });

  it('is missed by another value of the evidence, and both values are told', () => {
    expect(faults({ evidence: { warmSet: 'file systems frozen' } })).toEqual([
      'result 1: expected carry-volumes done with {"warmSet":"file systems frozen"}, found carry-volumes done on arn:aws:ec2:eu-west-1:111122223333:instance/i-1: released: nobody writes; warmSet "crash-consistent"',
    ]);
    expect(faults({ evidence: { absent: 1 } })[0]).toMatch(/; absent null$/u);
  });
});

describe('results of two runbooks', () => {
  const other = { ...RESULT, runbook: 'block-address', reason: 'blocked: x' };
  const run = { ...RUN, results: [RESULT, other].map((result) => ({ invocation: 0, result })) };
  const [volumes, block] = ['carry-volumes', 'block-address'].map((runbook) => ({ runbook, outcome: 'done' }));

  it('are told in either order, and each must be told', () => {
    expect(checkResults(parseExpectation({ results: [volumes, block] }), run)).toEqual([]);
    expect(checkResults(parseExpectation({ results: [block, volumes] }), run)).toEqual([]);
    expect(checkResults(parseExpectation({ results: [block] }), run)).toEqual([
      expect.stringMatching(/^result 2: expected none, found carry-volumes done on /u),
    ]);
    expect(checkResults(parseExpectation({ results: [block, block, volumes] }), run)).toEqual([
      'result 2: expected block-address done, found none',
    ]);
  });

  it('are of each in its order', () => {
    const twice = { ...run, results: [...run.results, { invocation: 0, result: { ...other, reason: 'extended: x' } }] };
    const of = (code: string): object => ({ ...block, code });
    expect(checkResults(parseExpectation({ results: [of('blocked'), of('extended'), volumes] }), twice)).toEqual([]);
    expect(checkResults(parseExpectation({ results: [of('extended'), of('blocked'), volumes] }), twice)).toHaveLength(
      2,
    );
  });
});

describe('an expected end', () => {
  const world = createWorld(
    { ec2: { Instances: [{ InstanceId: 'i-1', State: { Name: 'running' } }] } },
    {
      services: [],
      seed: 1,
      account: '111122223333',
      region: 'eu-west-1',
      clock: createClock(0),
      beside: { 'us-east-1': { ec2: { Instances: [{ InstanceId: 'i-2', State: { Name: 'stopped' } }] } } },
    },
  );
  const final = (path: string, value: unknown): string[] =>
    checkFinal(parseExpectation({ results: [], final: { [path]: value } }), world);

  it('is of the Region that its path names, else of home', () => {
    expect(final('ec2/Instances/i-1/State/Name', 'running')).toEqual([]);
    expect(final('regions/us-east-1/ec2/Instances/i-2/State/Name', 'stopped')).toEqual([]);
    expect(final('regions/us-east-1/ec2/Instances/i-2/State/Name', 'running')).toEqual([
      'regions/us-east-1/ec2/Instances/i-2/State/Name: expected "running", found "stopped"',
    ]);
    expect(final('regions/ap-south-1/ec2/Instances/i-2', { present: true })).toEqual([
      'regions/ap-south-1/ec2/Instances/i-2: expected a value, found none',
    ]);
  });

  it('is refused where it is of no collection, in whatever Region', () => {
    expect(() => final('regions/us-east-1/ec2/Instanzes/i-2', 1)).toThrow(
      'final["regions/us-east-1/ec2/Instanzes/i-2"]: ec2/Instanzes is no collection of a simulated service',
    );
  });
});

import { describe, expect, it } from 'vitest';
import { aboutQueues, ELASTICMQ_SCENARIOS } from '../../../conformance/elasticmq/play.ts';
import { playOnSimulator } from '../../../conformance/on-simulator.ts';

describe('the scenarios for ElasticMQ', () => {
  it('have names of their own', () => {
    expect(new Set(ELASTICMQ_SCENARIOS.map(({ name }) => name)).size).toBe(ELASTICMQ_SCENARIOS.length);
  });

  it('come to their end in the simulator, and move what is dead', async () => {
    const failures: string[] = [];
    const facts = new Map<string, unknown>();
    for (const scenario of ELASTICMQ_SCENARIOS) {
      const { notes, failure } = await playOnSimulator(scenario);
      if (failure !== undefined) failures.push(`${scenario.name}: ${failure}`);
      for (const { operation, label, answer } of notes)
        if (operation === 'fact' && 'output' in answer) facts.set(label, answer.output);
    }
    expect(failures).toEqual([]);
    expect(['all are back', 'all are there', 'it is told as cancelled'].map((name) => facts.get(name))).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('keep what SQS answers, and what several answers show together', () => {
    const note = (operation: string) => ({ operation, label: '1', answer: { output: {} } });
    const notes = ['sqs:SendMessage', 'tag:GetResources', 'fact'].map(note);
    const kept = aboutQueues({ scenario: 'one', notes, names: new Map() });
    expect(kept.notes.map(({ operation }) => operation)).toEqual(['sqs:SendMessage', 'fact']);
  });
});

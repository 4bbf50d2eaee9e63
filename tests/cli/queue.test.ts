/** A batch out of a runbook's own queue, given to `runbook handle` as it was pasted from a log. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ROOT } from '../../build/cloudformation.ts';
import { discoverFunctions } from '../../rehearsal/functions.ts';
import { file, run } from './terminal.ts';

const functions = await discoverFunctions(join(ROOT, 'functions'));
const WORLD = readFileSync(join(ROOT, 'drills/block-and-expire/world.json'), 'utf8');

const shownSchema = z.object({
  results: z.array(z.object({ runbook: z.string(), outcome: z.string(), reason: z.string() })),
});

async function handled(queue: string, bodies: readonly string[]) {
  const Records = bodies.map((body, index) => ({
    messageId: `0f3a6c1e-5b7d-4e21-9a40-1c2d3e4f5a0${index}`,
    body,
    attributes: { SentTimestamp: String(Date.parse('2026-11-22T08:00:00Z')), ApproximateReceiveCount: '1' },
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:eu-west-1:111122223333:${queue}`,
  }));
  return run(['handle', file('batch.json', { Records }), '--world', file('world.json', WORLD), '--json'], {
    functions,
  });
}

const GOOD = JSON.stringify({ runbook: 'block-address', params: { action: 'block', address: '198.51.100.9' } });
const FOREIGN = JSON.stringify({ runbook: 'move-mountains' });

describe('a batch out of a queue', () => {
  it('of a runbook’s own is taken as it came: each message has its own end, told once', async () => {
    const { code, out } = await handled('runbook-prod-block-address-requests', [GOOD, 'nope', FOREIGN]);
    expect(code).toBe(1);
    const { results } = shownSchema.parse(JSON.parse(out));
    expect(results.map(({ runbook, outcome, reason }) => `${runbook} ${outcome} ${reason.split(':')[0]}`)).toEqual([
      'block-address failed bad-input',
      'block-address done blocked',
      'publish-blocklist done published',
    ]);
  });

  it('of another is a person’s to correct: one bad record refuses it, before anything happens', async () => {
    const { code, out, err } = await handled('somebody-elses', [GOOD, 'nope']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('Records[1].body: expected a JSON document, found "nope"');
  });
});

import { describe, expect, it } from 'vitest';
import { catalogueOf } from '../../../rehearsal/worlds/catalogue.ts';
import {
  batchOf,
  drawnAt,
  formatSpot,
  parseSpot,
  seedOf,
  shrunk,
  worldsOf,
  type Drawn,
} from '../../../rehearsal/worlds/draw.ts';
import { parseWorld } from '../../../simulator/world/world-file.ts';

const worlds = worldsOf((await catalogueOf()).makers);
/** Every one of them has instances. */
const withInstances = worldsOf((await catalogueOf(['carry-volumes', 'reassign-elastic-ip'])).makers);

function instances({ case: { world } }: Drawn): number {
  return parseWorld(world).data['ec2']?.['Instances']?.length ?? 0;
}

describe('generated worlds', () => {
  it('are world files, every one', () => {
    for (const { case: one } of batchOf(worlds, 1, 0, 200)) expect(() => parseWorld(one.world)).not.toThrow();
  });

  it('are the same for the same seed, and others for another', () => {
    expect(batchOf(worlds, 5, 3, 4)).toEqual(batchOf(worlds, 5, 3, 4));
    expect(batchOf(worlds, 5, 3, 4)).not.toEqual(batchOf(worlds, 6, 3, 4));
    expect(batchOf(worlds, 5, 3, 4)).not.toEqual(batchOf(worlds, 5, 4, 4));
  });

  it('are of one runbook, or of all but those that are tried alone', () => {
    const seen = new Set(batchOf(worlds, 1, 0, 60).map(({ runbooks }) => runbooks.join(' ')));
    expect([...seen].toSorted()).toEqual([
      'carry-volumes',
      'carry-volumes prove-blocklist publish-blocklist block-address deny-networks reassign-elastic-ip',
      'heal-bastion',
      'prove-blocklist',
      'publish-blocklist block-address deny-networks',
      'reassign-elastic-ip',
      'receive-requests flush-caches',
      'redrive-dead-letters',
      'scale-hpc-fleet',
    ]);
  });

  it('have tags that nobody expects, and things that happen together', () => {
    const texts = batchOf(worlds, 1, 0, 150).map(({ case: one }) => JSON.stringify(one.world));
    for (const odd of ['$(touch pwned)', '健康', '"Value":""', "it's", '"Value":"-1"', 'a'.repeat(256)])
      expect(texts.filter((text) => text.includes(odd)).length).toBeGreaterThan(0);
    const together = batchOf(worlds, 1, 0, 120).filter(({ case: one }) => {
      const { script } = parseWorld(one.world);
      return script.some(({ afterMs }, index) => script.slice(index + 1).some((other) => other.afterMs === afterMs));
    });
    expect(together.length).toBeGreaterThan(20);
  });

  it('shrink to a small world in which the same is wrong, and are found again at its spot', async () => {
    const start = { batch: 0, path: '7' };
    const isWrong = (drawn: Drawn): Promise<boolean> => Promise.resolve(instances(drawn) >= 2);
    expect(instances(drawnAt(withInstances, 2, start))).toBeGreaterThanOrEqual(2);
    const spot = await shrunk(withInstances, { seed: 2, spot: start }, isWrong);
    const small = drawnAt(withInstances, 2, spot);
    expect(instances(small)).toBeLessThanOrEqual(3);
    expect(small.case.arrivals).toEqual([]);
    expect(parseWorld(small.case.world).script).toEqual([]);
    expect(small).toEqual(drawnAt(withInstances, 2, parseSpot(formatSpot(spot))));
  });

  it('stay as they are where whoever asks has had enough', async () => {
    const start = { batch: 1, path: '3' };
    expect(await shrunk(worlds, { seed: 2, spot: start }, () => Promise.resolve('enough'))).toEqual(start);
  });
});

describe('the spot of a world', () => {
  it('is written as one word, and read again', () => {
    expect(formatSpot({ batch: 3, path: '12:0:1' })).toBe('3/12:0:1');
    expect(parseSpot('3/12:0:1')).toEqual({ batch: 3, path: '12:0:1' });
  });

  it.each(['', '3', '3/', '/1', '3/a', '3/1:', '-1/2'])('is not %s', (text) => {
    expect(() => parseSpot(text)).toThrow('names no world: expected BATCH/PATH such as 3/12:0:1');
  });

  it('begins with the seed of the run, and is far from it in the next batch', () => {
    expect(seedOf(7, 0)).toBe(7);
    expect(new Set(Array.from({ length: 100 }, (_, batch) => seedOf(7, batch))).size).toBe(100);
  });
});

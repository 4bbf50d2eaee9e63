import { describe, expect, it } from 'vitest';
import { optionsOf } from '../../../conformance/recording/arguments.ts';
import { MAKEABLE } from '../../../conformance/recording/beginning.ts';
import { mayBeSent } from '../../../conformance/recording/kinds.ts';
import { actionsFor, listingLines, planned } from '../../../conformance/recording/listing.ts';
import { PLAYABLE, UNPLAYABLE } from '../../../conformance/recording/playable.ts';
import { sandboxAlias } from '../../../conformance/recording/sandbox.ts';
import { SCENARIOS } from '../../../conformance/scenarios/all.ts';
import { moveTaskScenarios } from '../../../conformance/scenarios/move-tasks.ts';

describe('the arguments', () => {
  it('mean every scenario where none is named, and nothing that was not said', () => {
    const options = optionsOf(['--aws']);
    expect(options.scenarios).toBe(PLAYABLE);
    expect(options).toMatchObject({ lists: false, isSure: false, cleans: false, account: undefined });
  });

  it('name scenarios, each once', () => {
    const name = 'a volume is created with its tags, and deleted';
    const { scenarios } = optionsOf(['--aws', '--scenario', name, '--scenario', name]);
    expect(scenarios.map((scenario) => scenario.name)).toEqual([name]);
  });

  it.each([
    [['--scenario', 'other'], 'there is none of this name'],
    [['--scenario', 'keys are described in whatever state they are'], 'a key cannot be deleted before seven days'],
    [['--account', '12'], 'an account has 12 digits'],
    [['--region', 'here'], 'that is no Region'],
    [['--clean', '--list'], 'one of them'],
    [['--clean', '--scenario', 'a volume is created with its tags, and deleted'], 'what all scenarios have left'],
    [['--write'], "Unknown option '--write'"],
  ])('%j are refused', (argv, message) => {
    expect(() => optionsOf(argv)).toThrow(message);
  });
});

describe('an account', () => {
  it.each(['sandbox', 'sandbox-eu', 'acme-sandbox'])('says that it is a sandbox by the alias %s', (alias) => {
    expect(sandboxAlias(['other', alias])).toBe(alias);
  });

  it.each(['sandboxes', 'acme-sandboxed', 'acmesandbox', 'no-sandbox-here', 'production'])(
    'does not by the alias %s',
    (alias) => {
      expect(sandboxAlias([alias])).toBeUndefined();
    },
  );

  it('does not without any', () => {
    expect(sandboxAlias([])).toBeUndefined();
  });
});

describe('the scenarios', () => {
  const not = UNPLAYABLE.flatMap(({ scenarios }) => scenarios);

  it('are each recorded, or not for a reason', () => {
    const told = [...PLAYABLE, ...not].map(({ name }) => name).toSorted();
    expect(told).toEqual([...SCENARIOS, ...moveTaskScenarios].map(({ name }) => name).toSorted());
    expect(UNPLAYABLE.filter(({ scenarios, because }) => scenarios.length === 0 || because === '')).toEqual([]);
  });

  it('that are recorded begin with what can be made', () => {
    const unmakeable = PLAYABLE.flatMap(({ name, seed }) =>
      Object.keys(seed)
        .filter((part) => ![...MAKEABLE].some((one) => one === part))
        .map((part) => `${name}: ${part}`),
    );
    expect(unmakeable).toEqual([]);
  });

  it('that are recorded ask for nothing that a recording does not send, and are listed with kinds, cost and permissions', async () => {
    const plans = await planned(PLAYABLE);
    const unknown = plans.flatMap(({ operations }) => operations.filter((operation) => !mayBeSent(operation)));
    expect(unknown).toEqual([]);
    const lines = listingLines(plans);
    const at = lines.indexOf('a volume is created with its tags, and deleted');
    expect(lines[at + 1]).toBe('    1 instance, 1 vpc, 2 subnet, 1 internet-gateway, 1 volume: at most $0.20');
    expect(actionsFor(plans)).toContain('ec2:TerminateInstances');
    expect(actionsFor(plans)).not.toContain('sqs:SendMessageBatch');
  });
});

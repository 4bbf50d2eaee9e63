import { describe, expect, it } from 'vitest';
import { limitVariable, readConfig, readLimits } from '../../../shared/kernel/config.ts';

const LIMITS = {
  maxAgeSeconds: 900,
  maxTargets: 50,
  cooldownSeconds: 300,
  maxActionsPerWindow: 4,
  windowSeconds: 3_600,
  maxLooks: 5,
  maxWaitSeconds: 60,
  maxCalls: 20,
};

describe('readConfig', () => {
  it('has a default for everything but the table', () => {
    expect(readConfig({})).toEqual({
      controlTable: '',
      outcomeBus: '',
      dryRun: false,
      mode: 'none',
      approval: 'never',
      approvalSeconds: 3_600,
    });
  });
  it('reads every setting', () => {
    const environment = {
      LEDGER_CONTROL_TABLE: 't',
      OUTCOME_BUS: 'b',
      RUNBOOK_DRY_RUN: 'true',
      RUNBOOK_MODE: 'apply',
      RUNBOOK_APPROVAL: 'always',
      RUNBOOK_APPROVAL_SECONDS: '60',
    };
    expect(readConfig(environment)).toEqual({
      controlTable: 't',
      outcomeBus: 'b',
      dryRun: true,
      mode: 'apply',
      approval: 'always',
      approvalSeconds: 60,
    });
  });
  it('reports everything wrong at once, by name and never by value', () => {
    const read = (): unknown =>
      readConfig({
        RUNBOOK_DRY_RUN: 'yes',
        RUNBOOK_MODE: 'act',
        RUNBOOK_APPROVAL: 's3cret',
        RUNBOOK_APPROVAL_SECONDS: '-1',
      });
    expect(read).toThrow(
      'configuration: RUNBOOK_DRY_RUN: expected false or true; RUNBOOK_MODE: expected none or plan or apply; RUNBOOK_APPROVAL: expected never or always; RUNBOOK_APPROVAL_SECONDS: expected a whole number, not negative',
    );
    expect(read).not.toThrow(/s3cret/u);
  });
});

describe('readLimits', () => {
  it('names a variable for each limit', () => {
    expect(limitVariable('maxActionsPerWindow')).toBe('LIMIT_MAX_ACTIONS_PER_WINDOW');
  });
  it('overrides one limit and leaves the rest', () => {
    expect(readLimits(LIMITS, { LIMIT_COOLDOWN_SECONDS: '60', PATH: '/bin' })).toEqual({
      ...LIMITS,
      cooldownSeconds: 60,
    });
  });
  it('refuses a variable that names no limit: a typing slip must not lift a guard', () => {
    expect(() => readLimits(LIMITS, { LIMIT_COOL_DOWN_SECONDS: '60' })).toThrow(
      'LIMIT_COOL_DOWN_SECONDS: no such limit',
    );
  });
  it('refuses more actions than the ledger keeps', () => {
    expect(() => readLimits(LIMITS, { LIMIT_MAX_ACTIONS_PER_WINDOW: '9' })).toThrow(
      'LIMIT_MAX_ACTIONS_PER_WINDOW: expected 1 to 8',
    );
  });
  it('refuses what is not a number', () => {
    expect(() => readLimits(LIMITS, { LIMIT_MAX_LOOKS: '' })).toThrow('LIMIT_MAX_LOOKS: expected a whole number');
  });
});

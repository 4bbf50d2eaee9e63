import { LifecycleState } from '@aws-sdk/client-auto-scaling';
import { describe, expect, it } from 'vitest';
import { isArrivingState, isEndingState, isLeavingState, isServingState } from '../../../shared/judgement/lifecycle.ts';

/** As a future AWS may word it: each begins like a state that is known. */
const UNKNOWN = [
  'InServiceSoon',
  'Pending:Checked',
  'Terminating:Postponed',
  'Terminatable',
  'Warmed:Terminable',
  'inservice',
  '',
];

const ALL = [...Object.values(LifecycleState), ...UNKNOWN];

describe('the state of a member', () => {
  it.each([
    ['arriving', isArrivingState, ['Pending', 'Pending:Proceed', 'Pending:Wait']],
    ['serving', isServingState, ['InService', 'Pending', 'Pending:Proceed', 'Pending:Wait']],
    [
      'being ended',
      isEndingState,
      [
        'Terminated',
        'Terminating',
        'Terminating:Proceed',
        'Terminating:Wait',
        'Warmed:Terminated',
        'Warmed:Terminating',
        'Warmed:Terminating:Proceed',
        'Warmed:Terminating:Wait',
      ],
    ],
    [
      'leaving',
      isLeavingState,
      [
        'Terminated',
        'Terminating',
        'Terminating:Proceed',
        'Terminating:Retained',
        'Terminating:Wait',
        'Warmed:Terminated',
        'Warmed:Terminating',
        'Warmed:Terminating:Proceed',
        'Warmed:Terminating:Retained',
        'Warmed:Terminating:Wait',
      ],
    ],
  ] as const)(
    'is %s in these alone, of all that AWS prints and of what it may print one day',
    (_what, is, expected) => {
      expect(ALL.filter(is).toSorted()).toEqual(expected);
    },
  );
});

/** The small runbook in two Regions: what faults may change is what they may of the one at home. */

export { RULES } from '../recycle-instances/rules.ts';

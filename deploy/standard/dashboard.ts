/**
 * The dashboard of a stack, for whoever has asked for it (`--param dashboard=yes`): which alarms ring, what runs came to, whether schedules
 * tick, what Lambda says of the functions. It is drawn from the names in the code: a metric or an alarm that comes stands on it by itself.
 */

import { METRIC_NAMESPACE } from '../../shared/kernel/report/telemetry.ts';
import { PREFIX, sub, type Resources } from './cloudformation.ts';

/** CloudWatch's grid has so many columns. Source: "Dashboard body structure and syntax", `width`: 1 to 24. */
const COLUMNS = 24;
const HALF = COLUMNS / 2;
const ROWS = 6;
/** Five minutes: a point for each tick of the slowest brisk schedule. */
const PERIOD = 300;
/** Links lead nowhere that a person on call would have to find first. */
const HEADER = [
  `# ${PREFIX}`,
  'Is it over, what changed, must you act: `npx runbook status`. Why: `npx runbook show RUN`. Before you need it: `npx runbook doctor`.',
].join('\n');

/** A widget in the terms of CloudWatch. */
interface Widget {
  readonly type: 'text' | 'alarm' | 'metric';
  readonly height: number;
  readonly width: number;
  readonly properties: object;
}

/** A search over metrics: whatever of these names there is, a line each. */
interface Search {
  readonly title: string;
  readonly search: string;
  readonly stat?: string;
}

/** Names joined as CloudWatch's search takes them. */
function anyOf(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(' OR ');
}

/** Metrics of ours, by runbook. */
function ours(names: readonly string[]): string {
  return `{${METRIC_NAMESPACE},Stack,Runbook} Stack="${PREFIX}" MetricName=(${anyOf(names)})`;
}

/** Metrics of Lambda, of the functions of this stack alone: what else begins with the prefix is none of it. */
function ofLambda(name: string, runbooks: readonly string[]): string {
  const functions = runbooks.map((runbook) => `${PREFIX}-${runbook}`);
  return `{AWS/Lambda,FunctionName} MetricName="${name}" FunctionName=(${anyOf(functions)})`;
}

function graph({ title, search, stat = 'Sum' }: Search): Widget {
  return {
    type: 'metric',
    height: ROWS,
    width: HALF,
    properties: {
      title,
      view: 'timeSeries',
      stacked: false,
      region: '${AWS::Region}',
      metrics: [[{ expression: `SEARCH('${search}', '${stat}', ${PERIOD})`, id: 'e1' }]],
      yAxis: { left: { min: 0 } },
    },
  };
}

/** In rows from left to right, as each has room. */
function placed(widgets: readonly Widget[]): readonly object[] {
  let [x, y, height] = [0, 0, 0];
  return widgets.map((widget) => {
    if (x + widget.width > COLUMNS) [x, y, height] = [0, y + height, 0];
    const at = { ...widget, x, y };
    x += widget.width;
    height = Math.max(height, widget.height);
    return at;
  });
}

/** What stands on it. */
export interface Shown {
  readonly runbooks: readonly string[];
  /** Names of the stack's alarms, as the template has them. */
  readonly alarms: readonly string[];
  /** Metrics that runbooks have alarms of their own on. */
  readonly own: readonly string[];
}

/** What means something to a person, by the classes of alarms; what runs came to; the ticks. As the kernel names them. */
const COUNTERS = {
  wakes: ['Failed', 'LedgerLost', 'OutcomeNotPublished'],
  waits: ['Attention', 'BadInput', 'LeaseExpired'],
  came: ['Done', 'Refused', 'Failed'],
  ticks: ['Heartbeat'],
} as const;

/** Every counter that stands on the dashboard by its name. */
export const SHOWN_COUNTERS: readonly string[] = [...new Set(Object.values(COUNTERS).flat())];

/** The dashboard; its text is put together by CloudFormation, which knows account and Region. */
export function dashboard({ runbooks, alarms, own }: Shown): Resources {
  const alarmArns = alarms.map(
    (name) => `arn:\${AWS::Partition}:cloudwatch:\${AWS::Region}:\${AWS::AccountId}:alarm:${name}`,
  );
  const body = {
    widgets: placed([
      { type: 'text', height: 2, width: COLUMNS, properties: { markdown: HEADER } },
      {
        type: 'alarm',
        height: ROWS,
        width: COLUMNS,
        properties: { title: 'What rings', alarms: alarmArns, sortBy: 'stateUpdatedTimestamp' },
      },
      graph({ title: 'What wakes somebody, by runbook', search: ours(COUNTERS.wakes) }),
      graph({ title: 'What waits for the morning, by runbook', search: ours(COUNTERS.waits) }),
      graph({ title: 'What runs came to', search: ours(COUNTERS.came) }),
      graph({ title: 'Ticks of the schedules', search: ours(COUNTERS.ticks) }),
      ...(own.length === 0 ? [] : [graph({ title: 'What runbooks watch', search: ours(own), stat: 'Minimum' })]),
      graph({ title: 'Errors of the functions', search: ofLambda('Errors', runbooks) }),
      graph({ title: 'Throttles of the functions', search: ofLambda('Throttles', runbooks) }),
      graph({ title: 'How long they take, ms', search: ofLambda('Duration', runbooks), stat: 'Maximum' }),
    ]),
  };
  return {
    Dashboard: {
      Type: 'AWS::CloudWatch::Dashboard',
      Properties: { DashboardName: PREFIX, DashboardBody: sub(JSON.stringify(body)) },
    },
  };
}

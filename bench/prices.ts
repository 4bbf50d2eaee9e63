/**
 * What AWS charges where nothing happens, US dollars, us-east-1, without the free tiers: the pages named, as read on the date.
 * Regions differ by a few per cent; what is counted does not.
 */

/** The day on which the prices were read. */
export const PRICES_OF = '2026-11-28';

export const PRICES = {
  /** A metric that an alarm watches, a month; one on an expression pays for each. Source: Amazon CloudWatch pricing. */
  alarmMetric: 0.1,
  /** A metric of ours that has a value in every hour of the month. Source: as above. */
  customMetric: 0.3,
  /** A GB of log lines taken in; metrics are lines too. Source: as above. */
  logGigabyte: 0.5,
  /** A million requests to CloudWatch, DescribeAlarms among them. Source: as above. */
  cloudwatchMillion: 10,
  /** A million invocations. Source: AWS Lambda pricing. */
  invocationMillion: 0.2,
  /** A GB-second on arm64. Source: as above. */
  gigabyteSecond: 0.0000133334,
  /** A million durable operations: a start, a step, a wait. Source: as above. */
  durableMillion: 8,
  /** A million read units of up to 4 KB, strongly consistent. Source: Amazon DynamoDB pricing, on demand. */
  readMillion: 0.125,
  /** A million write units of up to 1 KB. Source: as above. */
  writeMillion: 0.625,
  /** A million invocations by EventBridge Scheduler. Source: Amazon EventBridge pricing. */
  scheduleMillion: 1,
  /** A key of one's own, a month. Source: AWS Key Management Service pricing. */
  key: 1,
} as const;

/** What can happen to one request to a cloud; `throttled` and `rejected` are its answers. */
export const cloudFaults = [
  'none',
  'slow',
  'throttled',
  'rejected',
  'fail-before',
  'fail-after',
  'hang',
  'kill-before',
  'kill-after',
  'pause-before',
  'pause-after',
] as const;
export type CloudFault = (typeof cloudFaults)[number];

export type CloudStep = 'restore' | 'ensure' | 'delete' | 'sweep';

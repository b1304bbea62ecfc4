import { afterAll, beforeAll, beforeEach, describe, onTestFailed } from 'vitest';
import { Fairlead, type FairleadOptions } from '../../../deploy/local-cluster/segment/fairlead.mjs';
import { bringLabTools, Lab, type LabOptions, whyNoLab } from '../../../deploy/local-cluster/segment/lab.mjs';
import { inBrackets } from './in-brackets.ts';

/** Why no lab can be had here. What it needs is brought first, where the tests are collected: building kube-proxy takes a minute. */
export const whyNoLabHere: string | undefined = whyNoLab() ?? (await bringLabTools());

export interface Running {
  readonly lab: Lab;
  readonly fairlead: Fairlead;
}

/** Both families in one pool: dual-stack Services take theirs from one. */
const pool = { name: 'lan', addresses: ['198.18.0.0/24', '2001:db8:18::1:0/112'] };

export interface DescribedLab extends LabOptions {
  readonly fairlead?: Partial<FairleadOptions>;
  /** What is to be done first. */
  readonly before?: () => void;
}

/** Tests that share a lab of their own with fairlead in it, skipped with the reason where none can be had. */
export function describeInLab(
  title: string,
  { fairlead: fairleadOptions, before, ...labOptions }: DescribedLab,
  body: (running: () => Running) => void,
): void {
  describe.skipIf(whyNoLabHere !== undefined)(`${title}${inBrackets(whyNoLabHere)}`, () => {
    let lab: Lab | undefined;
    let fairlead: Fairlead | undefined;
    beforeAll(async () => {
      before?.();
      lab = await Lab.start(labOptions);
      fairlead = await Fairlead.start(lab, { config: { pools: [pool] }, ...fairleadOptions });
    });
    beforeEach(() =>
      onTestFailed(() => {
        process.stderr.write(fairlead?.logTails() ?? '');
      }),
    );
    afterAll(async () => {
      await fairlead?.stop();
      await lab?.stop();
    });
    body(() => {
      if (lab === undefined || fairlead === undefined) throw new Error('The lab has not started yet.');
      return { lab, fairlead };
    });
  });
}

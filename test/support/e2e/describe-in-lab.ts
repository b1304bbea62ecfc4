import { afterAll, beforeAll, beforeEach, describe, onTestFailed } from 'vitest';
import { Fairlead, type FairleadOptions } from '../../../deploy/local-cluster/segment/fairlead.mjs';
import { Lab, type LabOptions, whyNoLab } from '../../../deploy/local-cluster/segment/lab.mjs';

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
  const why = whyNoLab();
  describe.skipIf(why !== undefined)(`${title}${inBrackets(why)}`, () => {
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

/** The reason of a skip, as the end of a title: the list of what was skipped shows titles only. */
export function inBrackets(reason: string | undefined): string {
  return reason === undefined ? '' : ` (${reason})`;
}

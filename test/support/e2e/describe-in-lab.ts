import { afterAll, beforeAll, beforeEach, describe, onTestFailed } from 'vitest';
import { Fairlead, type FairleadOptions } from '../../../deploy/local-cluster/segment/fairlead.mjs';
import { Lab, type LabOptions, whyNoLab } from '../../../deploy/local-cluster/segment/lab.mjs';

export interface Running {
  readonly lab: Lab;
  readonly fairlead: Fairlead;
}

/** Both families in one pool: dual-stack Services take theirs from one. */
const pool = { name: 'lan', addresses: ['198.18.0.0/24', '2001:db8:18::1:0/112'] };

/** Tests that share a lab of their own with fairlead in it, skipped with the reason where none can be had. */
export function describeInLab(
  title: string,
  options: LabOptions & { readonly fairlead?: Partial<FairleadOptions> },
  body: (running: () => Running) => void,
): void {
  const { fairlead: fairleadOptions, ...labOptions } = options;
  const why = whyNoLab();
  describe.skipIf(why !== undefined)(`${title}${inBrackets(why)}`, () => {
    let lab: Lab | undefined;
    let fairlead: Fairlead | undefined;
    beforeAll(async () => {
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

import { afterAll, beforeAll, describe } from 'vitest';
import { Lab, type LabOptions, whyNoLab } from '../../../deploy/local-cluster/segment/lab.mjs';

/** Tests that share a lab of their own, skipped with the reason where none can be had. */
export function describeInLab(title: string, options: LabOptions, body: (lab: () => Lab) => void): void {
  const why = whyNoLab();
  describe.skipIf(why !== undefined)(`${title}${inBrackets(why)}`, () => {
    let lab: Lab | undefined;
    beforeAll(async () => {
      lab = await Lab.start(options);
    });
    afterAll(() => lab?.stop());
    body(() => {
      if (lab === undefined) throw new Error('The lab has not started yet.');
      return lab;
    });
  });
}

/** The reason of a skip, as the end of a title: the list of what was skipped shows titles only. */
export function inBrackets(reason: string | undefined): string {
  return reason === undefined ? '' : ` (${reason})`;
}

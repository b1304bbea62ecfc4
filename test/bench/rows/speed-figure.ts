import { type Figure, times } from '../figure.ts';
import { median, spread } from '../statistics.ts';

interface Speed {
  /** Services. */
  readonly perSecond: number;
}

export interface SpeedPair {
  readonly fairlead: Speed;
  readonly bare: Speed;
}

/** How fast a backlog is served, to the bare loop. */
export function speedFigure(figure: string, pairs: readonly SpeedPair[]): Figure {
  const ratios = pairs.map(({ fairlead, bare }) => fairlead.perSecond / bare.perSecond);
  const [least, most] = spread(ratios);
  const rate = (of: (pair: SpeedPair) => Speed): string =>
    `${median(pairs.map(pair => of(pair).perSecond)).toFixed(0)}/s`;
  return {
    figure,
    measured: times(median(ratios)),
    must: '≥ 0.80×',
    reached: median(ratios) >= 0.8,
    detail: `${rate(pair => pair.fairlead)} : ${rate(pair => pair.bare)}; ${times(least)}–${times(most)}`,
  };
}

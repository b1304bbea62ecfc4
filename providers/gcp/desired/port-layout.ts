import type { Warning } from '../../../src/provider/provider.ts';
import type { MixedMode, PortsMode, Scheme } from '../annotations/settings.ts';

export type RuleProtocol = 'TCP' | 'UDP' | 'L3_DEFAULT';

/** How the ports of a Service are put into forwarding rules, for one family. */
export type PortLayout =
  /** As many rules as it takes, each with at most five ports of one protocol. */
  | { readonly kind: 'list'; readonly ports: readonly ProtocolPorts[] }
  /** One rule for every port. */
  | { readonly kind: 'all'; readonly protocol: RuleProtocol };

export interface ProtocolPorts {
  readonly protocol: 'TCP' | 'UDP';
  /** Each once, ascending. */
  readonly ports: readonly number[];
}

export interface LayoutInput {
  readonly scheme: Scheme;
  readonly ports: readonly ProtocolPorts[];
  readonly portsMode: PortsMode;
  readonly mixedMode: MixedMode;
}

/** Of the API: https://cloud.google.com/load-balancing/docs/forwarding-rule-concepts#port_specifications */
export const mostPortsInRule = 5;

/**
 * Pure. Internal rules cannot share an address that nobody has reserved for that, so there is always one.
 *
 * | scheme   | protocols | ports of one | ports mode | mixed mode | →                         |
 * |----------|-----------|--------------|------------|------------|---------------------------|
 * | any      | one       | ≤ 5          | any        |            | one rule, listed          |
 * | external | one       | > 5          | rules      |            | several rules, listed     |
 * | external | one       | > 5          | all        |            | one rule, all ports       |
 * | internal | one       | > 5          | any        |            | one rule, all ports       |
 * | external | both      | ≤ 5          | any        | split      | one rule each, listed     |
 * | external | both      | > 5          | rules      | split      | several rules, listed     |
 * | external | both      | > 5          | all        | any        | one rule, everything (L3) |
 * | external | both      | any          | any        | l3         | one rule, everything (L3) |
 * | internal | both      | any          | any        | any        | one rule, everything (L3) |
 */
export function choosePortLayout({ scheme, ports, portsMode, mixedMode }: LayoutInput): PortLayout {
  const isMixed = ports.length > 1;
  const isMany = ports.some(one => one.ports.length > mostPortsInRule);
  const isOneRule =
    scheme === 'INTERNAL' ? isMixed || isMany : (isMixed && mixedMode === 'l3') || (isMany && portsMode === 'all');
  if (!isOneRule) return { kind: 'list', ports };
  const [only] = ports;
  return { kind: 'all', protocol: isMixed || only === undefined ? 'L3_DEFAULT' : only.protocol };
}

/** What was chosen, where there was a choice. Pure. */
export function layoutWarning({ scheme, ports }: LayoutInput, layout: PortLayout): Warning | undefined {
  const count = ports.reduce((sum, one) => sum + one.ports.length, 0);
  if (layout.kind === 'all') {
    const what = layout.protocol === 'L3_DEFAULT' ? 'all protocols and ports' : `all ports of ${layout.protocol}`;
    const why = scheme === 'INTERNAL' ? ', since internal rules do not share an address' : '';
    return warning(`one forwarding rule for ${what}${why}: the firewall lets in the ${count} of the Service`);
  }
  const rules = ports.reduce((sum, one) => sum + Math.ceil(one.ports.length / mostPortsInRule), 0);
  return rules > ports.length
    ? warning(
        `${count} ports are at least ${rules} forwarding rules on one address: a rule has at most ${mostPortsInRule}`,
      )
    : undefined;
}

function warning(message: string): Warning {
  return { reason: 'PortsInForwardingRules', message };
}

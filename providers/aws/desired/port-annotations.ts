import { printable } from '../../../src/provider/adapter/printable.ts';
import type { LoadBalancer, Warning } from '../../../src/provider/provider.ts';
import { annotationKey } from '../annotations/annotation-table.ts';
import type { Settings } from '../annotations/settings.ts';
import { isNamed, portList } from './choose-listeners.ts';

interface Input {
  readonly loadBalancer: Pick<LoadBalancer, 'listeners'>;
  readonly settings: Pick<Settings, 'proxyProtocol' | 'targetGroupAttributesOf'>;
}

/** Ports that the PROXY protocol is asked for and that the Service does not have: they would go without it in silence. Pure. */
export function portFaults({ loadBalancer: { listeners }, settings: { proxyProtocol } }: Input): readonly string[] {
  if (typeof proxyProtocol === 'string') return [];
  const unknown = proxyProtocol.ports.filter(name => !listeners.some(one => isNamed(one, name)));
  return unknown.map(
    name =>
      `${annotationKey('proxyProtocolPorts')}: the Service has no port ${printable(name)}: it has ${portList(listeners)}`,
  );
}

/** Attributes for ports that the Service does not have. Pure. */
export function annotationWarnings({ loadBalancer, settings }: Input): readonly Warning[] {
  const served = new Set(loadBalancer.listeners.map(({ port }) => String(port)));
  const idle = Object.keys(settings.targetGroupAttributesOf).filter(port => !served.has(port));
  if (idle.length === 0) return [];
  const keys = idle.map(port => `${annotationKey('targetGroupAttributes')}.${port}`);
  return [{ reason: 'AnnotationWithoutEffect', message: `${keys.join(', ')}: the Service has no such port` }];
}

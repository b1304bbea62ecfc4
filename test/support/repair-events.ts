interface Reported {
  readonly reportingComponent?: string;
  readonly source?: { readonly component?: string };
}

/**
 * Whether the API server says it of itself: it repairs cluster addresses and node ports, and tells so of a Service that is there before
 * its address or port is in the repair's cache, which happens on a machine under load
 * (kubernetes/pkg/registry/core/service, `ipallocator-repair-controller` and `portallocator-repair-controller`).
 */
export function isOfRepair({ reportingComponent, source }: Reported): boolean {
  return [reportingComponent, source?.component].some(name => name?.endsWith('allocator-repair-controller'));
}

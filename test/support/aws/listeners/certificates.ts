import type { Operation } from '../services/service.ts';
import { Refusal } from '../wire/refusal.ts';
import type { Account } from '../world/account.ts';
import type { Listener } from '../world/elb-model.ts';
import { listenerAt } from './lookup.ts';
import { checkCertificate, readCertificates } from './tls.ts';

/** Certificates beside the default one. */
export const addListenerCertificates: Operation = params => {
  const arn = params.required('ListenerArn');
  const certificates = readCertificates(params);
  if (certificates.length === 0) throw new Refusal('ValidationError', 'At least one certificate must be given');
  return account => {
    const listener = tlsListenerAt(account, arn);
    for (const certificate of certificates) checkCertificate(account, certificate);
    const added = new Set([...listener.furtherCertificates, ...certificates]);
    if (
      countOf(account, listener.loadBalancerArn) + added.size - listener.furtherCertificates.size >
      account.settings.quotas.certificatesPerLoadBalancer
    )
      throw new Refusal('TooManyCertificates', "You've reached the limit on the number of certificates");
    for (const certificate of added) listener.furtherCertificates.add(certificate);
    return { Certificates: certificates.map(CertificateArn => ({ CertificateArn, IsDefault: false })) };
  };
};

export const removeListenerCertificates: Operation = params => {
  const arn = params.required('ListenerArn');
  const certificates = readCertificates(params);
  return account => {
    const listener = tlsListenerAt(account, arn);
    if (certificates.includes(listener.certificate ?? ''))
      throw new Refusal('OperationNotPermitted', 'The default certificate cannot be removed');
    for (const certificate of certificates) listener.furtherCertificates.delete(certificate);
    return {};
  };
};

/** The default one too. */
export const describeListenerCertificates: Operation = params => {
  const arn = params.required('ListenerArn');
  params.within('PageSize', 1, 400);
  return account => {
    const listener = tlsListenerAt(account, arn);
    const further = [...listener.furtherCertificates].filter(certificate => certificate !== listener.certificate);
    return {
      Certificates: [
        { CertificateArn: listener.certificate, IsDefault: true },
        ...further.map(CertificateArn => ({ CertificateArn, IsDefault: false })),
      ],
    };
  };
};

function tlsListenerAt(account: Account, arn: string): Listener {
  const listener = listenerAt(account, arn);
  if (listener.protocol !== 'TLS')
    throw new Refusal('InvalidConfigurationRequest', `A ${listener.protocol} listener has no certificates`);
  return listener;
}

function countOf(account: Account, balancerArn: string): number {
  const listeners = account.listenersOf(balancerArn);
  return listeners.reduce((sum, { certificate, furtherCertificates }) => {
    return sum + furtherCertificates.size + (certificate === undefined ? 0 : 1);
  }, 0);
}

import type { Params } from '../wire/params.ts';
import { Refusal } from '../wire/refusal.ts';
import type { Account } from '../world/account.ts';
import type { ElbProtocol, Listener } from '../world/elb-model.ts';

export type Tls = Pick<Listener, 'certificate' | 'sslPolicy' | 'alpnPolicy'>;

/** Some of those that there are (DescribeSSLPolicies). */
const sslPolicies = [
  'ELBSecurityPolicy-2016-08',
  'ELBSecurityPolicy-TLS-1-2-2017-01',
  'ELBSecurityPolicy-TLS13-1-2-2021-06',
  'ELBSecurityPolicy-TLS13-1-2-Res-2021-06',
  'ELBSecurityPolicy-TLS13-1-3-2021-06',
];
const alpnPolicies = ['None', 'HTTP1Only', 'HTTP2Only', 'HTTP2Optional', 'HTTP2Preferred'];

export function readTls(params: Params): Tls {
  const certificates = readCertificates(params);
  const alpn = params.texts('AlpnPolicy') ?? [];
  if (certificates.length > 1)
    throw new Refusal('TooManyCertificates', 'Exactly one default certificate can be given with a listener');
  if (alpn.length > 1) throw new Refusal('ValidationError', 'Exactly one ALPN policy can be given');
  return { certificate: certificates[0], sslPolicy: params.optional('SslPolicy'), alpnPolicy: alpn[0] };
}

/** The ARNs of `Certificates`. */
export function readCertificates(params: Params): readonly string[] {
  return params.structs('Certificates', item => item.required('CertificateArn')) ?? [];
}

/** What is wanted over what there is. TLS cannot do without a certificate, the others have none of these. */
export function mergeTls(account: Account, protocol: ElbProtocol, wanted: Tls, present?: Tls): Tls {
  if (protocol !== 'TLS') {
    if (wanted.certificate !== undefined || wanted.sslPolicy !== undefined || wanted.alpnPolicy !== undefined)
      throw new Refusal(
        'InvalidConfigurationRequest',
        `A ${protocol} listener takes no certificate, SSL or ALPN policy`,
      );
    return { certificate: undefined, sslPolicy: undefined, alpnPolicy: undefined };
  }
  const certificate = wanted.certificate ?? present?.certificate;
  const sslPolicy = wanted.sslPolicy ?? present?.sslPolicy ?? 'ELBSecurityPolicy-2016-08';
  const alpnPolicy = wanted.alpnPolicy ?? present?.alpnPolicy;
  if (certificate === undefined)
    throw new Refusal('ValidationError', 'A certificate must be specified for TLS listeners');
  checkCertificate(account, certificate);
  if (!sslPolicies.includes(sslPolicy)) throw new Refusal('SSLPolicyNotFound', `SSL policy '${sslPolicy}' not found`);
  if (alpnPolicy !== undefined && !alpnPolicies.includes(alpnPolicy))
    throw new Refusal('ALPNPolicyNotFound', `ALPN policy '${alpnPolicy}' not found`);
  return { certificate, sslPolicy, alpnPolicy };
}

export function checkCertificate(account: Account, arn: string): void {
  if (!account.certificates.has(arn)) throw new Refusal('CertificateNotFound', `Certificate '${arn}' not found`);
}

import type { Service } from '../services/service.ts';
import type { Refusal } from './refusal.ts';
import { type Answer, xmlWriter } from './xml.ts';

const [elbXml, ec2Xml] = [xmlWriter('member'), xmlWriter('item')];

/** The two services wrap results and errors each in its own way. */
export function resultXml(service: Service, action: string, answer: Answer, requestId: string): string {
  const body =
    service.name === 'ec2'
      ? Object.entries({ requestId, ...answer }).map(([key, value]) => ec2Xml(key, value))
      : [elbXml(`${action}Result`, answer), elbXml('ResponseMetadata', { RequestId: requestId })];
  const namespace = `http://${service.name}.amazonaws.com/doc/${service.version}/`;
  return `<${action}Response xmlns="${namespace}">${body.join('')}</${action}Response>`;
}

export function errorXml(service: Service, refusal: Refusal, requestId: string): string {
  const error = { Code: refusal.code, Message: refusal.message };
  return service.name === 'ec2'
    ? ec2Xml('Response', { Errors: { Error: error }, RequestID: requestId })
    : elbXml('ErrorResponse', { Error: { Type: 'Sender', ...error }, RequestId: requestId });
}

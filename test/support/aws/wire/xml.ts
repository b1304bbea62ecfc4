/** What an operation answers. `undefined` is left out; the items of a list stand in `member` (ELBv2) or `item` (EC2). */
export type Answer = { readonly [name: string]: Xml };
export type Xml = string | number | boolean | undefined | readonly Xml[] | Answer;

export type XmlWriter = (name: string, value: Xml) => string;

/** `item`: the element of each item of a list. */
export function xmlWriter(item: 'member' | 'item'): XmlWriter {
  return function write(name, value) {
    if (value === undefined) return '';
    return `<${name}>${typeof value === 'object' ? fields(value).join('') : escapeXml(String(value))}</${name}>`;
  };

  function fields(value: readonly Xml[] | Answer): readonly string[] {
    const write = xmlWriter(item);
    if (isList(value)) return value.map(entry => write(item, entry));
    return Object.entries(value).map(([key, entry]) => write(key, entry));
  }
}

function isList(value: Xml): value is readonly Xml[] {
  return Array.isArray(value);
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/**
 * Keeps webhooks from being aimed at what only this machine or its network may reach (SSRF). A URL is
 * judged when a subscription is made, and every address again at the moment of connecting, so that a
 * name which later resolves to something else (DNS rebinding) is refused as well. Redirects are never
 * followed.
 */
import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

const closed = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // carrier-grade NAT
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local, cloud metadata
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarking
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, broadcast
] as const) {
  closed.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 127], // unspecified and loopback
  ['64:ff9b::', 96], // IPv4 behind NAT64
  ['64:ff9b:1::', 48], // the same, locally
  ['2001::', 32], // Teredo
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4
  ['fc00::', 7], // unique local
  ['fe80::', 10], // link-local
  ['fec0::', 10], // site-local
  ['ff00::', 8], // multicast
] as const) {
  closed.addSubnet(network, prefix, 'ipv6');
}

/** True for an address that only this machine or its network may reach. IPv4 in IPv6 counts as IPv4. */
export function isClosedAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return true;
  return closed.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** Why a URL cannot be the target of a webhook; null when it can, as far as one sees without asking. */
export function objectionToTarget(text: string, allowPrivate: boolean): string | null {
  if (!URL.canParse(text)) return 'expected a URL';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'expected an https:// URL';
  if (url.username !== '' || url.password !== '') {
    return 'expected a URL without user and password; deliveries are signed instead';
  }
  if (url.hash !== '') return 'expected a URL without a fragment';
  if (allowPrivate) return null;
  if (url.protocol !== 'https:') return 'expected https://, since events may tell of people';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const named = /(^|\.)(localhost|local|internal|localdomain)\.?$/i.test(host);
  if (named || (isIP(host) !== 0 && isClosedAddress(host))) {
    return 'expected a host on the public internet, found one of this machine or its network';
  }
  return null;
}

/** Refused at the moment of connecting. */
export class ClosedTarget extends Error {
  readonly code = 'CLOSED_TARGET';
}

/** A look-up for connections that gives no closed address, whatever a name resolves to. */
export const guardedLookup: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, found) => {
    if (error) return callback(error, '');
    const addresses = found as LookupAddress[];
    const shut = addresses.find(({ address }) => isClosedAddress(address));
    if (shut) {
      const message = `${host} resolves to ${shut.address}, which is of this machine or its network`;
      return callback(new ClosedTarget(message), '');
    }
    if (options.all) return callback(null, addresses);
    const [first] = addresses;
    if (first) callback(null, first.address, first.family);
    else callback(new Error(`${host} has no address`), '');
  });
};

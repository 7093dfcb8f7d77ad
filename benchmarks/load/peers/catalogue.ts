import type { Peer } from '../peer.ts';
import { caddy } from './caddy/peer.ts';
import { haproxy } from './haproxy/peer.ts';
import { nginx, nginxLargeBuffers } from './nginx/peer.ts';
import { createNodePeer } from './node-peer.ts';

/** Every proxy that rwwwrse is compared with, in the order of the table. */
export const PEERS: readonly Peer[] = [
  nginx,
  nginxLargeBuffers,
  haproxy,
  caddy,
  createNodePeer('http-proxy', ['http-proxy']),
  createNodePeer('fastify', ['fastify', '@fastify/http-proxy']),
];

import type { ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SegmentNode } from '../../../../deploy/local-cluster/segment/segment.mjs';

/** `https://host/path` is served by the upstream's address and port. The empty path is the rest of the host. */
export interface Route {
  readonly host: string;
  readonly path: string;
  readonly upstream: string;
}

export interface IngressProxy {
  readonly name: 'nginx' | 'haproxy';
  start(node: SegmentNode, dir: string, routes: readonly Route[], pem: ReadonlyMap<string, string>): ChildProcess;
}

/** The port on which a proxy listens, on every address of its node. */
export const httpsPort = 8443;

/** Both say in a header who they are, and hand on whom they saw. */
export const proxies: readonly IngressProxy[] = [
  {
    name: 'nginx',
    start(node, dir, routes, pem) {
      const file = join(dir, 'nginx.conf');
      mkdirSync(join(dir, 'tmp'), { recursive: true });
      writeFileSync(file, nginxConfig(dir, routes, pem));
      return node.namespace.spawn('nginx', ['-p', dir, '-c', file, '-e', 'stderr'], {
        stdio: ['ignore', 'inherit', 'inherit'],
      });
    },
  },
  {
    name: 'haproxy',
    start(node, dir, routes, pem) {
      const file = join(dir, 'haproxy.cfg');
      writeFileSync(file, haproxyConfig(routes, pem));
      return node.namespace.spawn('haproxy', ['-db', '-f', file], { stdio: ['ignore', 'inherit', 'inherit'] });
    },
  },
];

function nginxConfig(dir: string, routes: readonly Route[], pem: ReadonlyMap<string, string>): string {
  const tmp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const servers = [...pem].map(([host, file]) => {
    const locations = routes
      .filter(route => route.host === host)
      .map(({ path, upstream }) => `    location ${path || '/'} { proxy_pass http://${upstream}; }`);
    return `
  server {
    listen ${httpsPort} ssl;
    listen [::]:${httpsPort} ssl;
    server_name ${host};
    ssl_certificate ${file};
    ssl_certificate_key ${file};
${locations.join('\n')}
  }`;
  });
  return `daemon off;
user root;
worker_processes 1;
pid ${join(dir, 'nginx.pid')};
events {}
http {
  access_log off;
${tmp.map(name => `  ${name}_temp_path ${join(dir, 'tmp', name)};`).join('\n')}
  add_header x-proxy nginx always;
  proxy_set_header Host $host;
  proxy_set_header X-Forwarded-For $remote_addr;
${servers.join('\n')}
}
`;
}

function haproxyConfig(routes: readonly Route[], pem: ReadonlyMap<string, string>): string {
  const certificates = [...pem.values()].map(file => `crt ${file}`).join(' ');
  // The longest path first: the first rule that holds is taken.
  const ordered = routes.toSorted((a, b) => b.path.length - a.path.length);
  const rules = ordered.map(({ host, path }, index) => {
    const underPath = path === '' ? '' : ` { path_beg ${path} }`;
    return `  use_backend route-${index} if { hdr(host) -m beg -i ${host} }${underPath}`;
  });
  return `defaults
  mode http
  timeout connect 2s
  timeout client 10s
  timeout server 10s
frontend https
  bind 0.0.0.0:${httpsPort} ssl ${certificates}
  bind :::${httpsPort} v6only ssl ${certificates}
  option forwardfor
  http-response set-header x-proxy haproxy
${rules.join('\n')}
${ordered.map(({ upstream }, index) => `backend route-${index}\n  server pod ${upstream}`).join('\n')}
`;
}

/**
 * Configurations of the peers: nginx and Apache as libraries run them in front of publishers.
 * @module
 */
import { existsSync } from 'node:fs'

import { pageHost } from './corpus.ts'

/** What a configuration is made of. */
export interface ServerOptions {
  readonly folder: string
  readonly port: number
  readonly originPort: number
  readonly zoneHost: string
  readonly hosts: readonly string[]
}

const types = 'text/css text/javascript application/json'
const anyType = `text/html ${types}`

/** Both spellings of a protocol-relative URL, as a page and as a script write them. */
function replacements({ hosts, zoneHost }: ServerOptions): [from: string, to: string][] {
  return hosts.flatMap((host): [string, string][] => {
    const proxied = `${host.replaceAll('.', '-')}.${zoneHost}`
    return [
      [`//${host}`, `//${proxied}`],
      [`\\/\\/${host}`, `\\/\\/${proxied}`],
    ]
  })
}

/**
 * nginx; `mode` says what it does with bodies. Stock nginx inflates only for clients that take no
 * gzip, so that one who rewrites has two ways: to ask the origin for identity, or two hops.
 */
export function nginxConfig(
  options: ServerOptions,
  mode: 'identity' | 'pass' | 'two-hops',
): string {
  const { folder, port, originPort } = options
  const substitute = `sub_filter_once off; sub_filter_types ${types};
    ${replacements(options)
      .map(([from, to]) => `sub_filter '${doubled(from)}' '${doubled(to)}';`)
      .join('\n    ')}`
  const compress = `gzip on; gzip_comp_level 1; gzip_types ${types}; gzip_proxied any;`
  const ask = `proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host ${pageHost};
    proxy_max_temp_file_size 0;`
  const plain = 'proxy_set_header Accept-Encoding "";'
  const bodies = {
    pass: `proxy_pass http://origin; ${ask}`,
    identity: `proxy_pass http://origin; ${ask} ${plain} ${compress} ${substitute}`,
    'two-hops': `proxy_pass http://inner; ${ask} ${plain} ${compress}`,
  }
  const inner = `
  upstream inner { server unix:${folder}/inner-${port}.sock; keepalive 256; keepalive_requests 1000000; }
  server { listen unix:${folder}/inner-${port}.sock; location / {
    proxy_pass http://origin; ${ask} proxy_set_header Accept-Encoding gzip; gunzip on; ${substitute} } }`
  return `worker_processes 1; worker_rlimit_nofile 20000; daemon off; pid ${folder}/nginx-${port}.pid; error_log ${folder}/nginx-${port}.log crit;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 16384; }
http {
  access_log off; tcp_nodelay on; keepalive_requests 1000000; keepalive_timeout 300s;
  client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  upstream origin { server 127.0.0.1:${originPort}; keepalive 256; keepalive_requests 1000000; }
  server { listen 127.0.0.1:${port}; location / { ${bodies[mode]} } }
  ${mode === 'two-hops' ? inner : ''}
}
`
}

function doubled(text: string): string {
  return text.replaceAll('\\', '\\\\')
}

const modulesFolder = '/usr/lib/apache2/modules'
const modules =
  'mpm_event authz_core headers proxy proxy_http deflate filter substitute xml2enc proxy_html unixd setenvif'

/** Apache, which inflates, rewrites and deflates in one hop. */
export function apacheConfig(options: ServerOptions, mode: 'proxy-html' | 'substitute'): string {
  const { folder, port, originPort } = options
  const load = modules
    .split(' ')
    .filter((name) => existsSync(`${modulesFolder}/mod_${name}.so`))
    .map((name) => `LoadModule ${name}_module ${modulesFolder}/mod_${name}.so`)
  const substitute = replacements(options).map(
    ([from, to]) => `Substitute "s|${doubled(from)}|${doubled(to)}|nq"`,
  )
  return `ServerRoot ${folder}
ServerName localhost
PidFile ${folder}/apache-${port}.pid
ErrorLog ${folder}/apache-${port}.log
LogLevel crit
Listen 127.0.0.1:${port}
${load.join('\n')}
User www-data
Group www-data
Mutex file:${folder} default
StartServers 1
ThreadsPerChild 64
MaxRequestWorkers 64
ServerLimit 1
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 300
RequestHeader set Host ${pageHost}
ProxyPreserveHost On
DeflateCompressionLevel 1
SubstituteMaxLineLength 20m
<Location "/">
${mode === 'substitute' ? `${substitute.join('\n')}\nAddOutputFilterByType INFLATE;SUBSTITUTE;DEFLATE ${anyType}` : proxyHtml(options)}
</Location>
ProxyPass "/" "http://127.0.0.1:${originPort}/" keepalive=On
`
}

function proxyHtml({ hosts, zoneHost }: ServerOptions): string {
  const links = ['a href', 'link href', 'img src', 'script src', 'form action', 'iframe src']
  const maps = hosts.flatMap((host) =>
    ['http://', '//'].map(
      (start) => `ProxyHTMLURLMap ${start}${host} ${start}${host.replaceAll('.', '-')}.${zoneHost}`,
    ),
  )
  return `ProxyHTMLEnable On
ProxyHTMLExtended On
${links.map((link) => `ProxyHTMLLinks ${link}`).join('\n')}
${maps.join('\n')}
SetOutputFilter INFLATE;proxy-html;DEFLATE`
}

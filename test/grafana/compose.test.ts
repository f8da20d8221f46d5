/**
 * `compose.yaml` as far as it can be proved without a container engine: its shape, that what it mounts is
 * there, and that its ports, paths and names are those that the other files mean.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

import test from 'ava'
import { parse } from 'yaml'
import { z } from 'zod'

const root = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

/** Of the Compose Specification what stands here; anything else is a mistake until it is put here. */
const service = z.strictObject({
  image: z
    .string()
    .regex(/^[a-z]+(?:\/[a-z]+)?:v?\d[\w.-]*$/, 'a tag with a version')
    .optional(),
  build: z.literal('.').optional(),
  restart: z.literal('unless-stopped'),
  stop_grace_period: z
    .string()
    .regex(/^\d+s$/)
    .optional(),
  ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/)).optional(),
  environment: z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string()).optional(),
  command: z.array(z.string()).optional(),
  volumes: z.array(z.string().regex(/^[^:]+:\/[^:]+(?::ro)?$/)).optional(),
  healthcheck: z
    .strictObject({ test: z.array(z.string()), interval: z.string(), timeout: z.string() })
    .optional(),
  depends_on: z
    .union([
      z.array(z.string()),
      z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })),
    ])
    .optional(),
})

const compose = z
  .strictObject({
    services: z.record(z.string(), service),
    volumes: z.record(z.string(), z.null()),
  })
  .parse(parse(read('compose.yaml')))

const settings = parse(read('config/gateway.yaml')) as Record<string, unknown>
const { services } = compose

interface Mount {
  readonly from: string
  readonly to: string
  readonly isReadOnly: boolean
}

function mountsOf(name: string): Mount[] {
  return (services[name]?.volumes ?? []).map((text) => {
    const [from = '', to = '', mode] = text.split(':')
    return { from, to, isReadOnly: mode === 'ro' }
  })
}

/** What a path within a container is of this folder, by its narrowest mount; undefined without one. */
function hostPath(name: string, path: string): string | undefined {
  const [mount] = mountsOf(name)
    .filter(({ to }) => path === to || path.startsWith(`${to}/`))
    .toSorted((one, other) => other.to.length - one.to.length)
  return mount && join(root, mount.from, path.slice(mount.to.length))
}

function portOf(name: string): number {
  return Number(services[name]?.ports?.[0]?.split(':').at(-1))
}

test('each service has an image with a version or is built here, and depends on one that is there', (t) => {
  for (const [name, { image, build, depends_on: needs = [] }] of Object.entries(services)) {
    t.is(Number(image !== undefined) + Number(build !== undefined), 1, name)
    const names = Array.isArray(needs) ? needs : Object.keys(needs)
    t.true(
      names.every((each) => services[each] !== undefined),
      name,
    )
    if (Array.isArray(needs)) continue
    t.true(
      names.every((each) => services[each]?.healthcheck !== undefined),
      name,
    )
  }
})

test('what is mounted is there, read-only; volumes have names, and each is used', (t) => {
  const mounts = Object.keys(services).flatMap(mountsOf)
  for (const { from, isReadOnly } of mounts) {
    if (from.startsWith('./')) t.true(existsSync(join(root, from)) && isReadOnly, from)
    else t.true(Object.hasOwn(compose.volumes, from) && !isReadOnly, from)
  }
  for (const name of Object.keys(compose.volumes)) {
    t.true(
      mounts.some(({ from }) => from === name),
      name,
    )
  }
})

test('the gateway finds settings, rules and data where the image looks for them', (t) => {
  const image = read('Dockerfile')
  const [, folder = ''] = /^WORKDIR (\S+)$/m.exec(image) ?? []
  t.deepEqual(
    mountsOf('gateway').map(({ to }) => to),
    ['config', 'rules', 'data'].map((name) => `${folder}/${name}`),
  )
  const [, file = ''] = /"--config", "([^"]+)"\]$/m.exec(image) ?? []
  t.true(statSync(hostPath('gateway', `${folder}/${file}`) ?? '').isFile())
  t.regex(image, new RegExp(`^VOLUME ${folder}/data$`, 'm'))
  t.regex(image, new RegExp(`^EXPOSE ${portOf('gateway')}$`, 'm'))
  t.like(settings, { data: '../data', rules: '../rules', listen: { port: portOf('gateway') } })
})

test('the secrets that the settings take from the environment are handed in, and have no value here', (t) => {
  const environment = services['gateway']?.environment ?? {}
  const asked = [...read('config/gateway.yaml').matchAll(/^ *[^#\n]*\{ env: (\w+) \}/gm)]
  for (const [, name = ''] of asked) t.true(Object.hasOwn(environment, name), name)
  const secrets = Object.values(services)
    .flatMap(({ environment: own = {} }) => Object.entries(own))
    .filter(([name]) => /SECRET|PASSWORD/.test(name))
  t.true(secrets.length >= 2)
  t.true(secrets.every(([, value]) => /^\$\{\w+:\?[^}]+\}$/.test(value)))
})

test('Redis reads the file that is mounted, and keeps its data in the volume', (t) => {
  const file = hostPath('redis', services['redis']?.command?.[1] ?? '')
  t.is(file, join(root, 'config/redis.conf'))
  t.regex(read('config/redis.conf'), /^appendonly yes$/m)
  // Without a word of it that is the image's own folder.
  t.notRegex(read('config/redis.conf'), /^dir /m)
  t.true(mountsOf('redis').some(({ to }) => to === '/data'))
})

test('Prometheus has its files where the image looks for them, and scrapes the gateway’s port', (t) => {
  const file = hostPath('prometheus', '/etc/prometheus/prometheus.yml')
  const { rule_files: rules, scrape_configs: jobs } = parse(readFileSync(file ?? '', 'utf8')) as {
    rule_files: string[]
    scrape_configs: { static_configs: { targets: string[] }[] }[]
  }
  for (const each of rules)
    t.true(existsSync(hostPath('prometheus', `/etc/prometheus/${each}`) ?? ''))
  const targets = jobs.flatMap((job) => job.static_configs.flatMap((each) => each.targets))
  const { port } = settings['management'] as { port: number }
  t.deepEqual(targets, [`gateway:${port}`])
  t.true(read('Dockerfile').includes(`http://127.0.0.1:${port}/readyz`))
  t.is(portOf('prometheus'), 9090)
})

test('Grafana provisions from where it is mounted, and asks Prometheus at its address', (t) => {
  const provisioning = hostPath('grafana', '/etc/grafana/provisioning') ?? ''
  const yamlIn = (folder: string) =>
    readdirSync(join(provisioning, folder)).map(
      (name) => parse(readFileSync(join(provisioning, folder, name), 'utf8')) as object,
    )
  const [providers] = yamlIn('dashboards') as { providers: { options: { path: string } }[] }[]
  const [first] = providers?.providers ?? []
  t.true(
    readdirSync(hostPath('grafana', first?.options.path ?? '') ?? '').every((name) =>
      name.endsWith('.json'),
    ),
  )
  const [sources] = yamlIn('datasources') as { datasources: { url: string }[] }[]
  const variable = sources?.datasources[0]?.url.slice(1) ?? ''
  t.is(services['grafana']?.environment?.[variable], `http://prometheus:${portOf('prometheus')}`)
  const names = Object.keys(services['grafana']?.environment ?? {})
  t.true(names.every((name) => name === variable || name.startsWith('GF_')))
})

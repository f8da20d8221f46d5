/*
 * The browser's part of rewriting: addresses that a page puts together at run time are mapped where
 * they leave it, at the sinks of network and document. It makes pages work; it is no boundary.
 *
 * `table` stands before it: { script, zone, hosts, domains, subdomains, labels }. No name of it is
 * seen by pages, it does nothing when run twice, and it knows nothing of the reader.
 */
const scope = globalThis
const mark = Symbol.for('darbaza.shim')

// -- ways to stand between a page and its browser ----------------------------------------------

/** Replaces a method or constructor, its name and properties kept; `change` edits the arguments. */
function wrap(start, name, change) {
  let owner = start
  // What windows have themselves, workers inherit.
  while (owner && !Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner)
  const property = owner && Object.getOwnPropertyDescriptor(owner, name)
  if (typeof property?.value !== 'function') return
  const value = new Proxy(property.value, {
    apply: (target, self, list) => Reflect.apply(target, self, change(list, self)),
    construct: (target, list, made) => Reflect.construct(target, change(list), made),
  })
  Object.defineProperty(owner, name, { ...property, value })
}

function wrapArgument(owner, name, index, change) {
  wrap(owner, name, (list) => {
    if (index < list.length) list[index] = change(list[index])
    return list
  })
}

function wrapSetter(owner, name, change) {
  const property = owner && Object.getOwnPropertyDescriptor(owner, name)
  if (!property?.set) return
  const { set } = property
  Object.defineProperty(owner, name, {
    ...property,
    set(value) {
      Reflect.apply(set, this, [change(value, this)])
    },
  })
}

const prototypeOf = (name) => scope[name]?.prototype

function wrapResult(owner, name, note) {
  const native = owner?.[name]
  if (!native) return
  const value = new Proxy(native, {
    apply(target, self, list) {
      const result = Reflect.apply(target, self, list)
      note(result, list)
      return result
    },
  })
  Object.defineProperty(owner, name, { ...Object.getOwnPropertyDescriptor(owner, name), value })
}

/** Text of proxied hosts changes on the way: a digest of it would only break the page. */
function dropDigest(element) {
  if (element.hasAttribute?.('integrity')) element.removeAttribute('integrity')
}
const withoutDomain = (cookie) => String(cookie).replace(/;\s*domain\s*=[^;]*/gi, '')
/** A service worker outlives the session and could show forged pages to the next reader. */
function refuse() {
  return Promise.reject(new DOMException('Service workers are refused', 'SecurityError'))
}

// -- what is mapped ------------------------------------------------------------------------------

function install() {
  const zone = new URL(table.zone)
  const known = new Set(table.hosts)
  const domains = [...table.domains, ...table.subdomains]
  const absolute = /^([\0- ]*)((?:https?|wss?):)?[/\\]{2,}[^/\\?#]*/i

  // -- addresses -------------------------------------------------------------------------------

  function labelOf({ hostname, port }) {
    const name = hostname.replace(/\.$/, '')
    if (`.${name}`.endsWith(`.${zone.hostname}`)) return undefined
    const key = port ? `${name}:${port}` : name
    const isKnown =
      known.has(key) ||
      (!port &&
        (table.domains.includes(name) || domains.some((domain) => name.endsWith(`.${domain}`))))
    if (!isKnown || /(^|\.)-|-(\.|$)/.test(name)) return undefined
    if (table.labels[key]) return table.labels[key]
    const plain = name.replaceAll('-', '--').replaceAll('.', '-') + (port ? `---p${port}` : '')
    const label = plain.startsWith('xn--') ? `x---${plain}` : plain
    return label.length > 63 ? undefined : label
  }

  /** A URL or anything else; strings that name a known host come back mapped. */
  function map(value) {
    if (value instanceof URL) value = value.href
    if (typeof value !== 'string') return value
    const match = absolute.exec(value)
    const url = match && URL.parse(match[0].trimStart(), zone)
    const label = url && labelOf(url)
    if (!label) return value
    const scheme =
      match[2] && (/^w/i.test(match[2]) ? zone.protocol.replace('http', 'ws') : zone.protocol)
    return `${match[1]}${scheme ?? ''}//${label}.${zone.host}${value.slice(match[0].length)}`
  }

  const mapList = (text) => text.replace(/[^\s,]+/g, map)
  const mapStyle = (text) =>
    typeof text === 'string'
      ? text.replace(/((?:url\(|@import)\s*["']?)([^"')\s;]+)/gi, (_, head, url) => head + map(url))
      : text
  const script = /^\s*javascript:/i
  const mapOne = (text) => (script.test(text) ? text : map(text))

  const attributes = {
    action: mapOne,
    data: mapOne,
    formaction: mapOne,
    href: mapOne,
    poster: mapOne,
    src: mapOne,
    'xlink:href': mapOne,
    background: mapOne,
    imagesrcset: mapList,
    ping: mapList,
    srcset: mapList,
    srcdoc: mapMarkup,
    style: mapStyle,
  }

  function mapAttribute(name, value) {
    const key = String(name).toLowerCase()
    return Object.hasOwn(attributes, key) && typeof value === 'string'
      ? attributes[key](value)
      : value
  }

  /** Markup in a string: the attributes of its tags. */
  function mapMarkup(markup) {
    if (typeof markup !== 'string' || !/[/\\]{2}/.test(markup)) return markup
    return markup.replace(/<[a-z][^<>]*>/gi, (tag) =>
      tag.replace(
        /([\s"'/])([a-z:]+)(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+)/gi,
        (_, before, name, equals, value) => {
          const quote = /^["']/.test(value) ? value[0] : ''
          const text = quote ? value.slice(1, -1) : value
          return before + name + equals + quote + mapAttribute(name, text) + quote
        },
      ),
    )
  }

  // -- network ---------------------------------------------------------------------------------

  const { URL: Url, Blob: NativeBlob, Request: NativeRequest, Headers: NativeHeaders } = scope
  const origin = scope.location.origin
  for (const name of ['WebSocket', 'Audio']) wrapArgument(scope, name, 0, map)

  // A sister host knows the reader by the gateway's cookie: every request to one carries it. The
  // mark says that the page wanted none sent; the publisher's own then stay with the gateway.
  const anonymous = 'x-darbaza/anonymous'
  function isSister(address) {
    const url = Url.parse(address, scope.document?.baseURI ?? scope.location.href)
    return !!url && url.origin !== origin && `.${url.hostname}`.endsWith(`.${zone.hostname}`)
  }

  function toSister(options, request) {
    if ((options?.credentials ?? request?.credentials) === 'include') return options
    const headers = new NativeHeaders(options?.headers ?? request?.headers)
    const accept = `${headers.get('accept') ?? '*/*'}, ${anonymous}`
    // Beyond this length the header would ask for a preflight (Fetch standard, section 2.2.2).
    if (accept.length <= 128) headers.set('accept', accept)
    return { ...options, headers, credentials: 'include' }
  }

  for (const name of ['fetch', 'Request']) {
    wrap(scope, name, (list) => {
      if (list.length === 0) return list
      const [given, options, ...rest] = list
      const target = map(given)
      const request = target instanceof NativeRequest ? target : undefined
      const isKnown = isSister(request?.url ?? String(target))
      return isKnown ? [target, toSister(options, request), ...rest] : [target, ...list.slice(1)]
    })
  }
  wrap(scope, 'EventSource', ([given, options, ...rest]) => {
    const target = map(given)
    return [target, isSister(String(target)) ? { withCredentials: true } : options, ...rest]
  })
  const sisters = new WeakSet()
  wrap(prototypeOf('XMLHttpRequest'), 'open', (list, asking) => {
    if (list.length < 2) return list
    list[1] = map(list[1])
    if (isSister(String(list[1]))) sisters.add(asking)
    else sisters.delete(asking)
    return list
  })
  wrap(prototypeOf('XMLHttpRequest'), 'send', (list, asking) => {
    if (sisters.has(asking) && asking.readyState === 1 && !asking.withCredentials) {
      asking.setRequestHeader('Accept', anonymous)
      asking.withCredentials = true
    }
    return list
  })
  wrapArgument(prototypeOf('Navigator'), 'sendBeacon', 0, map)
  wrap(scope, 'importScripts', (list) => list.map(map))
  wrapArgument(scope, 'open', 0, map)
  wrapArgument(scope, 'FontFace', 1, mapStyle)

  // A worker from a blob gets this script before its own; the blob is kept as long as its address.
  const blobs = new Map()
  wrapResult(
    Url,
    'createObjectURL',
    (address, [blob]) => blob instanceof NativeBlob && blobs.set(address, blob),
  )
  wrap(Url, 'revokeObjectURL', (list) => {
    blobs.delete(String(list[0]))
    return list
  })
  for (const name of ['Worker', 'SharedWorker']) {
    wrap(scope, name, (list) => {
      const blob = blobs.get(String(list[0]))
      if (!blob) return [map(list[0]), ...list.slice(1)]
      const address = JSON.stringify(origin + table.script)
      const before =
        list[1]?.type === 'module' ? `import ${address};` : `importScripts(${address});`
      return [
        Url.createObjectURL(new NativeBlob([before, blob], { type: 'text/javascript' })),
        ...list.slice(1),
      ]
    })
  }

  if (!scope.document) return

  // -- document --------------------------------------------------------------------------------

  const properties = {
    src: ['Script', 'Image', 'IFrame', 'Frame', 'Embed', 'Source', 'Track', 'Media', 'Input'],
    href: ['Anchor', 'Area', 'Link', 'Base'],
    action: ['Form'],
    formAction: ['Button', 'Input'],
    data: ['Object'],
    poster: ['Video'],
    background: ['Body'],
    srcset: ['Image', 'Source'],
    imageSrcset: ['Link'],
    ping: ['Anchor', 'Area'],
    srcdoc: ['IFrame'],
  }
  for (const [property, elements] of Object.entries(properties)) {
    for (const element of elements) {
      wrapSetter(prototypeOf(`HTML${element}Element`), property, (value, target) => {
        const mapped = mapAttribute(property, value instanceof URL ? value.href : value)
        if (mapped !== value) dropDigest(target)
        if (property === 'src' || property === 'href') meetSister(target, mapped)
        return mapped
      })
    }
  }

  const isProxied = (address) =>
    `.${URL.parse(address ?? '', scope.location.href)?.hostname}`.endsWith(`.${zone.hostname}`)
  for (const element of ['HTMLScriptElement', 'HTMLLinkElement']) {
    wrapSetter(prototypeOf(element), 'integrity', (value, { src, href }) =>
      isProxied(src || href) ? '' : value,
    )
  }

  const element = prototypeOf('Element')
  const { setAttribute } = element
  /** Elements that ask without credentials do so with them, as those in the page's own markup. */
  function meetSister(target, address) {
    const { crossOrigin, type, rel, as } = target
    if (crossOrigin === undefined || as === 'font' || !isSister(address)) return
    if (crossOrigin === null && type !== 'module' && rel !== 'modulepreload') return
    Reflect.apply(setAttribute, target, ['crossorigin', 'use-credentials'])
  }
  for (const name of ['Script', 'Link', 'Image', 'Media']) {
    wrapSetter(prototypeOf(`HTML${name}Element`), 'crossOrigin', (value, target) =>
      value !== null && target.as !== 'font' && isSister(target.src || target.href || origin)
        ? 'use-credentials'
        : value,
    )
  }
  wrap(element, 'setAttribute', ([name, value, ...rest], target) => {
    const mapped = mapAttribute(name, value)
    if (/^(?:src|href)$/i.test(name)) meetSister(target, mapped)
    return [name, mapped, ...rest]
  })
  wrap(element, 'setAttributeNS', ([space, name, value, ...rest]) => [
    space,
    name,
    mapAttribute(name, value),
    ...rest,
  ])
  for (const owner of [element, prototypeOf('ShadowRoot')]) {
    wrapSetter(owner, 'innerHTML', mapMarkup)
    wrapSetter(owner, 'outerHTML', mapMarkup)
    wrapArgument(owner, 'setHTMLUnsafe', 0, mapMarkup)
  }
  wrapArgument(element, 'insertAdjacentHTML', 1, mapMarkup)
  wrapArgument(prototypeOf('Range'), 'createContextualFragment', 0, mapMarkup)
  wrap(prototypeOf('Document'), 'write', (list) => list.map(mapMarkup))
  wrap(prototypeOf('Document'), 'writeln', (list) => list.map(mapMarkup))

  const style = prototypeOf('CSSStyleDeclaration')
  wrapArgument(style, 'setProperty', 1, mapStyle)
  for (const name of ['cssText', 'background', 'backgroundImage']) wrapSetter(style, name, mapStyle)
  wrapArgument(prototypeOf('CSSStyleSheet'), 'insertRule', 0, mapStyle)
  wrapArgument(prototypeOf('CSSStyleSheet'), 'replace', 0, mapStyle)
  wrapArgument(prototypeOf('CSSStyleSheet'), 'replaceSync', 0, mapStyle)

  // -- navigation, cookies, messages -----------------------------------------------------------

  wrapArgument(prototypeOf('History'), 'pushState', 2, map)
  wrapArgument(prototypeOf('History'), 'replaceState', 2, map)
  // Members of location cannot be replaced; where the browser has the Navigation API, its event can.
  scope.navigation?.addEventListener('navigate', (event) => {
    const { url } = event.destination
    const mapped = map(url)
    if (mapped === url || !event.cancelable || event.formData) return
    event.preventDefault()
    if (event.navigationType === 'replace') scope.location.replace(mapped)
    else scope.location.assign(mapped)
  })

  wrapSetter(prototypeOf('Document'), 'cookie', withoutDomain)
  for (const name of ['set', 'delete']) {
    wrapArgument(prototypeOf('CookieStore'), name, 0, (cookie) =>
      typeof cookie === 'object' && cookie ? { ...cookie, domain: null } : cookie,
    )
  }
  const domain = Object.getOwnPropertyDescriptor(prototypeOf('Document'), 'domain')
  if (domain?.set) Object.defineProperty(prototypeOf('Document'), 'domain', { ...domain, set() {} })

  wrapArgument(scope, 'postMessage', 1, (target) =>
    typeof target === 'object' && target
      ? { ...target, targetOrigin: map(target.targetOrigin) }
      : map(target),
  )
  const workers = prototypeOf('ServiceWorkerContainer')
  const register = workers && Object.getOwnPropertyDescriptor(workers, 'register')
  if (register) {
    const value = new Proxy(register.value, { apply: refuse })
    Object.defineProperty(workers, 'register', { ...register, value })
  }
}

if (!scope[mark]) {
  Object.defineProperty(scope, mark, { value: true })
  install()
}

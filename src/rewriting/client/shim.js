/*
 * The browser's part of rewriting: addresses that a page puts together at run time are mapped where
 * they leave it, at the sinks of network and document. It makes pages work; it is no boundary.
 *
 * `table` is { script, cookies, zone, known, labels }: `known` is a pattern. No name of it is seen by pages, it does nothing when run twice, and it knows nothing of the reader. The function
 * stands for itself in front of worker scripts: it uses nothing from outside.
 */
// oxlint-disable no-unused-vars, consistent-function-scoping -- it is served as an expression
function shim(table) {
  'use strict'
  const mark = Symbol.for('darbaza.shim')
  const zone = new URL(table.zone)
  const { apply, construct, defineProperty, getOwnPropertyDescriptor } = Reflect
  const { getOwnPropertyNames } = Object

  // -- addresses -------------------------------------------------------------------------------

  const known = new RegExp(table.known)

  function labelOf({ host }) {
    const name = host.replace(/\.(?=:|$)/, '')
    if (!known.test(name)) return false
    const plain = name.replaceAll('-', '--').replaceAll('.', '-').replace(':', '---p')
    const label = table.labels[name] ?? plain.replace(/^xn--/, 'x---$&')
    return label.length < 64 && label
  }

  const absolute = /^([\0- ]*)((?:https?|wss?):)?[/\\]{2,}[^/\\?#]*/i

  /** Anything that is read as text, as a URL or a location is; what names a known host is mapped. */
  function map(value) {
    const match = absolute.exec(value)
    const url = match && URL.parse(match[0].trimStart(), zone)
    const label = url && labelOf(url)
    if (!label) return value
    const scheme = match[2]
      ? zone.protocol.replace('http', /^w/i.test(match[2]) ? 'ws' : 'http')
      : ''
    return `${match[1]}${scheme}//${label}.${zone.host}${match.input.slice(match[0].length)}`
  }

  const mapList = (value) => String(value).replace(/[^\s,]+/g, map)
  const mapStyle = (value) =>
    typeof value === 'string'
      ? value.replace(
          /((?:url\(|@import)\s*["']?)([^"')\s;]+)/gi,
          (_, head, url) => head + map(url),
        )
      : value

  // Documents in attributes are of the page's origin, and have to begin with this script as well.
  const mapDocument = (value) =>
    String(value).includes(table.script)
      ? value
      : `<script src="${scopeOrigin(globalThis)}${table.script}"></script>${mapMarkup(value)}`

  const attributes = {
    __proto__: null,
    action: map,
    background: map,
    data: map,
    formaction: map,
    href: map,
    'xlink:href': map,
    imagesrcset: mapList,
    ping: mapList,
    poster: map,
    src: map,
    srcdoc: mapDocument,
    srcset: mapList,
    style: mapStyle,
  }

  /** Relations that name the work wherever it is read stay the publisher's. */
  const identity = /\b(?:canonical|cite-as)\b/i

  function mapAttribute(name, value) {
    const mapValue = attributes[name.toLowerCase()]
    return mapValue ? mapValue(value) : value
  }

  /** Markup in a string: the attributes of its tags. */
  function mapMarkup(markup) {
    if (!/[/\\]{2}|srcdoc/i.test(markup)) return markup
    return String(markup).replace(/<[a-z](?:"[^"]*"|'[^']*'|[^"'>])*>/gi, (tag) =>
      identity.test(tag)
        ? tag
        : // Documents in attributes have another level of escapes: the observer sees to them.
          tag.replace(
            /([\s"'/](?!srcdoc)([a-z:]+)\s*=\s*)(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/gi,
            (whole, start, name, double, single, bare) => {
              const value = double ?? single ?? bare
              return (
                start + whole.slice(start.length).replace(value, () => mapAttribute(name, value))
              )
            },
          ),
    )
  }

  /** The origin that a document of its own address or its creator's has; the address's if opaque. */
  const scopeOrigin = ({ origin, location }) => (origin === 'null' ? location.origin : origin)

  // -- one window or worker ----------------------------------------------------------------------

  function install(scope) {
    const origin = scopeOrigin(scope)
    const { fetch, Blob, Headers, Request } = scope

    const urlOf = (address) =>
      URL.parse(String(address), scope.document?.baseURI ?? scope.location.href)
    const isProxied = (address) => `.${urlOf(address)?.hostname}`.endsWith(`.${zone.hostname}`)
    const isSister = (address) => isProxied(address) && urlOf(address).origin !== origin

    // -- ways to stand between a page and its browser ------------------------------------------

    /** Hands one function of a property (`value`, `get` or `set`) to a handler; its traits stay. */
    function intercept(start, name, part, handler) {
      // Names are of interfaces; what windows have themselves, workers inherit.
      let owner = typeof start === 'string' ? scope[start]?.prototype : start
      while (owner && !Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner)
      const property = owner && getOwnPropertyDescriptor(owner, name)
      const native = property?.[part]
      if (!native || !property.configurable) return
      const value = new Proxy(native, handler)
      defineProperty(owner, name, { ...property, [part]: value })
      if (native.prototype?.constructor === native) native.prototype.constructor = value
    }

    /** Edits the arguments of methods and constructors, or of setters. */
    function change(owner, names, edit, part = 'value') {
      for (const name of names.split(' ')) {
        intercept(owner, name, part, {
          apply: (target, self, list) => apply(target, self, edit(list, self, name)),
          construct: (target, list, made) => construct(target, edit(list), made),
        })
      }
    }

    /** Puts something else in the place of what a getter or method gives. */
    function changeResult(owner, name, part, edit) {
      intercept(owner, name, part, {
        apply: (target, self, list) => edit(apply(target, self, list), self, list),
      })
    }

    // -- cookies -------------------------------------------------------------------------------

    // A domain's cookies are kept by the gateway, for all hosts of the domain; it is told of each in
    // the order of their writing. The page's own host has its own at once.
    let told = []
    let telling
    async function tellAll(earlier) {
      // Behind all that the page writes in this turn.
      await Promise.resolve()
      const body = told.join('\n')
      told = []
      const place = origin + table.cookies + urlOf('').pathname
      await Promise.allSettled([earlier, fetch(place, { method: 'POST', body, keepalive: true })])
    }
    function tell(line) {
      if (told.push(line) < 2) telling = tellAll(telling)
    }

    function mapCookie(value) {
      const line = String(value)
      const { hostname } = urlOf(origin)
      const label = hostname.replace(/(?:---p\d+)?\..*/, '')
      const names = `.${hostname}/.${label.replace(/--?/g, (dashes) => dashes[1] ?? '.')}/`
      // Domains are of the publisher's name or, as scripts compute them, of the zone's; any other the
      // browser itself refuses. What a label of digits stands for only the gateway knows.
      const own = line.replace(/;\s*domain\s*=\s*\.?([^;\s]*\.[^;\s]*)[^;]*/gi, (trait, domain) =>
        names.startsWith('.h---') || names.includes(`.${domain.toLowerCase()}/`) ? '' : trait,
      )
      if (own !== line) tell(line)
      return own
    }
    change('CookieStore', 'set delete', ([cookie, ...rest], _, method) => {
      if (!cookie?.domain) return [cookie, ...rest]
      const { name, value = '', expires } = cookie
      const end = method === 'delete' ? 0 : (expires ?? NaN)
      const age = Math.trunc((end - Date.now()) / 1000)
      const traits = Object.entries({ [name]: value, path: '/', ...cookie, 'max-age': age })
      const line = traits.map((pair) => pair.join('=')).join(';')
      return [mapCookie(line) === line ? cookie : { ...cookie, domain: null }]
    })

    // -- network -------------------------------------------------------------------------------

    // The gateway knows the reader by a cookie: every request to it carries one. The mark says that
    // the page wanted none sent; the publisher's own then stay with the gateway. In Accept it needs no
    // preflight up to this length (Fetch standard, section 2.2.2); where there is one, it is a header.
    function markOf(isSimple, ...kinds) {
      const accept = [...kinds, 'x-darbaza/anonymous'].join(', ')
      return isSimple && accept.length <= 128 ? ['accept', accept] : ['x-darbaza-anonymous', '1']
    }
    const simpleMethod = /^(?:get|head)$/i

    // What is asked of a sister host has the cookies that were written before; a page that is going
    // away cannot wait.
    intercept(scope, 'fetch', 'value', {
      async apply(target, self, list) {
        const [asked, options] = list
        if (!telling || options?.keepalive || !isSister(asked?.url ?? asked)) {
          return apply(target, self, list)
        }
        const request = new Request(...list)
        await telling
        return fetch(request)
      },
    })
    change(scope, 'fetch Request', (list) => {
      const [target, asked] = list
      const request = target instanceof Request ? target : undefined
      const address = request?.url ?? target
      if (list.length === 0 || !isProxied(address)) return list
      // What is rewritten on the way matches no digest.
      const options = asked?.integrity ? { ...asked, integrity: '' } : asked
      const credentials = options?.credentials ?? request?.credentials
      if (credentials === 'include' || (credentials !== 'omit' && !isSister(address))) {
        return [target, options]
      }
      const headers = new Headers(options?.headers ?? request?.headers)
      const method = options?.method ?? request?.method ?? 'get'
      const isPlain = [...headers.keys()].every((name) => name === 'accept')
      headers.set(...markOf(isPlain && simpleMethod.test(method), headers.get('accept') ?? '*/*'))
      return [target, { ...options, headers, credentials: 'include' }]
    })
    change(scope, 'EventSource', ([target, options]) => [
      target,
      isSister(target) ? { withCredentials: true } : options,
    ])

    /** Whether a request of a sister host needs no preflight; undefined for other hosts. */
    const sisters = new WeakMap()
    change('XMLHttpRequest', 'open', (list, asking) => {
      sisters.set(asking, isSister(list[1]) ? simpleMethod.test(list[0]) : undefined)
      return list
    })
    change('XMLHttpRequest', 'setRequestHeader', (list, asking) => {
      if (sisters.get(asking) && !/^accept$/i.test(list[0])) sisters.set(asking, false)
      return list
    })
    change('XMLHttpRequest', 'send', (list, asking) => {
      const isSimple = sisters.get(asking)
      if (isSimple !== undefined && asking.readyState === 1 && !asking.withCredentials) {
        asking.setRequestHeader(...markOf(isSimple))
        asking.withCredentials = true
      }
      return list
    })

    // A worker from a blob gets this script before its own; the server does it for other workers.
    const blobs = new Map()
    const addresses = new WeakMap()
    const { createObjectURL } = scope.URL
    changeResult(scope.URL, 'createObjectURL', 'value', (address, _, [blob]) => {
      if (blob instanceof Blob) blobs.set(address, blob)
      return address
    })
    change(scope.URL, 'revokeObjectURL', (list) => {
      blobs.delete(String(list[0]))
      return list
    })
    function workerAddress(given) {
      const blob = blobs.get(String(given))
      if (!blob) return map(given)
      const parts = [`(${String(shim)})(${JSON.stringify(table)});`, blob]
      if (!addresses.has(blob)) addresses.set(blob, createObjectURL(new Blob(parts, blob)))
      return addresses.get(blob)
    }

    // -- all that takes an address, markup or style ----------------------------------------------

    /** Interface, methods, the argument that counts (-1 for all), what becomes of it; setters. */
    const sinks = [
      [scope, 'fetch Request EventSource WebSocket Audio open', 0, map],
      ['XMLHttpRequest', 'open', 1, map],
      [scope, 'importScripts', -1, map],
      [scope, 'FontFace', 1, mapStyle],
      ['Navigator', 'sendBeacon', 0, map],
      ['History', 'pushState replaceState', 2, map],
      ['Element', 'setHTML setHTMLUnsafe', 0, mapMarkup],
      ['Element', 'insertAdjacentHTML', 1, mapMarkup],
      ['Range', 'createContextualFragment', 0, mapMarkup],
      // With three arguments it is the window's, and in handlers the name alone leads to it.
      ['Document', 'open', 0, map],
      ['Document', 'write writeln', -1, mapMarkup],
      ['CSSStyleDeclaration', 'setProperty', 1, mapStyle],
      ['CSSStyleSheet', 'insertRule replace replaceSync', 0, mapStyle],
      ['Document', 'cookie', 0, mapCookie, 'set'],
      ['Element', 'innerHTML outerHTML', 0, mapMarkup, 'set'],
      ['ShadowRoot', 'innerHTML', 0, mapMarkup, 'set'],
      ['SVGAnimatedString', 'baseVal', 0, map, 'set'],
    ]
    for (const [owner, names, index, edit, part] of sinks) {
      const edited = (value, at) => (index < 0 || at === index ? edit(value) : value)
      change(owner, names, (list) => list.map(edited), part)
    }

    // A module worker's imports from sister hosts are asked for as the worker says.
    change(scope, 'Worker SharedWorker', (list) => {
      if (list[1]?.type) list[1] = { ...list[1], credentials: 'include' }
      return list.map((value, at) => (at ? value : workerAddress(value)))
    })

    if (!scope.document) return () => {}

    // -- elements ------------------------------------------------------------------------------

    function editAttribute(target, name, value) {
      const key = String(name).toLowerCase()
      const address = target.src || target.href
      // Text of proxied hosts changes on the way: a digest of it would only break the page.
      if (key === 'integrity' && isProxied(address)) return ''
      if (key === 'crossorigin' && value !== null && target.as !== 'font' && isSister(address)) {
        return 'use-credentials'
      }
      if (!attributes[key] || identity.test(target.rel)) return value
      const mapped = attributes[key](value)
      if (key === 'src' || key === 'href') {
        if (target.integrity && isProxied(mapped)) target.removeAttribute('integrity')
        // Elements that ask without credentials do so with them, as those in the page's own markup.
        const { crossOrigin, rel, as, type } = target
        const isAnonymous = crossOrigin || type === 'module' || rel === 'modulepreload'
        if (isAnonymous && as !== 'font' && isSister(mapped))
          target.setAttribute('crossorigin', 'use-credentials')
      }
      return mapped
    }

    for (const name of getOwnPropertyNames(scope)) {
      if (!/^HTML\w*Element$/.test(name)) continue
      for (const property of getOwnPropertyNames(scope[name].prototype)) {
        if (!/^(?:integrity|crossorigin)$/i.test(property) && !attributes[property.toLowerCase()])
          continue
        change(name, property, ([value], target) => [editAttribute(target, property, value)], 'set')
      }
    }
    const setting = (at) => (list, target) =>
      at < list.length ? list.with(at, editAttribute(target, list[at - 1], list[at])) : list
    change('Element', 'setAttribute', setting(1))
    change('Element', 'setAttributeNS', setting(2))
    const editText = ([value], { localName }) => [localName === 'style' ? mapStyle(value) : value]
    change('Node', 'textContent', editText, 'set')

    // -- the net below all that: what came into the document by another way ----------------------

    const listed = Object.keys(attributes).filter((name) => !/[:]|srcdoc/.test(name))
    const suspect = [
      ...listed.map((name) => `[${name}*="//"]`),
      '[*|href*="//"],[srcdoc],style,iframe',
    ].join()

    function mend(found) {
      for (const { name, value } of found.attributes) {
        if (mapAttribute(name, value) !== value) found.setAttribute(name, value)
      }
      if (found.localName === 'style') {
        const css = mapStyle(found.textContent)
        if (css !== found.textContent) found.textContent = css
      }
      reach(windowOf(found))
    }

    const observer = new scope.MutationObserver((records) => {
      const added = new Set(records.flatMap(({ addedNodes }) => [...addedNodes]))
      for (const { type, target } of records) {
        if (type === 'attributes' || target.localName === 'style') mend(target)
      }
      for (const node of added) {
        // What stands in another added node is found with it.
        if (node.nodeType !== 1 || added.has(node.parentNode)) continue
        if (node.matches(suspect)) mend(node)
        for (const found of node.querySelectorAll(suspect)) mend(found)
      }
    })
    // -- other windows -------------------------------------------------------------------------

    /** Whether a window is of this origin; then it gets this script, if it has it not. */
    function reach(other) {
      try {
        return other.document && (meet(other), true)
      } catch {
        return false
      }
    }

    const mapTarget = (target) =>
      target?.targetOrigin ? { ...target, targetOrigin: map(target.targetOrigin) } : map(target)

    /** For a window of a sister host, whose own functions cannot be changed from here. */
    function standInFor(other) {
      return new Proxy(other, {
        get(_, key) {
          const value = other[key]
          if (key === 'postMessage') {
            return (message, target, ...rest) =>
              apply(value, other, [message, mapTarget(target), ...rest])
          }
          return typeof value === 'function' ? value.bind(other) : value
        },
      })
    }

    // What a page has once got for a window stays the same, or it would not know the sender again.
    const windows = new WeakMap()
    function seen(other, address) {
      if (!other) return other
      const isReached = reach(other)
      if (!windows.has(other)) {
        windows.set(other, !isReached && isSister(address) ? standInFor(other) : other)
      }
      return isReached ? other : windows.get(other)
    }

    const frame = 'HTMLIFrameElement'
    const { get } = getOwnPropertyDescriptor(scope[frame].prototype, 'contentWindow')
    const windowOf = (found) => found.localName === 'iframe' && apply(get, found, [])
    changeResult(frame, 'contentWindow', 'get', (other, { src }) => seen(other, src))
    changeResult(frame, 'contentDocument', 'get', (inner) => {
      reach(inner?.defaultView)
      return inner
    })
    changeResult('MessageEvent', 'source', 'get', (source) =>
      reach(source) ? source : (windows.get(source) ?? source),
    )

    // The sender of a message is the window whose function runs: this one, if it had a trap. So there
    // is one only as long as no other window can be the sender.
    let hasOpened = false
    intercept(scope, 'postMessage', 'value', {
      get apply() {
        if (scope.parent !== scope || scope.opener || scope.length || hasOpened) return undefined
        return (target, self, [message, to, ...rest]) =>
          apply(target, self, [message, mapTarget(to), ...rest])
      },
    })
    change(scope, 'open', (list) => {
      hasOpened = true
      return list
    })

    // -- navigation ----------------------------------------------------------------------------

    // Members of location cannot be replaced; where the browser has the Navigation API, its event can.
    scope.navigation?.addEventListener('navigate', (event) => {
      const { url } = event.destination
      const mapped = map(url)
      if (mapped === url || !event.cancelable || event.formData) return
      event.preventDefault()
      scope.location[event.navigationType === 'replace' ? 'replace' : 'assign'](mapped)
    })
    intercept('Document', 'domain', 'set', { apply() {} })
    // A service worker outlives the session and could show forged pages to the next reader.
    intercept('ServiceWorkerContainer', 'register', 'value', {
      apply: () => Promise.reject(new DOMException('', 'SecurityError')),
    })
    // Style objects of elements have no setters to change in every browser: their attribute is watched.
    return () =>
      observer.observe(scope.document, {
        childList: true,
        subtree: true,
        attributeFilter: ['style'],
      })
  }

  /** A window may get another document of its origin: then this script runs again in it. */
  function meet(scope) {
    if (!scope[mark]) defineProperty(scope, mark, { value: install(scope) })
    scope[mark]()
  }

  meet(globalThis)
}

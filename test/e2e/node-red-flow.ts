/**
 * A flow for Node-RED that serves a page on one host, a script and a picture on another, data on a
 * third, with everything between them that a real site has: CORS, a preflight, a WebSocket.
 * @module
 */

/** The page, on `www`. Its script is a module of a sister host. */
const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>News</title>
    <link rel="icon" href="data:," />
    <script type="module" src="http://static.flows.example/widget.js"></script>
  </head>
  <body>
    <h1>News</h1>
    <img src="//static.flows.example/dot.svg" alt="" />
    <ul></ul>
    <p data-saved></p>
    <p data-live></p>
  </body>
</html>
`

/** The module, on `static`: addresses put together at run time. */
const widget = `
const api = ['api', 'flows', 'example'].join('.')
const list = document.querySelector('ul')
const answer = await fetch('http://' + api + '/readings')
const { readings, self } = await answer.json()
for (const { name, value } of readings) {
  list.insertAdjacentHTML('beforeend', '<li></li>')
  list.lastChild.textContent = name + ' ' + value
}
list.dataset.self = new URL(self).pathname

const saving = new XMLHttpRequest()
saving.open('PUT', 'http://' + api + '/readings')
saving.setRequestHeader('Content-Type', 'application/json')
saving.addEventListener('load', () => {
  document.querySelector('[data-saved]').textContent = saving.status + ' ' + saving.responseText
})
saving.send(JSON.stringify({ page: location.origin + '/news' }))

const socket = new WebSocket('ws://' + api + '/live')
socket.addEventListener('open', () => socket.send('salam'))
socket.addEventListener('message', ({ data }) => {
  document.querySelector('[data-live]').textContent = data
})
`

const dot = `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><circle cx="4" cy="4" r="4" /></svg>`

const readings = `
msg.payload = {
  self: 'http://api.flows.example/readings',
  readings: [{ name: 'snow', value: 41 }, { name: 'wind', value: 12 }],
}
return msg
`

const place = (x: number, y: number) => ({ z: 'tab', x, y })

function text(id: string, y: number, template: string): object {
  return {
    id,
    type: 'template',
    ...place(320, y),
    name: id,
    field: 'payload',
    fieldType: 'msg',
    format: 'html',
    syntax: 'plain',
    template,
    output: 'str',
    wires: [['answer']],
  }
}

function endpoint(url: string, y: number, to: string, method = 'get'): object {
  const id = `${method} ${url}`
  return { id, type: 'http in', ...place(120, y), name: id, url, method, wires: [[to]] }
}

function code(id: string, y: number, func: string, to: string): object {
  return { id, type: 'function', ...place(320, y), name: id, func, outputs: 1, wires: [[to]] }
}

function typed(type: string, y: number): object {
  const headers = { 'content-type': type }
  return {
    id: type,
    type: 'change',
    ...place(500, y),
    name: type,
    wires: [['answer']],
    rules: [{ t: 'set', p: 'headers', pt: 'msg', to: JSON.stringify(headers), tot: 'json' }],
  }
}

function told(id: string, y: number, template: string, type: string): object {
  return { ...text(id, y, template), wires: [[type]] }
}

/** As it is pasted into the editor; its names are those that the editor shows. */
export const flow: readonly object[] = [
  { id: 'tab', type: 'tab', label: 'Readings' },
  {
    id: 'ask',
    type: 'inject',
    ...place(120, 60),
    name: 'ask',
    props: [{ p: 'payload' }],
    repeat: '',
    crontab: '',
    once: false,
    onceDelay: 0.1,
    topic: '',
    payload: 'http://api.flows.example/readings',
    payloadType: 'str',
    wires: [['say']],
  },
  code('say', 60, "msg.payload = 'seen ' + msg.payload\nreturn msg", 'tell'),
  {
    id: 'tell',
    type: 'debug',
    ...place(500, 60),
    name: 'tell',
    active: true,
    wires: [],
    tosidebar: true,
    console: false,
    tostatus: false,
    complete: 'payload',
    targetType: 'msg',
  },
  endpoint('/news', 120, 'page'),
  text('page', 120, page),
  endpoint('/widget.js', 180, 'widget'),
  told('widget', 180, widget, 'text/javascript'),
  typed('text/javascript', 180),
  endpoint('/dot.svg', 240, 'dot'),
  told('dot', 240, dot, 'image/svg+xml'),
  typed('image/svg+xml', 240),
  endpoint('/readings', 300, 'readings'),
  code('readings', 300, readings, 'answer'),
  endpoint('/readings', 360, 'saved', 'put'),
  code('saved', 360, "msg.payload = 'kept ' + msg.payload.page\nreturn msg", 'answer'),
  { id: 'answer', type: 'http response', ...place(700, 240), name: 'answer', statusCode: '' },
  { id: 'live', type: 'websocket-listener', path: '/live', wholemsg: 'false' },
  {
    id: 'hear',
    type: 'websocket in',
    ...place(120, 420),
    name: 'hear',
    server: 'live',
    client: '',
    wires: [['echo']],
  },
  code('echo', 420, "msg.payload += ' ' + msg.payload.length\nreturn msg", 'speak'),
  {
    id: 'speak',
    type: 'websocket out',
    ...place(500, 420),
    name: 'speak',
    server: 'live',
    client: '',
    wires: [],
  },
]

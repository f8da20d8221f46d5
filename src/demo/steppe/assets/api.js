/**
 * The one module that talks to the API; `window.steppe` is set by an inline script of the page.
 * @module
 */
const client = { 'X-Steppe-Client': 'web/3' }

async function ask(path, options = {}) {
  const response = await fetch(path, { credentials: 'include', ...options })
  const body = await response.json()
  return { status: response.status, body }
}

/** One page of search results. */
export function search(query, page) {
  const words = new URLSearchParams({ q: query, page })
  return ask(`${window.steppe.api}/search?${words}`)
}

/** The text of an article, for subscribers; a preflighted request. */
export function fullText(url) {
  return ask(url, { headers: client })
}

/** Bookmarks an article; a preflighted request with credentials. */
export function save(doi) {
  return ask(`${window.steppe.api}/bookmarks/${doi}`, { method: 'PUT', headers: client })
}

function watchReaders(show) {
  const address = window.steppe.api.replace('http:', 'ws:') + '/live?page='
  const socket = new WebSocket(address + encodeURIComponent(location.pathname))
  socket.addEventListener('open', () => socket.send('salam'))
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(data)
    if (message.type === 'echo') document.documentElement.dataset.echo = message.text
    if (message.type === 'readers') show(message.count)
  })
}

/** Keeps the number of readers of this page up to date, by WebSocket. */
export function showReaders() {
  const line = document.querySelector('[data-live]')
  watchReaders((count) => {
    line.textContent = count === 1 ? 'You are the only reader now' : `${count} readers now`
    line.hidden = false
  })
}

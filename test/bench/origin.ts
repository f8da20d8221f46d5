/**
 * The publisher that everybody stands before: the corpus out of memory, as gzip level 6 for whoever
 * takes it, at so little cost that it never is what is measured. Run as a process of its own; says
 * its port on standard output.
 * @module
 */
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'

import { createCorpus, type Sample } from './corpus.ts'

const endOfHead = '\r\n\r\n'

interface Answers {
  readonly coded: Buffer
  readonly plain: Buffer
}

function answersOf({ name, contentType, body }: Sample): Answers {
  const head = `HTTP/1.1 200 OK\r\nContent-Type: ${contentType}\r\nETag: "${name}"\r\nVary: Accept-Encoding\r\n`
  const answer = (bytes: Buffer, lines = '') =>
    Buffer.concat([
      Buffer.from(`${head}${lines}Content-Length: ${bytes.length}${endOfHead}`),
      bytes,
    ])
  const isText = !/^(?:application\/pdf|image\/)/.test(contentType)
  const plain = answer(body)
  const gzip = gzipSync(body, { level: 6 })
  return { plain, coded: isText ? answer(gzip, 'Content-Encoding: gzip\r\n') : plain }
}

const answers = new Map(createCorpus().map((sample) => [sample.name, answersOf(sample)]))
const missing = Buffer.from(`HTTP/1.1 404 Not Found\r\nContent-Length: 0${endOfHead}`)

function answerOf(request: string): Buffer {
  const name = /^GET \/([\w-]+)/.exec(request)?.[1] ?? ''
  const found = answers.get(name)
  if (found === undefined) return missing
  return /^accept-encoding:.*gzip/im.test(request) ? found.coded : found.plain
}

/** A film is not kept in memory: one piece of it is sent over and over. */
const film = { pieces: 500, piece: Buffer.alloc(2 ** 20, 'film') }
const filmHead = `HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: ${film.pieces * film.piece.length}${endOfHead}`

function sendFilm(socket: Socket): void {
  let sent = 0
  const more = (): void => {
    while (sent < film.pieces && !socket.destroyed) {
      sent += 1
      if (!socket.write(film.piece)) {
        socket.once('drain', more)
        return
      }
    }
  }
  socket.write(filmHead)
  more()
}

function serve(socket: Socket): void {
  let pending = ''
  socket.setNoDelay(true).on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    pending += chunk.toString('latin1')
    for (let end = pending.indexOf(endOfHead); end !== -1; end = pending.indexOf(endOfHead)) {
      const request = pending.slice(0, end)
      if (request.startsWith('GET /film-500m ')) sendFilm(socket)
      else socket.write(answerOf(request))
      pending = pending.slice(end + endOfHead.length)
    }
  })
}

const server = createServer(serve)
server.listen(0, '127.0.0.1', 4096, () => {
  const { port } = server.address() as AddressInfo
  process.stdout.write(`${port}\n`)
})

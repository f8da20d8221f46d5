/** Views of the library's own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test, { type ExecutionContext } from 'ava'

import { GatewayError } from '../../src/core/errors.ts'
import { createViews } from '../../src/pages/views.ts'
import { startPortal } from '../portal/gateway.ts'

function folderWith(t: ExecutionContext, files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'views-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

test('a library overrides one view, escaped as all are, with keys for words that are not there, and keeps the others', async (t) => {
  const viewsFolder = folderWith(t, {
    'help.eta':
      "<% layout('@layout', { view: 'help', title: it.say('help.title') }) %><p>Our own <%= '<b>' + it.say('no.such.key') %></p>",
    'notes.txt': 'not a view',
  })
  const portal = await startPortal({ viewsFolder })
  t.teardown(() => portal.close())
  const { text } = await portal.ask('/help')
  t.regex(text, /<p>Our own &lt;b&gt;no\.such\.key<\/p>/)
  t.regex((await portal.ask('/')).text, /class="letters"/)
})

test('a faulty view stops the start and is named', (t) => {
  const viewsFolder = folderWith(t, { 'help.eta': '<% if ( %>' })
  const error = t.throws(() => createViews([viewsFolder]), { instanceOf: GatewayError })
  t.regex(error.message, /views-\w+\/help\.eta: the view cannot be used: /)
})

test('a folder that is not there stops the start and is named', (t) => {
  const error = t.throws(() => createViews(['/nowhere/views']), { instanceOf: GatewayError })
  t.regex(error.message, /^\/nowhere\/views: .*ENOENT/)
})

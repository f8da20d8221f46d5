/**
 * The pages of an article: readers now, and the bookmark.
 * @module
 */
import { save, showReaders } from 'http://static.steppe-journals.example/js/api.js'

showReaders()

document.querySelector('[data-save]')?.addEventListener('click', ({ target }) => {
  void keep(target.dataset.save)
})

async function keep(doi) {
  const { status, body } = await save(doi)
  document.querySelector('[data-saved]').textContent =
    status === 200 ? `Saved (${body.saved})` : `Not saved: ${body.error}`
}

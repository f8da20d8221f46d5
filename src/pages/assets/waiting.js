/* The waiting room: shows the place as it changes, and opens the page when the turn has come. */
{
  const card = document.querySelector('[data-events]')
  const show = (name, text) => {
    const element = card.querySelector(`[data-${name}]`)
    // What has not changed is not read out again.
    if (element !== null && element.textContent !== text) element.textContent = text
  }
  const source = new EventSource(card.dataset.events)
  let heardAt = performance.now()
  const on = (event, act) => {
    source.addEventListener(event, ({ data }) => {
      heardAt = performance.now()
      act(JSON.parse(data))
    })
  }
  const showAll = ({ place, ahead, estimate }) => {
    show('place', place)
    show('ahead', ahead)
    show('estimate', estimate)
  }
  on('beat', () => {})
  on('place', showAll)
  on('turn', (told) => {
    source.close()
    showAll(told)
    location.reload()
  })
  on('gone', () => {
    source.close()
    location.replace(card.dataset.gone)
  })
  // Something on the way holds events back, or none come: the page asks as it does without script.
  setInterval(() => {
    if (performance.now() - heardAt > 30_000) location.replace(card.dataset.gone)
  }, 5000)
}

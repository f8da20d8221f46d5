/**
 * On every page: says which institution pays, as the login host wrote it into the domain's cookie.
 * @module
 */
;(function () {
  const match = /(?:^|; )sj_institution=([^;]*)/.exec(document.cookie)
  const name = match ? decodeURIComponent(match[1]) : ''
  const line = document.querySelector('[data-institution]')
  if (name && line) {
    line.textContent = 'Access provided by ' + name
    line.hidden = false
  }
})()

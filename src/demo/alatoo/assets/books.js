/**
 * A script of the old school: one global object, XMLHttpRequest, cookies for the whole domain.
 * @module
 */
;(function () {
  var api = Alatoo.protocol + Alatoo.api

  function ask(method, path, body, done) {
    var request = new XMLHttpRequest()
    request.open(method, api + path)
    request.withCredentials = true
    if (body) request.setRequestHeader('Content-Type', 'application/json')
    request.addEventListener('load', function () {
      done(request.status, JSON.parse(request.responseText))
    })
    request.send(body && JSON.stringify(body))
  }

  function chooseTheme(event) {
    var theme = event.target.getAttribute('data-theme-choice')
    document.cookie =
      'alatoo_theme=' + theme + '; domain=' + Alatoo.domain + '; path=/; max-age=86400'
    document.documentElement.setAttribute('data-theme', theme)
  }

  function saveNote() {
    ask('POST', '/notes', { page: location.href.split(/[?#]/)[0] }, function (status) {
      document.querySelector('[data-noted]').textContent = status === 201 ? '✓' : '✗ ' + status
    })
  }

  function showFound(shelf) {
    var query = encodeURIComponent(shelf.getAttribute('data-query'))
    ask('GET', '/catalogue?q=' + query, null, function (status, answer) {
      document.querySelector('[data-total]').textContent = answer.total + ' китеп · книг'
      answer.books.forEach(function (book) {
        shelf.insertAdjacentHTML(
          'beforeend',
          '<a class="card" href="' +
            book.href +
            '"><img class="cover" width="180" alt="" src="' +
            book.cover +
            '"><strong></strong><span></span></a>',
        )
        shelf.lastChild.querySelector('strong').textContent = book.title
        shelf.lastChild.querySelector('span').textContent = book.authors
      })
    })
  }

  document.querySelectorAll('[data-theme-choice]').forEach(function (button) {
    button.addEventListener('click', chooseTheme)
  })
  var note = document.querySelector('[data-note]')
  if (note) note.addEventListener('click', saveNote)
  var shelf = document.querySelector('[data-found]')
  if (shelf) showFound(shelf)
})()

// Third-party in style, first-party by name.
document.cookie = 'extra=1; Path=/; Domain=.paper.test; Secure; SameSite=None'
document.documentElement.dataset.extra = new URL(document.currentScript.src).pathname

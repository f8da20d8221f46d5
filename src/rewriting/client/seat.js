/*
 * Tells the gateway when the reader's last page of a host that counts seats has gone, so that the seat
 * is free again soon, and that one is still there.
 *
 * Every page says `gone` when it goes. Nothing is lost by that: within the grace the next exchange
 * keeps the seat, or a page that is still there says `here`. So the pages need not know how many they
 * are, and a window that is closed with all its pages leaves none to speak up.
 */
// oxlint-disable no-unused-vars, require-post-message-target-origin -- served as an expression; a channel is of one origin
function seat(path) {
  'use strict'
  // A frame that goes takes no page away.
  if (self !== top) return
  const send = navigator.sendBeacon.bind(navigator)
  let channel
  let timer

  // Not at once: what has just gone may have said so on a slower way. One page speaks for all.
  function speakSoon() {
    clearTimeout(timer)
    timer = setTimeout(
      () => {
        channel.postMessage('here')
        send(path + 'here')
      },
      2500 + Math.random() * 1000,
    )
  }

  function show() {
    channel = new BroadcastChannel('darbaza.seat')
    channel.addEventListener('message', ({ data }) => {
      if (data === 'here') clearTimeout(timer)
      else speakSoon()
    })
    // The page before it in this tab has said that it goes.
    if (history.length > 1) speakSoon()
  }

  function hide() {
    clearTimeout(timer)
    channel.postMessage('gone')
    channel.close()
    send(path + 'gone')
  }

  addEventListener('pagehide', hide)
  addEventListener('pageshow', ({ persisted }) => persisted && show())
  // Pages of the publisher's other hosts are not heard: who comes back to this one is here.
  addEventListener('visibilitychange', () => document.hidden || speakSoon())
  show()
}

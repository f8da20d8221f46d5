'use client'

import { useActionState } from 'react'

import { save } from './actions.js'

export default function Save() {
  const [state, act, isPending] = useActionState(save, { saved: '' })
  return (
    <main>
      <h1>Save</h1>
      <form action={act}>
        <input type="hidden" name="page" value="https://www.paper.test/articles/1" />
        <input name="note" defaultValue="" />
        <button disabled={isPending}>Keep</button>
        <button name="then" value="go">
          Keep and go
        </button>
      </form>
      <p id="saved">{state.saved}</p>
    </main>
  )
}

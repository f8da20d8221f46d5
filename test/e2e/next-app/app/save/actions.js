'use server'

import { cookies, headers } from 'next/headers'
import { redirect } from 'next/navigation'

/** Keeps a note in a cookie of the whole domain. */
export async function save(_state, form) {
  const note = String(form.get('note'))
  const kept = await cookies()
  kept.set('note', note, { domain: 'paper.test', secure: true, sameSite: 'none', path: '/' })
  if (form.get('then') === 'go') redirect('/articles/3')
  const asked = await headers()
  return { saved: `${note} for ${form.get('page')} from ${asked.get('origin')}` }
}

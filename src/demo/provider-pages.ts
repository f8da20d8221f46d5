/**
 * The pages of the demo's sign-in service.
 * @module
 */
import { accounts } from './accounts.ts'
import { html, Markup } from './markup.ts'

const style = new Markup(`
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #e9eef5;
    color: #1c2733; font: 1rem/1.5 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif }
  main { width: min(30rem, 94vw); padding: 2rem; border-radius: 1rem; background: #fff;
    box-shadow: 0 12px 40px #1c273322 }
  header { display: flex; gap: .8rem; align-items: center; color: #4c5d70 }
  header svg { flex: none }
  h1 { font-size: 1.4rem; margin: 1.2rem 0 .4rem }
  button { display: block; width: 100%; margin: .6rem 0; padding: .8rem 1rem; border: 1px solid #c7d2de;
    border-radius: .6rem; background: #fff; color: inherit; font: inherit; text-align: left; cursor: pointer }
  button:hover { border-color: #24508f; background: #f2f6fc }
  button:focus-visible { outline: 3px solid #d1663a; outline-offset: 2px }
  button small { display: block; color: #5b6a7a }
  footer { margin-top: 1.2rem; color: #5b6a7a; font-size: .85rem }
`)

/** Choose who to be: one button for each person, all named `account`. */
export function signInPage(action: string): string {
  return framed(
    'Sign in',
    html`<p>Who would you like to be?</p>
      <form method="post" action="${action}">
        ${accounts.map(
          ({ id, name, role }) =>
            html`<button name="account" value="${id}">
              <strong>${name}</strong><small>${role}</small>
            </button>`,
        )}
      </form>`,
  )
}

/**
 * Ends the session. The gateway proves with its `id_token_hint` that the reader asked for it, so the
 * form sends itself; anybody else has to press the button (OIDC RP-Initiated Logout 1.0, section 2).
 */
export function signOutPage(form: string, isAskedByClient: boolean): string {
  return framed(
    'Sign out',
    html`${new Markup(form)}
      <button form="op.logoutForm" name="logout" value="yes">Sign out of the university</button>
      ${
        isAskedByClient &&
        html`<script>
          addEventListener('DOMContentLoaded', () =>
            document.querySelector('button[name=logout]').click(),
          )
        </script>`
      }`,
  )
}

/** After sign-out, when there is nowhere to go back to. */
export function signedOutPage(): string {
  return framed('Signed out', html`<p>You are signed out of the university.</p>`)
}

/** A request that the provider refused, in its own words. */
export function failurePage(error: string, description: string): string {
  return framed(
    'Sign-in failed',
    html`<p><strong>${error}</strong></p>
      <p>${description}</p>`,
  )
}

function framed(title: string, body: Markup): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <link rel="icon" href="data:," />
        <title>${title} | Ala-Too State University</title>
        <style>
          ${style}
        </style>
      </head>
      <body>
        <main>
          <header>
            <svg width="40" height="40" viewBox="0 0 40 40" aria-hidden="true">
              <circle cx="20" cy="20" r="20" fill="#24508f" />
              <path d="M7 27 16 13l6 8 4-5 7 11z" fill="#fff" />
            </svg>
            <span>Ala-Too State University<br />Sign-in service</span>
          </header>
          <h1>${title}</h1>
          ${body}
          <footer>A demonstration: the university and its people are made up.</footer>
        </main>
      </body>
    </html>`.text
}

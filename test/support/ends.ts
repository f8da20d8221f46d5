/**
 * What every test file begins with: when its tests are over it ends, or says what keeps it. AVA by
 * itself waits for minutes, holding up other files; what keeps a file open is a test that failed
 * before its last line, or a part of the product that its closing leaves behind.
 * @module
 */
import { getActiveResourcesInfo } from 'node:process'

import { registerCompletionHandler } from 'ava'

const graceMs = 20_000

registerCompletionHandler(() => {
  const timer = setTimeout(() => {
    console.error(`not ended after ${graceMs / 1000} s: ${getActiveResourcesInfo().join(', ')}`)
    process.exit(1)
  }, graceMs)
  timer.unref()
})

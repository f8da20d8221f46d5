/**
 * What `counter:` of `gateway.yaml` may say: how the library calls itself in reports of COUNTER's form, and
 * who may fetch them.
 * @module
 */
import { z } from 'zod'

import { shortText, textThat } from '../core/expectations.ts'
import { secret } from './secret-schema.ts'

const namespacePhrase = 'a letter, then 1 to 16 letters, digits, _ . or /'
const customerId = shortText(100)

const requestor = z.strictObject({
  name: shortText(100).describe('Unique name, as staff and the log know it.'),
  customerId: customerId
    .optional()
    .describe('The customer_id that it must send. Default: that of the section.'),
  requestorId: shortText(200)
    .optional()
    .describe('The requestor_id that it must send besides. Default: none, the key suffices.'),
  apiKey: secret.describe('The api_key that it must send, of at least 16 characters.'),
})

/** The section `counter`. */
export const counterSchema = z.strictObject({
  namespace: textThat((text) => /^[A-Za-z][\w./]{1,16}$/.test(text), namespacePhrase)
    .default('library')
    .describe('Short name that stands before ids and metrics of your own. Default: library.'),
  platform: textThat((text) => text.trim().length >= 2 && text.length <= 100, '2 to 100 characters')
    .default('Library Gateway')
    .describe('Name of the gateway as a platform. Default: Library Gateway.'),
  customerId: customerId
    .default('main')
    .describe('Id of the institution as a customer of these reports. Default: main.'),
  institutionIds: z
    .strictObject({
      isil: textThat((text) => /^[A-Z]{2}-.{1,11}$/.test(text), 'an ISIL such as KG-UBX')
        .optional()
        .describe('ISIL of the library. Default: none.'),
      isni: textThat((text) => /^\d{4} ?\d{4} ?\d{4} ?\d{3}[\dX]$/.test(text), 'an ISNI')
        .optional()
        .describe('ISNI of the institution. Default: none.'),
      oclc: textThat((text) => /^\d{1,20}$/.test(text), 'a WorldCat registry number')
        .optional()
        .describe('WorldCat registry number. Default: none.'),
      ror: textThat((text) => /^0[a-z0-9]{6}\d{2}$/.test(text), 'a ROR id such as 02mhbdp94')
        .optional()
        .describe('ROR id of the institution. Default: none.'),
    })
    .prefault({})
    .describe('Ids by which others know the institution.'),
  requestors: z
    .array(requestor)
    .max(100)
    .default([])
    .describe('Who may fetch reports by the COUNTER API (SUSHI). Default: nobody.'),
})

/**
 * Fields that several sections of `gateway.yaml` have.
 * @module
 */
import { z } from 'zod'

import { shortText, textThat } from '../core/expectations.ts'
import { isRange, rangeWords } from '../core/ranges.ts'

/** A file or folder. */
export const path = shortText(4096)

/** Addresses, blocks and pairs. */
export const ranges = z.array(textThat(isRange, rangeWords)).max(1000)

/** Names of groups, persons, claims and the like. */
export const names = z.array(shortText(200)).max(100)

/**
 * Networks and resources of a library of any size, for what measures the cost of deciding.
 * @module
 */
import type { NetworkConfig } from '../../src/config/config.ts'
import type { Resource } from '../../src/core/resource.ts'
import { resourceWith } from '../policy/fixtures.ts'

/** Networks of a thousand ranges each, direct and to sign in by turns. */
export function libraryNetworks(ranges: number): NetworkConfig[] {
  return Array.from({ length: Math.ceil(ranges / 1000) }, (_, network) => ({
    name: `n${network}`,
    channel: 'onsite',
    treatment: 'authenticate',
    category: 'walk-in',
    ranges: Array.from({ length: Math.min(ranges, 1000) }, (_each, index) => {
      const at = network * 1000 + index
      if (ranges === 1) return '10.0.0.0/8'
      return `10.${at >> 8}.${at & 255}.0/${at % 2 === 0 ? 24 : 25}`
    }),
  }))
}

/** Resources of which a third have lists of addresses of their own. */
export function libraryResources(number: number): Resource[] {
  return Array.from({ length: number }, (_, index) => ({
    ...resourceWith({
      categories: ['student', 'faculty'],
      groups: [`g${index}`],
      units: ['Law', `unit ${index}`],
      fromOn: '2026-01-01',
      untilOn: '2027-12-31',
    }),
    id: `r${index}`,
    ...(index % 3 === 1 && {
      addresses: [
        {
          networks: ['n0'],
          ranges: ['10.0.9.0/24'],
          treatment: 'auto-login' as const,
          category: 'walk-in' as const,
        },
      ],
    }),
  }))
}

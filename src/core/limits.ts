/**
 * Every bound of the gateway that is not a setting, with its unit and its reason. A section belongs
 * to the folder it is named by; the long ones stand in files of their own.
 * @module
 */
import { consoleLimits } from './limits/console.ts'
import { controlLimits } from './limits/control.ts'
import { exchangeLimits } from './limits/exchange.ts'
import { identityLimits } from './limits/identity.ts'
import { linkLimits, linkReportLimits } from './limits/links.ts'
import { listenerLimits } from './limits/listener.ts'
import { policyLimits } from './limits/policy.ts'
import { portalLimits } from './limits/portal.ts'
import { counterLimits, reportLimits, sushiLimits } from './limits/reports.ts'
import { rewritingLimits } from './limits/rewriting.ts'
import { storeLimits } from './limits/store.ts'
import { KiB, MiB } from './limits/units.ts'
import { usageLimits } from './limits/usage.ts'

/** Bounds by folder. */
export const limits = {
  core: {
    /** A configuration or rule file: the longest real rule names 2000 hosts in about 80 KiB. */
    documentBytes: 512 * KiB,
    /** Levels of lists and maps within one; the schemas need six. */
    documentDepth: 16,
    /** Addresses remembered as read; IPv6 in its longest form has 45 characters. */
    addresses: { entries: 1000, chars: 45 },
    /** A longer text is no DOI, ISSN or ISBN; the longest DOI in use has about 200 characters. */
    identifierChars: 300,
    /** A longer path or query fits no pattern of `usage`; those of items are far shorter. */
    useAddressChars: 2 * KiB,
    /** An item's id longer than this is no id of an item. */
    useIdChars: 200,
    /** Patterns of a rule are tried on this much of a text at once; a stream waits until it is there. */
    patternWindowChars: 16 * KiB,
    /** Longest match of a pattern that is always found; scripts' statements are far shorter. */
    patternAheadChars: 4 * KiB,
    /** Stretches of a text that a rule keeps and that are not scanned yet; those beyond are mapped. */
    keptStretches: 50_000,
    /** By so much the rules may make a text longer: a letter found a million times is no page. */
    grownChars: 16 * MiB,
  },
  config: {
    /** A secret's file: long enough for a key in PEM. */
    secretBytes: 16 * KiB,
    /** Overlaps of networks told one by one; the rest as a number. */
    networkFindings: 100,
  },
  resources: {
    /** Rule files in a set: twice the longest published collection of stanzas. */
    files: 2000,
    /** Folders within the rules folder. */
    folderDepth: 4,
    /** Instructions of one compiled pattern: its cost for each character is of this order. */
    patternSteps: 1000,
  },
  identity: identityLimits,
  listener: listenerLimits,
  hosts: {
    /** Hosts found under domain rules that are remembered; a large library meets some thousands. */
    domainHosts: 10_000,
    /** A starting point longer than this is refused; browsers and proxies stop at about the same. */
    startUrlChars: 8 * KiB,
    /** Links through the gateway to links through the gateway: copied twice is seen, thrice is not. */
    unwrapLevels: 2,
  },
  exchange: exchangeLimits,
  rewriting: rewritingLimits,
  metrics: {
    /** A session without an exchange for this long no longer counts as active. */
    sessionActiveMs: 5 * 60_000,
    /** Sessions followed at once. */
    sessions: 100_000,
  },
  control: controlLimits,
  store: storeLimits,
  policy: policyLimits,
  portal: portalLimits,
  console: consoleLimits,
  usage: usageLimits,
  reports: reportLimits,
  sushi: sushiLimits,
  counter: counterLimits,
  links: linkLimits,
  linkReports: linkReportLimits,
  jobs: {
    /** How soon a job begins after the time that it is due. */
    lookMs: 20_000,
    /** A job whose process died is begun again after this long. */
    leaseMs: 60_000,
    /** A job that failed is tried again after this long. */
    retryMs: 10 * 60_000,
    /** Longer than the longest schedule, a year: when a job was done last. */
    rememberedMs: 400 * 86_400_000,
  },
  workers: {
    /** Worker processes of one `serve`: more cores than any library's machine has. */
    count: 64,
    /** A worker that does not answer for this long is told of as it was when it last did. */
    answerMs: 2000,
    /** A worker that was told to stop lets exchanges end (`listener.drainMs`), then is killed. */
    stopMs: 30_000,
    /** Pause before a worker that ended is replaced; doubled each time that it ends soon again. */
    restartMs: 500,
    restartMaxMs: 30_000,
    /** A worker that served for this long has not ended soon. */
    settledMs: 60_000,
  },
} as const

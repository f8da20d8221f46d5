/**
 * Every bound of the gateway that is not a setting, with its unit and its reason. A section belongs
 * to the folder it is named by.
 * @module
 */

import { linkLimits, linkReportLimits } from './link-limits.ts'
import { counterLimits, reportLimits, sushiLimits } from './report-limits.ts'

const KiB = 1024
const MiB = 1024 * KiB

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
  identity: {
    /** A redirect from portal to proxied host takes a second or two; ten times that is generous. */
    ticketMs: 30_000,
    /** Typing a password, a second factor and a forgotten-password detour. */
    signInMs: 15 * 60_000,
    /** A browser remembers for a year which provider was chosen in it. */
    choiceMs: 365 * 24 * 60 * 60_000,
    /** A return URL longer than this is dropped; browsers and proxies stop at about the same. */
    returnUrlChars: 8 * KiB,
    /** Claims beyond these are ignored: a token is at most some kilobytes. */
    claimValues: 500,
    claimChars: 512,
    /** Groups kept with a session, parents included, and their length; Entra sends at most 200. */
    groups: 500,
    groupChars: 16 * KiB,
    /** Of the values that a sign-in's table of meanings lacks, so many are listed for staff. */
    unmatchedValues: 20,
    /** What is gathered of them: for each provider and day, in characters, in days, and how soon. */
    unmatched: { values: 200, chars: 200, days: 30, flushMs: 2000 },
    /** Levels of a group's path. */
    groupDepth: 16,
    /** A session is renewed at most this often: reading costs no write. */
    renewMs: 60_000,
    /** A session seen this short a time ago is believed while the store is away. */
    graceMs: 60_000,
    /** A session that the store told of is believed for so long without asking again. */
    trustMs: 1000,
    /** Sessions that a process remembers as read; about 2 KiB each, with an ID token 4 KiB. */
    sessionsKnown: 10_000,
    /** Cookies whose key in the store is remembered; a value has 43 characters. */
    tokensKnown: { entries: 10_000, chars: 43 },
    /** Browsers of one person at a time; the oldest session ends when one more signs in. */
    sessionsPerPatron: 30,
    /** Proxied hosts whose storage is cleared at sign-out; more would stall the browser. */
    visitedHosts: 40,
    /** Of these are redirected to in a row: browsers give up after 20 redirects. */
    redirectsInRow: 10,
    /** Cookies taken back on each: three lines make 15 KiB, which servers in front must pass on. */
    expiredCookies: 50,
    /** The list of hosts waits this long for the reader to come back from the provider. */
    farewellMs: 15 * 60_000,
    /** A form of the portal, or a logout token: both are a few kilobytes. */
    formBytes: 64 * KiB,
    /** One question to the identity provider. */
    providerMs: 10_000,
    /** First and longest pause between attempts to reach the provider, doubled in between. */
    providerRetryMs: 500,
    providerRetryMaxMs: 30_000,
    /** Metadata of a provider that answers is read again this often. */
    providerRefreshMs: 5 * 60_000,
    /** A logout token is refused after this; the provider sends it at once (OWASP ASVS 10.5.5). */
    logoutTokenMs: 2 * 60_000,
    /** The clocks of provider and gateway may differ by this. */
    clockToleranceMs: 30_000,
    /** A longer ID token is not sent as a hint: URLs of more than 8 KiB are cut on the way. */
    idTokenHintChars: 6 * KiB,
    /** Path segments at which a duplicated cookie is cleared: 7 paths make 2 KiB of headers. */
    clearedPathSegments: 3,
  },
  listener: {
    /** All header lines of a request; above it Node answers 431. Big enough for real cookie jars. */
    headerBytes: 64 * KiB,
    /** Slow-header and slow-body attackers are cut off; a reader on a bad line is not. */
    headersMs: 30_000,
    requestMs: 5 * 60_000,
    /** An HTTP/2 connection on which nothing moved for this long takes no new stream. */
    http2IdleMs: 75_000,
    /** Streams of one HTTP/2 connection; browsers open about a hundred. */
    http2Streams: 128,
    /** Memory that one HTTP/2 connection may hold, in MiB: a flood of headers ends the connection. */
    http2SessionMiB: 10,
    /** Requests being answered at once; the next one gets 503 with Retry-After. */
    requestsInFlight: 4096,
    /** Of these for one client: a campus behind one address needs some hundred. */
    requestsPerClient: 1024,
    /** What a request waits for a place before it is told to come back, in seconds. */
    retryAfterSeconds: 5,
    /** On SIGTERM exchanges in flight get this long; orchestrators kill after 30 s by default. */
    drainMs: 20_000,
    /** A client has this long to close its half of a connection that has nothing more to say. */
    lingerMs: 1000,
    /** Socket addresses remembered as proxies or not. */
    peers: { entries: 1000, chars: 45 },
  },
  hosts: {
    /** Hosts found under domain rules that are remembered; a large library meets some thousands. */
    domainHosts: 10_000,
    /** A starting point longer than this is refused; browsers and proxies stop at about the same. */
    startUrlChars: 8 * KiB,
    /** Links through the gateway to links through the gateway: copied twice is seen, thrice is not. */
    unwrapLevels: 2,
  },
  exchange: {
    /** Content-Encoding chains: undici's own limit after CVE-2026-22036. */
    codings: 5,
    /** A response header block; publishers with many Set-Cookie lines reach 20 KiB. */
    headerBytes: 64 * KiB,
    /** 1xx answers before the final one: a publisher has one or two sets of early hints. */
    interimAnswers: 10,
    /** A reader holds this part of the connections to one host at most: three heavy ones leave room. */
    readerShare: 1 / 4,
    /** But not fewer than a browser opens to one host by itself. */
    readerConnections: 6,
    /** Requests that wait for a connection to one host; a page of a publisher asks for 50 to 150. */
    queuedPerHost: 1000,
    /** Of these of one reader. */
    queuedPerReader: 250,
    /** A reader waits this long for a free connection, then is told that the gateway is busy. */
    queueMs: 30_000,
    /** A reader who takes nothing of an answer for so long has gone; browsers resume by ranges. */
    stalledMs: 5 * 60_000,
    /** So much of an answer is taken in ahead of its reader, so that the publisher is done sooner. */
    readAheadBytes: 1 * MiB,
    /** Of all answers together; beyond it a slow reader slows the publisher down. */
    readAheadBytesHeld: 64 * MiB,
    /** Hosts with open connections at once. */
    origins: 10_000,
    /** Addresses of a host that are tried one after the other, and the time for all but the last. */
    addresses: 4,
    attemptMs: 3000,
    /** Open WebSockets, each two sockets; far below the usual limit of open files. */
    webSockets: 5000,
    /** Of these for one session: a page has one or two, a reader some tabs. */
    webSocketsPerSession: 100,
    /** Silence after which a WebSocket is closed; applications send pings about once a minute. */
    webSocketIdleMs: 10 * 60_000,
    /** Whether a session and its seat still stand is asked this often while a WebSocket is open. */
    webSocketCheckMs: 60_000,
  },
  rewriting: {
    /** An inflated body that is rewritten may be this long; then the exchange is aborted. */
    inflatedBytes: 64 * MiB,
    /** A coded body up to this is rewritten in one pass if it comes soon; a longer one streams. */
    wholeBytes: 1 * MiB,
    /** What such a body may inflate to; prose deflates to a quarter, a bomb streams to its bound. */
    wholePlainBytes: 4 * MiB,
    /** A publisher that pauses for so long streams: its reader sees the beginning meanwhile. */
    wholeMs: 100,
    /** So many times as long at most, however steadily it comes. */
    wholeLooks: 10,
    /** What came before a break has this long to reach the reader. */
    breakMs: 50,
    /** Coded bodies held at once while they are collected or wait; beyond it they stream. */
    wholeBytesHeld: 64 * MiB,
    /** Bodies up to this, coded and inflated, are done at once: a millisecond; others by threads. */
    inlineBytes: 64 * KiB,
    inlinePlainBytes: 256 * KiB,
    /** Threads that rewrite bodies: each does some sixty megabytes a second. */
    bodyThreads: 4,
    /** How far they yield to the thread that serves everybody, as nice(1) counts. */
    threadNiceness: 10,
    /** A thread that has said nothing for so long will not come to an end: bodies take milliseconds. */
    threadMs: 20_000,
    /** Rulebooks that a thread has a host map of: the one in force and the one before. */
    threadRules: 2,
    /** Pieces of a body that was collected and streams after all: as sockets give them. */
    pieceBytes: 16 * KiB,
    /** Scanned in one window: what is soon forgotten costs the garbage collector little. */
    sliceBytes: 64 * KiB,
    /** Bodies remembered as clean, and the longest key of one; together some megabytes. */
    verdicts: 10_000,
    verdictChars: 1024,
    /** A tag longer than this goes out as it is; images within attributes stay far below. */
    tagChars: 256 * KiB,
    /** Tags of a page's citation that are looked at: a paper of a large experiment has 3000 authors. */
    citationTags: 5000,
    /** What is read of one tag, and kept of a name: longer titles are abstracts by mistake. */
    citationSourceChars: 2 * KiB,
    citationChars: 300,
    citationUrlChars: 500,
    /** Scripts of linked data that are read, and the longest; the full text in one would be longer. */
    citationScripts: 4,
    citationScriptChars: 32 * KiB,
    /** A form or JSON body whose proxied hosts are mapped back; longer ones pass as they are. */
    requestBodyBytes: 1 * MiB,
    /** Header fields of the first part of an answer with several ranges: some lines. */
    partHeadBytes: 4 * KiB,
    /** Cookies of a host that a publisher's Clear-Site-Data ends in one answer. */
    endedCookies: 50,
    /** Cookies that scripts tell of at once, and their length together. */
    scriptCookies: 60,
    scriptCookieBytes: 64 * KiB,
    /** Publisher cookies of one session, and of one registrable domain in it: as browsers do. */
    jarCookies: 300,
    jarCookiesPerDomain: 60,
    /** Name and value of one cookie together (RFC 6265bis section 5.7 step 5). */
    cookieBytes: 4 * KiB,
    /** Pages always get the jar as the store has it; scripts and pictures get one this young. */
    jarCacheMs: 2000,
    /** All cookies of one jar; its oldest go first. */
    jarBytes: 128 * KiB,
    /** Of these for one registrable domain: no server takes a Cookie header as long. */
    jarBytesPerDomain: 32 * KiB,
    /** Names of request headers whose treatment is remembered; browsers and scripts use some dozens. */
    headerNames: { entries: 1000, chars: 100 },
    /** Of a header whose values are few, such as Accept, what its value says. */
    headerValues: { entries: 500, chars: 300 },
    /** Names of cookies that are known to be the gateway's own or not. */
    cookieNames: { entries: 2000, chars: 100 },
    /** Pairs of host and cookie domain whose relation is remembered, and hosts with their site. */
    hostPairs: { entries: 5000, chars: 300 },
    siteHosts: { entries: 5000, chars: 255 },
    /** Jars remembered by one process. */
    jarCacheSessions: 2000,
  },
  metrics: {
    /** A session without an exchange for this long no longer counts as active. */
    sessionActiveMs: 5 * 60_000,
    /** Sessions followed at once. */
    sessions: 100_000,
  },
  control: {
    /** Whether staff put something else into force is asked this often, beside being told. */
    pollMs: 400,
    /** All texts of one rule set: the longest published collection of stanzas has about 1 MiB. */
    setBytes: 8 * MiB,
    /** Rule sets that can be gone back to; the log tells of all. */
    setsKept: 20,
    /** Overrides at once; a library that needs more writes rules. */
    overrides: 1000,
    /** The longest override, in days: what lasts longer is a rule. */
    overrideDays: 366,
    /** A reason, and what readers are told. */
    reasonChars: 500,
    /** A name of staff, or of what an override is about. */
    nameChars: 200,
    /** Lines on what a rule set changes that are kept with it; the rest is counted. */
    changeLines: 200,
    /** Entries of the log in one read. */
    rowsPerRead: 500,
    /** One entry of the log. */
    rowBytes: 64 * KiB,
    /** Tries to append while others do. */
    commitTries: 50,
  },
  store: {
    /** A healthy store answers within milliseconds; a reader does not wait longer for a sick one. */
    commandMs: 1000,
    /** A connection that owes an answer for this long is dead and is made anew. */
    silentSocketMs: 3000,
    /** Longest pause between attempts to reconnect: recovery is noticed within seconds. */
    reconnectMs: 2000,
    /** Another process (a report) may hold the file's write lock; the whole process waits so long. */
    lockMs: 500,
    /** Expired rows removed at once: about a millisecond. */
    sweepRows: 500,
    sweepEveryMs: 10_000,
    /** Events in one page of a read: some megabytes. */
    eventsPerRead: 10_000,
    /** Events in one script: Redis serves nobody else meanwhile. */
    eventsPerScript: 500,
    /** Hours of events that are asked for at once: Redis counts each anew. */
    hoursPerScript: 1000,
    /** Events forgotten at once: some milliseconds, in which nobody else is served. */
    forgottenAtOnce: 2000,
    /** Ends of seats from which a pool's pace is told, and how old they may be; fewer tell nothing. */
    seatEnds: 20,
    seatEndsLeast: 3,
    seatEndsMs: 2 * 60 * 60_000,
    /** A process hears in its channel so often that it hears; after so many misses it is deaf. */
    seatBeatMs: 2000,
    seatBeatsMissed: 3,
    /** That another process (the command line) has written to the file is noticed after this long. */
    otherWriterMs: 1000,
  },
  policy: {
    /** Staff are told of a licence that ends within so many days, or of its contract's own. */
    soonDays: 60,
    /** Client addresses whose network is remembered, under one set of rules. */
    places: { entries: 5000, chars: 45 },
    /** The same for each resource that has a list of its own. */
    placesPerResource: { entries: 500, chars: 45 },
    /** Seats whose last renewal a process remembers; a forgotten one is renewed a little early. */
    rememberedSeats: 20_000,
    /** A seat is believed held for so long while nobody could tell that another process has freed it. */
    seatTrustMs: 30_000,
    /** A seat whose last page the reader has closed is free after this long, unless a rule says else. */
    seatGraceMs: 60_000,
    /** A PDF comes in place of a page, which says within so long that it has gone; so many at a time. */
    arrivals: { afterMs: 3000, most: 5000 },
    /** A seat held while the store is away is asked for again after this long, not at each exchange. */
    seatRetryMs: 5000,
    /** Readers and resources whose fair use a process remembers; a forgotten one is asked for. */
    fairUseTallies: 20_000,
    /** Texts read by ranges that are remembered of one reader; a forgotten one is asked for. */
    fairUseParts: 200,
    /** What other processes count is noticed after this long. */
    fairUseTrustMs: 30_000,
    /** Bytes that are not of full texts go to the store in pieces of this size. */
    gatheredBytes: 5 * MiB,
    /** A download without a type is taken for a full text from this size on; icons are smaller. */
    downloadBytes: 256 * KiB,
    /** Who waits for a seat, by what is usual; see `QueueTerms` of the store. */
    queue: {
      /** To come back to the window and go on; longer, and the next one waits for nothing. */
      holdMs: 60_000,
      /** Three refreshes of a page without script may be lost. */
      seenMs: 45_000,
      /** With seats that change every few minutes the last of them would wait for a day. */
      waiters: 500,
    },
  },
  portal: {
    /** A search in the list of databases; longer than any title. */
    searchChars: 200,
    /** How old a "seats in use" of the list may be: the gateway decides anew at entry. */
    seatUseMs: 10_000,
    /** The choice of a language is remembered for a year, in seconds. */
    languageSeconds: 365 * 24 * 60 * 60,
    /** Accept-Language headers whose meaning is remembered; browsers have some dozen. */
    languageHeaders: { entries: 1000, chars: 200 },
    /** A path that the language switch goes back to; a longer one leads to the first page. */
    pathChars: 8 * KiB,
    /** Without script the waiting room asks again so often; a few may be lost, see `queue.seenMs`. */
    waitRefreshSeconds: 10,
    /** With script the store is asked so often for each window that waits. */
    waitTickMs: 2000,
    /** A sign of life, so that nothing on the way closes the connection, or is taken for an end. */
    waitBeatMs: 10_000,
    /** After that the browser connects again, which renews its session. */
    waitStreamMs: 5 * 60_000,
    /** Windows that wait in one process, and of them of one reader. */
    waitStreams: 1000,
    waitStreamsPerReader: 5,
    /** A longer wait is not told: nobody knows what the readers of that time will do. */
    waitEstimateMinutes: 120,
    /** Databases looked at as an alternative, and shown. */
    othersLooked: 20,
    othersShown: 3,
    /** A field of the form that tells of a problem; what is longer than it may be is shown again. */
    formChars: 2000,
    /** Of a link that leads nowhere, this much is shown. */
    shownUrlChars: 2 * KiB,
  },
  console: {
    /** A field of a form: as long as a link of a publisher. */
    fieldChars: 2000,
    /** Categories and groups of one question. */
    values: 50,
    /** Databases suggested to whoever asks about one; others are typed. */
    suggestions: 500,
    /** Days to act on that the start page shows. */
    deadlines: 50,
    /** Pools that are asked for their seats, shown in the list, and shown on the start page. */
    poolsAsked: 2000,
    /** Of these, asked at the same time. */
    poolsAtOnce: 50,
    pools: 200,
    poolsOnStart: 5,
    /** Databases that a shared pool names. */
    titlesPerPool: 10,
    /** Holders of one pool that are shown. */
    holders: 200,
    /** Overrides that are shown, the latest first; the command line lists all. */
    overrides: 200,
    /** Databases whose links are shown, the worst first, and readers' reports, the oldest first. */
    links: 200,
    linkReports: 100,
    /** Values without a meaning that are shown. */
    unmatched: 200,
  },
  usage: {
    /** Events that wait on disk for the store: about half a million; beyond it memory, then loss. */
    spoolBytes: 256 * MiB,
    /** Events on disk that are in memory as well, so that they are not read back: some megabytes. */
    spoolMemoryEvents: 5000,
    /** Events that wait in memory when the disk cannot be written. */
    waitingEvents: 10_000,
    /** How long an event may be in memory alone: the most that a killed process loses. */
    writeMs: 50,
    /** How long an event waits before it is moved to the store: each move costs as much as fifty events. */
    flushMs: 1000,
    /** The longest pause between tries while the store is away. */
    flushBackOffMs: 10_000,
    /** Of longer paths and browser names the beginning is kept. */
    pathChars: 1024,
    userAgentChars: 256,
    /** Addresses whose work is remembered, and the longest: some megabytes. */
    works: { entries: 5000, chars: 1024 },
    /** A query in the access log. */
    queryChars: 4096,
    /** How long a line of the access log may be in memory. */
    accessLogWriteMs: 1000,
    /** Lines that wait while the disk is slow; those beyond are lost and counted. */
    accessLogLines: 20_000,
    /** The file of one process and day: some ten million lines. */
    accessLogDayBytes: 4096 * MiB,
    /** Whether a day is over is looked at this often. */
    accessLogLookMs: 60_000,
    /** The file of a day is made so long after its midnight: every process has written by then. */
    accessLogSettledMs: 10 * 60_000,
    /** Pseudonyms of sessions and persons that a process remembers; about 300 bytes each. */
    pseudonyms: 5000,
    /** What is erased is looked for again so often, for what readers did meanwhile. */
    eraseRounds: 5,
    /** Pseudonyms that are remembered as erased, 40 bytes each; of more the oldest are forgotten. */
    erasedMarks: 20_000,
    /** Clocks of gateways differ: so much later an event may say that it was, and is erased as well. */
    erasedSlackMs: 60_000,
    /** Events in one write to the spool or the store. */
    batchEvents: 500,
    /** A second click within this counts with the first. Source: COUNTER 5.1, section 7.2. */
    doubleClickMs: 30_000,
    /** A reader who comes back after so long opens the resource anew: what web statistics call a visit. */
    visitPauseMs: 30 * 60_000,
    /** Items of a day or month that are told one by one, the most used. */
    items: 5000,
    /** After counting today the pause is so many times as long: a fiftieth of one processor. */
    countingShare: 50,
    /** Events that are counted before readers are served again: a few milliseconds. */
    countedAtOnce: 500,
    /** Counting and reading figures hold up readers for so long at a time. */
    turnMs: 5,
    /** Rows of figures in a line: a millisecond's work or two. */
    rowsAtOnce: 1000,
    /** Numbers of a list of readers that are written at once: a millisecond or two. */
    cellsAtOnce: 20_000,
  },
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

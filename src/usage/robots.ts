/**
 * Programs whose use is not counted. Source: COUNTER 5.1, section 7.8 (robots, of any user agent) and
 * 7.9 (tools that fetch without a reader's click); COUNTER's list takes no user agent for a robot.
 * @module
 */
import { isbot } from 'isbot'

/** Reference managers and mirrors that name themselves beside a browser's words. */
const tools = /\b(?:zotero|mendeley|endnote|jabref|citavi|lockss|httrack|sitesucker)\b/i

/** Phones of a brand whose name would pass for a robot's. */
const phones = /\bcubot[ _-]?\w*/gi

/** Whether a user agent is a program's, not a reader's browser. */
export function isRobot(userAgent: string): boolean {
  const plain = userAgent.replace(phones, 'phone')
  return plain.trim() === '' || isbot(plain) || tools.test(plain)
}

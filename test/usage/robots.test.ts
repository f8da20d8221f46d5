import test from 'ava'

import { isRobot } from '../../src/usage/robots.ts'
import { browser } from './events.ts'

const webKit = 'AppleWebKit/537.36 (KHTML, like Gecko)'

for (const userAgent of [
  '',
  '  ',
  `Mozilla/5.0 (X11; Linux x86_64) ${webKit} HeadlessChrome/140.0 Safari/537.36`,
  'curl/8.1.2',
  'Wget/1.21',
  'python-requests/2.32',
  'axios/1.7',
  'okhttp/4.12',
  'node',
  'undici',
  'Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)',
  'Mozilla/5.0 (compatible; GPTBot/1.2)',
  'ClaudeBot/1.0',
  'LOCKSS cache',
  'Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/115.0 Zotero/7.0',
  'CUBOT crawler/1.0',
]) {
  test(`not counted: ${JSON.stringify(userAgent)}`, (t) => {
    t.true(isRobot(userAgent))
  })
}

for (const userAgent of [
  browser,
  `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webKit} Chrome/140.0 YaBrowser/25.8 Safari/537.36`,
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15',
  `Mozilla/5.0 (Linux; Android 9; CUBOT_X19) ${webKit} Chrome/138.0 Mobile Safari/537.36`,
  `Mozilla/5.0 (Linux; Android 12; CUBOT NOTE 20 PRO) ${webKit} Chrome/138.0 Mobile Safari/537.36`,
]) {
  test(`counted: ${userAgent}`, (t) => {
    t.false(isRobot(userAgent))
  })
}
